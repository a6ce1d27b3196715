/// Networks without their weights: which layers, and what goes through them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/nn/normalize.h"

namespace convlens {

struct LayerSpec {
    std::string name;  ///< Unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    OperationSpec operation;
    friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

/// A network without weights, and the input that it is meant for.
struct Architecture {
    std::string name;                       ///< For people: "LargeNet".
    std::optional<Size2> input_size;        ///< Pictures are resized to this; unset: the network takes any size.
    Normalize normalize = Normalize::none;  ///< What is done to pixels in [0,1] first.
    std::vector<LayerSpec> layers;          ///< At least one.
    friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// The notebook's network for 3x32x32 pictures of two classes: conv1 5@5x5, relu1, pool1 2, conv2 10@5x5, relu2, pool2
/// 2, fc1 32, relu3, fc2 1; the logit of the second class comes out. Pixels are normalized to [-1, 1].
Architecture largenet();

/// torchvision.models.alexnet: "features.0" to "features.12", "avgpool", "classifier.0" to "classifier.6", 1000 classes
/// (https://github.com/pytorch/vision/blob/main/torchvision/models/alexnet.py; A. Krizhevsky, One weird trick for
/// parallelizing convolutional neural networks, 2014). Takes pictures of 63x63 and more.
Architecture alexnet();

/// The layer that `text` means: the one of that name, else the one at that index, else, for "", the last.
/// Fails with the names that are there.
Expected<int> find_layer(const std::vector<LayerSpec>& layers, std::string_view text);

/// The shape of the layer's output; fails when it can't run on `input`, in a sentence that names layer and value.
Expected<Shape> output_shape(const LayerSpec& layer, const Shape& input);

}  // namespace convlens
