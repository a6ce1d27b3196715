/// A chain of layers.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/nn/conv2d.h"

namespace convlens {

/// What a layer computes.
using Operation = std::variant<Conv2d>;

struct Layer {
    std::string name;  ///< Unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    Operation operation;
    friend bool operator==(const Layer&, const Layer&) = default;
};

/// Layers run one after the other; each takes the output of the one before it.
struct Network {
    std::vector<Layer> layers;
    friend bool operator==(const Network&, const Network&) = default;
};

/// The shape of the layer's output; fails when it can't run on `input`, in a sentence that names the value.
Expected<Shape> output_shape(const Layer& layer, const Shape& input);

/// Multiply-accumulates of the layer's forward pass when its output has shape `output`.
std::size_t multiply_accumulates(const Layer& layer, const Shape& output);

}  // namespace convlens
