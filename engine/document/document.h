/// The document: input, network, kernels and display options as one value. The window and the command line evaluate it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/object_pool.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/document/checkpoint_report.h"
#include "engine/document/origin.h"
#include "engine/document/pattern.h"
#include "engine/io/image_file.h"
#include "engine/nn/architecture.h"
#include "engine/nn/kernel_bank.h"
#include "engine/nn/layers/conv2d.h"
#include "engine/nn/normalize.h"
#include "engine/nn/parameters.h"
#include "engine/view/display_options.h"

namespace convlens {

/// One or more images; several images form a batch.
struct PictureInput {
    /// An image and where it comes from. `picture` is null before load_parts() loads it.
    struct Named {
        PictureOrigin origin;
        std::shared_ptr<const Picture> picture;
        friend bool operator==(const Named&, const Named&) = default;
    };
    std::vector<Named> pictures;  ///< The images; at least one.
    friend bool operator==(const PictureInput&, const PictureInput&) = default;
};

/// A test pattern, computed by make_pattern(). With Pattern::noise, each batch item has different
/// random values.
struct PatternInput {
    Pattern pattern = Pattern::noise;
    Size2 size{128, 128};  ///< Height and width in pixels.
    int batch = 1;         ///< Number of batch items, 1 to 65536.
    friend bool operator==(const PatternInput&, const PatternInput&) = default;
};

/// A tensor (N, C, H, W) from a file. Its values enter the network unchanged: the other members of Input are ignored.
struct TensorInput {
    std::string path;
    std::shared_ptr<const Tensor> tensor;
    friend bool operator==(const TensorInput&, const TensorInput&) = default;
};

/// The source of the input and its preprocessing, which has these steps in this order: blend transparent pixels with
/// `background`, crop, resize, shift, convert to gray, normalize.
struct Input {
    std::variant<PictureInput, PatternInput, TensorInput> source = PatternInput{};
    Rgba background{255, 255, 255, 255};  ///< Color that shows through transparent pixels.
    std::optional<Rect> crop;             ///< Part of the upright image to use, in pixels; nullopt means all of it.
    std::optional<Size2> resize;  ///< Height and width after resizing; nullopt means the input size of the network, or
                                  ///< no resizing if it has none.
    Size2 shift;  ///< Moves the image down by h and right by w pixels, up and left if negative; black fills the gap.
    bool gray = false;                   ///< Whether to convert to gray, 0.299 R + 0.587 G + 0.114 B. The result has
                                         ///< effective_channels() equal channels.
    std::optional<Normalize> normalize;  ///< nullopt means the normalization that the kernels or the network were
                                         ///< trained with.
    friend bool operator==(const Input&, const Input&) = default;
};

/// The 64 hand-crafted filters of edge_kernels().
struct EdgeKernels {
    friend bool operator==(const EdgeKernels&, const EdgeKernels&) = default;
};

/// Random weight and bias, drawn as nn.Conv2d initializes them (random_weights()). By default the layer of the
/// assignment notebook (see largenet()): 7 kernels of 5x5.
struct RandomKernels {
    int out_channels = 7;
    Size2 kernel_size{5, 5};
    std::uint32_t seed = 1;
    friend bool operator==(const RandomKernels&, const RandomKernels&) = default;
};

/// Kernels with given values: loaded from a file, edited in the window, or made by a lesson. `weight` is null before
/// load_parts().
struct LoadedKernels {
    KernelsOrigin origin;
    std::string title;                               ///< Display title.
    std::shared_ptr<const Tensor> weight;            ///< (C_out, C_in/groups, KH, KW), finite.
    std::shared_ptr<const std::vector<float>> bias;  ///< C_out values; null if there is no bias.
    Normalize trained_with = Normalize::none;        ///< Normalization of the images that the kernels were trained on.
    friend bool operator==(const LoadedKernels&, const LoadedKernels&) = default;
};

/// The kernels of a ConvChain.
struct Kernels {
    std::variant<EdgeKernels, RandomKernels, LoadedKernels> bank = RandomKernels{};
    GrayKernels gray = GrayKernels::luminance;  ///< How kernels with one input channel are applied to a color image.
    bool bias = true;                           ///< Whether the bias of `bank` is used.
    friend bool operator==(const Kernels&, const Kernels&) = default;
};

/// One convolution, "conv1", described by Document::kernels and Document::conv, and optional layers after it.
struct ConvChain {
    bool relu = false;              ///< Whether a layer "relu1" follows.
    std::optional<MaxPool2d> pool;  ///< A layer "pool1" at the end, if any.
    friend bool operator==(const ConvChain&, const ConvChain&) = default;
};

/// Random weights, as drawn by initial_parameters().
struct RandomWeights {
    std::uint32_t seed = 1;
    friend bool operator==(const RandomWeights&, const RandomWeights&) = default;
};

/// Weights with given values: loaded from a file, edited in the window, or made by a lesson. `parameters` is null
/// before load_parts().
struct LoadedWeights {
    CheckpointOrigin origin;
    std::string title;  ///< Display title of network and weights: "AlexNet (torchvision, ImageNet)".
    /// The arrays of the file that fit the network by name and shape; all values are finite.
    std::shared_ptr<const ParameterMap> parameters;
    /// How the file matches the network; null if the weights were not loaded from a checkpoint file.
    std::shared_ptr<const CheckpointReport> report;
    friend bool operator==(const LoadedWeights&, const LoadedWeights&) = default;
};

/// A network of any number of layers, with its own weights.
struct LayeredNetwork {
    NetworkOrigin origin;                              ///< A built-in network, a file, or layers that were edited.
    std::shared_ptr<const Architecture> architecture;  ///< The layers with their hyper-parameters.
    std::variant<RandomWeights, LoadedWeights> weights;
    friend bool operator==(const LayeredNetwork&, const LayeredNetwork&) = default;
};

/// The network of a document.
using NetworkChoice = std::variant<ConvChain, LayeredNetwork>;

/// Input, network, kernels, hyper-parameters and display options. Cheap to copy: large parts are shared and immutable.
/// Two documents are equal if all settings are equal and the pointers to loaded parts are the same; the contents of
/// loaded parts are not compared.
struct Document {
    Input input;
    NetworkChoice network;
    std::string layer;  ///< The layer whose output is shown: a name or an index, as for find_layer(). An empty string
                        ///< means the last layer that can run, that is, whose weights exist.
    Kernels kernels;    ///< Weights of the ConvChain's convolution; ignored for a LayeredNetwork.
    ConvParams conv;    ///< Hyper-parameters of the ConvChain's convolution; ignored for a LayeredNetwork.
    DisplayOptions display;
    friend bool operator==(const Document&, const Document&) = default;
};

/// Returns the layers of a built-in network; null for any other origin.
std::shared_ptr<const Architecture> known_architecture(const NetworkOrigin& origin);

/// Sets document.kernels.bank to `bank`, turns the bias on, and sets document.conv to the hyper-parameters for these
/// kernels: stride 4 and padding 2 for AlexNet's; stride 1 and half the kernel size as padding for others. The padding
/// repeats border pixels for the edge filters and is zero for all others.
void choose_kernels(Document& document, decltype(Kernels::bank) bank);

/// Sets document.network and clears document.layer, which then stands for the last layer that can run.
void choose_network(Document& document, NetworkChoice network);

/// Returns a title like "LargeNet, random weights (seed 1)" or "AlexNet (torchvision, ImageNet)". For a ConvChain,
/// returns the kernels_title().
std::string network_title(const Document& document);

/// Describes the resizing, gray conversion and normalization of the input: "resized to 32x32, normalized (x - 0.5) /
/// 0.5", "gray in three equal channels". Empty if there is none.
std::string input_note(const Document& document);

/// Returns a title like "AlexNet (trained by ...)", "64 edge filters" or "7 random kernels 5x5, seed 1".
std::string kernels_title(const Kernels& kernels);

/// Returns a title: "cat.png" for a file, "cat" for a sample, "noise 128x128" for a pattern; "cat.png and 2 more" for a
/// batch of files.
std::string input_title(const Input& input);

/// Returns the effective normalization: input.normalize if set, otherwise the one that the network or its kernels were
/// trained with. Returns Normalize::none for a TensorInput.
Normalize effective_normalize(const Document& document);

/// Returns the size that images are resized to: input.resize if set, otherwise the input size of the network. Returns
/// nullopt if images keep their size and for a TensorInput.
std::optional<Size2> effective_resize(const Document& document);

/// Returns the number of channels of the input: for a TensorInput, those of the tensor; for an image or pattern, 3.
/// With input.gray it is 1, or 3 (equal channels, as in PIL's convert("L").convert("RGB")) if the first layer with
/// weights takes three channels.
int effective_channels(const Document& document);

/// Returns the preprocessed input, (N, C, H, W). Fails if the images of a batch differ in size, if a crop extends
/// outside of an image, if a size is out of range, if the batch would have more than 2^30 values, or if canceled.
/// `memory` is where tensors come from, for the frames of a stream; null: new memory.
Expected<std::shared_ptr<const Tensor>> input_tensor(const Document& document, const Cancel& cancel,
                                                     ObjectPool<Tensor>* memory = nullptr);

}  // namespace convlens
