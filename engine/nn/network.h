/// A network: layers with weights, each of which reads layers before it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/nn/layers.h"

namespace convlens {

/// A named layer with weights.
struct Layer {
    std::string name;  ///< Name of the layer, unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    Operation operation;  ///< Type, hyper-parameters and weights.
    /// The layers that it reads, as in LayerSpec::inputs.
    std::vector<int> inputs{};
    friend bool operator==(const Layer&, const Layer&) = default;
};

/// Layers that run one after the other. The input of each layer is the output of the previous one, unless
/// Layer::inputs names others.
struct Network {
    std::vector<Layer> layers;
    friend bool operator==(const Network&, const Network&) = default;
};

/// Returns the shape of the layer's output for an input of shape `input`. If the layer can't run on that input, fails
/// with a message that names the layer and the value that does not fit.
Expected<Shape> output_shape(const Layer& layer, const Shape& input);

/// Like output_shape() above, for a layer whose inputs have the shapes `inputs`, one or more.
Expected<Shape> output_shape(const Layer& layer, std::span<const Shape> inputs);

}  // namespace convlens
