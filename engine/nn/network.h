/// A chain of layers.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/layers.h"

namespace convlens {

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

/// The shape of the layer's output; fails when it can't run on `input`, in a sentence that names layer and value.
Expected<Shape> output_shape(const Layer& layer, const Shape& input);

}  // namespace convlens
