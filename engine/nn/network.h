/// A network: a sequence of layers with weights.
#pragma once

#include <string>
#include <vector>

#include "engine/nn/layers.h"

namespace convlens {

struct Layer {
    std::string name;  ///< Name of the layer, unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    Operation operation;
    friend bool operator==(const Layer&, const Layer&) = default;
};

/// Layers that run one after the other; each takes the output of the previous one.
struct Network {
    std::vector<Layer> layers;
    friend bool operator==(const Network&, const Network&) = default;
};

/// Returns the shape of the layer's output. Fails with a message that names the layer and the value if the layer can't
/// run on `input`.
Expected<Shape> output_shape(const Layer& layer, const Shape& input);

}  // namespace convlens
