/// The document: everything that determines what is on screen, as one value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/cancel.h"
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

/// One or more images; several images make a batch.
struct PictureInput {
    struct Named {
        PictureOrigin origin;
        std::shared_ptr<const Picture> picture;
        friend bool operator==(const Named&, const Named&) = default;
    };
    std::vector<Named> pictures;  ///< The images; at least one.
    friend bool operator==(const PictureInput&, const PictureInput&) = default;
};

/// A test pattern. With noise, each batch item has its own random values.
struct PatternInput {
    Pattern pattern = Pattern::noise;
    Size2 size{128, 128};
    int batch = 1;
    friend bool operator==(const PatternInput&, const PatternInput&) = default;
};

/// Values from a file, used as they are: none of the settings of Input is applied.
struct TensorInput {
    std::string path;
    std::shared_ptr<const Tensor> tensor;
    friend bool operator==(const TensorInput&, const TensorInput&) = default;
};

/// The source of the input and its preprocessing, in this order: alpha over `background`, crop, resize, shift, gray,
/// normalization.
struct Input {
    std::variant<PictureInput, PatternInput, TensorInput> source = PatternInput{};
    Rgba background{255, 255, 255, 255};  ///< Color that shows through transparent pixels.
    std::optional<Rect> crop;
    std::optional<Size2> resize;
    Size2 shift;                         ///< Moves the image down by h and right by w pixels; black fills the gap.
    bool gray = false;                   ///< Whether to convert to gray, 0.299 R + 0.587 G + 0.114 B, in
                                         ///< effective_channels() equal channels.
    std::optional<Normalize> normalize;  ///< nullopt means the normalization that the kernels or the network were
                                         ///< trained with.
    friend bool operator==(const Input&, const Input&) = default;
};

/// The 64 hand-made filters of edge_kernels().
struct EdgeKernels {
    friend bool operator==(const EdgeKernels&, const EdgeKernels&) = default;
};

/// A randomly initialized layer; by default the 7 kernels of 5x5 of the assignment notebook.
struct RandomKernels {
    int out_channels = 7;
    Size2 kernel_size{5, 5};
    std::uint32_t seed = 1;
    friend bool operator==(const RandomKernels&, const RandomKernels&) = default;
};

/// Kernels loaded from a file.
struct LoadedKernels {
    KernelsOrigin origin;
    std::string title;                               ///< Display title.
    std::shared_ptr<const Tensor> weight;            ///< (C_out, C_in/groups, KH, KW), finite.
    std::shared_ptr<const std::vector<float>> bias;  ///< C_out values; null if there is no bias.
    Normalize trained_with = Normalize::none;
    friend bool operator==(const LoadedKernels&, const LoadedKernels&) = default;
};

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

/// Weights loaded from a file.
struct LoadedWeights {
    CheckpointOrigin origin;
    std::string title;  ///< Display title of network and weights: "AlexNet (torchvision, ImageNet)".
    std::shared_ptr<const ParameterMap> parameters;  ///< The parameters that fit the network; all finite.
    std::shared_ptr<const CheckpointReport> report;  ///< How the file matches the network.
    friend bool operator==(const LoadedWeights&, const LoadedWeights&) = default;
};

/// A network of many layers.
struct LayeredNetwork {
    NetworkOrigin origin;
    std::shared_ptr<const Architecture> architecture;  ///< The layers with their hyper-parameters.
    std::variant<RandomWeights, LoadedWeights> weights;
    friend bool operator==(const LayeredNetwork&, const LayeredNetwork&) = default;
};

using NetworkChoice = std::variant<ConvChain, LayeredNetwork>;

/// Input, network, kernels, hyper-parameters and display options. Cheap to copy: large parts are shared and immutable.
/// Two documents are equal when they show the same thing made from identical (shared) loaded parts.
struct Document {
    Input input;
    NetworkChoice network;
    std::string layer;  ///< The layer whose output is shown: a name or an index, as for find_layer(). An empty string
                        ///< means the last layer that can run, that is, whose weights exist.
    Kernels kernels;    ///< Used by the ConvChain.
    ConvParams conv;    ///< Used by the ConvChain.
    DisplayOptions display;
    friend bool operator==(const Document&, const Document&) = default;
};

/// Returns the layers of a built-in network; null for any other origin.
std::shared_ptr<const Architecture> known_architecture(const NetworkOrigin& origin);

/// Sets `bank` and the hyper-parameters that it is meant for: stride 4 and padding 2 for AlexNet; stride 1 and half the
/// kernel as padding for others, with replicated border pixels for the edge filters and zeros otherwise.
void choose_kernels(Document& document, decltype(Kernels::bank) bank);

/// Sets `network` and shows its last layer.
void choose_network(Document& document, NetworkChoice network);

/// Returns a title like "LargeNet, random weights (seed 1)" or "AlexNet (torchvision, ImageNet)". For a ConvChain,
/// returns the kernels_title().
std::string network_title(const Document& document);

/// Describes what the network's preprocessing did to the image: "resized to 32x32, normalized (x - 0.5) / 0.5", "gray
/// in three equal channels"; may be empty.
std::string input_note(const Document& document);

/// Returns a title like "AlexNet (trained by ...)", "64 edge filters" or "7 random kernels 5x5, seed 1".
std::string kernels_title(const Kernels& kernels);

/// Returns a title: "cat.png" for a file, "cat" for a sample, "noise 128x128" for a pattern.
std::string input_title(const Input& input);

/// Returns the effective normalization: input.normalize if set, otherwise the one that the network or its kernels were
/// trained with. Returns Normalize::none for a TensorInput.
Normalize effective_normalize(const Document& document);

/// Returns the size that images are resized to: input.resize if set, otherwise the input size of the network. Returns
/// nullopt if images keep their size and for a TensorInput.
std::optional<Size2> effective_resize(const Document& document);

/// Returns the number of channels that enter the network: 3 for an image or pattern. With input.gray, 1, or 3 equal
/// channels if the first layer has weights for colors, as in PIL's convert("L").convert("RGB"). For a TensorInput, the
/// number of its channels.
int effective_channels(const Document& document);

/// Returns the tensor that enters the network, (N, C, H, W). Fails if the images of a batch differ in size, if a crop
/// extends outside of the image, or if the result would be too large.
Expected<std::shared_ptr<const Tensor>> input_tensor(const Document& document, const Cancel& cancel);

}  // namespace convlens
