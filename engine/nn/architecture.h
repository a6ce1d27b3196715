/// Network architectures: the layers and the expected input, without weights.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/nn/normalize.h"

namespace convlens {

struct LayerSpec {
    std::string name;  ///< Name of the layer, unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    OperationSpec operation;
    friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

/// A network without weights, and the input that it expects.
struct Architecture {
    std::string name;                 ///< Name for display: "LargeNet".
    std::optional<Size2> input_size;  ///< Images are resized to this size; nullopt means that the network takes images
                                      ///< of any size.
    Normalize normalize = Normalize::none;  ///< Normalization of the input pixels, which are in [0,1].
    std::vector<LayerSpec> layers;          ///< The layers; at least one.
    friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// The network of the assignment notebook (the notebook with the exercises that Convlens follows), for 3x32x32 images
/// of two classes: conv1 5@5x5, relu1, pool1 2, conv2 10@5x5, relu2, pool2 2, fc1 32, relu3, fc2 1. Its output is the
/// logit of the second class. Pixels are normalized to [-1, 1].
Architecture largenet();

/// torchvision.models.alexnet: "features.0" to "features.12", "avgpool", "classifier.0" to "classifier.6", 1000 classes
/// (https://github.com/pytorch/vision/blob/main/torchvision/models/alexnet.py; A. Krizhevsky, One weird trick for
/// parallelizing convolutional neural networks, 2014). Accepts images of 63x63 and larger.
Architecture alexnet();

/// Returns the index of the layer that `text` specifies: the layer with that name; if there is none, the layer with
/// that index; if `text` is empty, the last layer. Fails with a list of the existing names.
Expected<int> find_layer(const std::vector<LayerSpec>& layers, std::string_view text);

/// Returns the shape of the layer's output. Fails with a message that names the layer and the value if the layer can't
/// run on `input`.
Expected<Shape> output_shape(const LayerSpec& layer, const Shape& input);

}  // namespace convlens
