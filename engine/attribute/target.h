/// The output that is explained: one channel, or one class, of the last layer of a network.
#pragma once

#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"

namespace convlens {

/// A network whose output is explained: the mean of channel `channel` over all positions. For a layer after a Flatten,
/// that is the value of one class.
struct Target {
    Network network;
    int channel = 0;
};

/// Returns the network without a ReLU, Sigmoid or Softmax at its end, and without the layers behind the one that it
/// reads. One that reads the network's input stays.
Network without_last_activations(Network network);

/// Returns the target for channel `channel` of the last layer of `network`. A ReLU, Sigmoid or Softmax at the end is
/// left out and its input is explained: a ReLU of a negative value has no gradient, and a Softmax falls when another
/// class rises. Only the channel's own weights are kept in a Conv2d without groups or a Linear at the end, so that
/// nothing else is computed. Fails if the channel does not exist for an input of shape `input`.
Expected<Target> make_target(Network network, int channel, const Shape& input);

/// Returns the network with new weights in the layers from `first` on, drawn as PyTorch initializes new layers
/// (initial_parameters() with the seed ~seed, so that they differ from those of a new network with the same seed);
/// running statistics become 0 and 1. The new weights of a layer depend on `seed` and the layer's name, not on `first`.
Network randomized(Network network, int first, std::uint32_t seed);

/// Returns the index of the last layer with learned weights; 0 if no layer has any.
int top_weights(const Network& network);

/// Returns the output that is explained for each batch item of `output`, the output of target.network.
std::vector<double> explained(const Target& target, const Tensor& output);

/// Returns the gradient of explained() by the network's output, of shape `output`.
Tensor explained_gradient(const Target& target, const Shape& output);

}  // namespace convlens
