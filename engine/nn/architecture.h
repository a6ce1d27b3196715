/// Network architectures: the layers and the expected input, without weights.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/layers.h"
#include "engine/nn/normalize.h"

namespace convlens {

/// A named layer without weights.
struct LayerSpec {
    std::string name;  ///< Name of the layer, unique in its network, as in PyTorch's state_dict: "conv1", "features.0".
    OperationSpec operation;  ///< Type and hyper-parameters.
    /// The layers whose outputs it reads, by their index: layers before it, or network_input (-1, engine/nn/graph.h)
    /// for the network's input. Empty for a layer that reads the layer before it, or the network's input if it is the
    /// first.
    std::vector<int> inputs{};
    friend bool operator==(const LayerSpec&, const LayerSpec&) = default;
};

/// A network without weights, and the input that it expects.
struct Architecture {
    std::string name;                 ///< Name for display: "LargeNet".
    std::optional<Size2> input_size;  ///< Images are resized to this size; nullopt means that images are not resized.
    Normalize normalize = Normalize::none;  ///< How the pixels, which are in [0,1], are normalized before the network.
    std::vector<LayerSpec> layers;          ///< The layers in the order in which they run; at least one.
    friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// Returns the network of the assignment notebook (the notebook with the exercises that Convlens follows), for 3x32x32
/// images of two classes: conv1 with 5 kernels of 5x5, relu1, pool1 of 2x2, conv2 with 10 kernels of 5x5, relu2, pool2
/// of 2x2, fc1 with 32 outputs, relu3, fc2 with one output, the logit of the second class. Pixels are normalized to
/// [-1, 1].
Architecture largenet();

/// Returns torchvision.models.alexnet for 1000 classes, with the layers "features.0" to "features.12", "avgpool" and
/// "classifier.0" to "classifier.6". It accepts images of 63x63 and larger. Sources:
/// https://github.com/pytorch/vision/blob/main/torchvision/models/alexnet.py; A. Krizhevsky, One weird trick for
/// parallelizing convolutional neural networks, 2014.
Architecture alexnet();

/// Returns the index of the layer that `text` specifies: the layer with that name or, if there is none, the layer with
/// that index (from 0). Empty text specifies the last layer. If there is no such layer, fails with a message that lists
/// the names.
Expected<int> find_layer(const std::vector<LayerSpec>& layers, std::string_view text);

/// Returns the shape of the layer's output for an input of shape `input`. If the layer can't run on that input, fails
/// with a message that names the layer and the value that does not fit.
Expected<Shape> output_shape(const LayerSpec& layer, const Shape& input);

/// Like output_shape() above, for a layer whose inputs have the shapes `inputs`, one or more.
Expected<Shape> output_shape(const LayerSpec& layer, std::span<const Shape> inputs);

}  // namespace convlens
