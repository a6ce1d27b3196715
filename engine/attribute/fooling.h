/// Small changes of an image that change the answer of a network.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"
#include "engine/nn/normalize.h"

namespace convlens {

struct Simd;

/// How an image is changed.
struct FoolingOptions {
    float epsilon = 4;          ///< Largest change of a color in gray levels: 255 from black to white.
    int steps = 1;              ///< 1: one step of size epsilon (FGSM). More: projected gradient descent (PGD).
    std::optional<int> wanted;  ///< The class to be answered; nullopt: any but the class of the original.
    friend bool operator==(const FoolingOptions&, const FoolingOptions&) = default;
};

/// An image that was changed, and what the network says.
struct Fooled {
    Tensor input;                       ///< The changed input (1, C, H, W), normalized like the original.
    std::vector<double> before, after;  ///< Probabilities of the classes for the original and the changed image.
};

/// Returns the probabilities of the classes that `output`, the network's output for one image, means: the softmax of
/// the means of its channels; for a single channel, the sigmoid of its mean is the probability of the second of two
/// classes. The network must have no activation at its end, see without_last_activations().
std::vector<double> probabilities(const Tensor& output);

/// Changes `input` (1, C, H, W), which was normalized by `normalize`, by at most options.epsilon gray levels per color
/// so that the loss grows. FGSM: x + epsilon sign(dL/dx) (Goodfellow et al. 2014, https://arxiv.org/abs/1412.6572).
/// PGD: steps of size 2.5 epsilon / steps, each followed by the nearest image within epsilon (Madry et al. 2017,
/// https://arxiv.org/abs/1706.06083), from the original. L is the cross entropy of the class of the original, or minus
/// that of options.wanted. Colors stay between black and white. Fails if a layer can't run, if options.wanted does not
/// exist, if the network says 1 of 1 class, or if canceled.
Expected<Fooled> fool(const Network& network, std::shared_ptr<const Tensor> input, Normalize normalize,
                      const FoolingOptions& options, const Simd& simd, const Cancel& cancel);

}  // namespace convlens
