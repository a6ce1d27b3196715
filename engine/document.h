/// The document: everything that decides what is on screen, as one value.
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
#include "engine/io/image_file.h"
#include "engine/nn/conv2d.h"
#include "engine/nn/kernel_bank.h"
#include "engine/nn/network.h"
#include "engine/nn/normalize.h"
#include "engine/pattern.h"
#include "engine/view/look.h"

namespace convlens {

/// One or more pictures; several make a batch.
struct PictureInput {
    struct Named {
        std::string spec;  ///< As --image takes it: a path or "sample:NAME".
        std::shared_ptr<const Picture> picture;
        friend bool operator==(const Named&, const Named&) = default;
    };
    std::vector<Named> pictures;  ///< At least one.
    friend bool operator==(const PictureInput&, const PictureInput&) = default;
};

/// A test pattern; a batch of noise draws a new one for each item.
struct PatternInput {
    Pattern pattern = Pattern::noise;
    Size2 size{128, 128};
    int batch = 1;
    friend bool operator==(const PatternInput&, const PatternInput&) = default;
};

/// Values taken as they are: nothing below is applied to them.
struct TensorInput {
    std::string path;
    std::shared_ptr<const Tensor> tensor;
    friend bool operator==(const TensorInput&, const TensorInput&) = default;
};

/// Where the input comes from and what is done to it, in this order: alpha over `background`, crop, resize, shift,
/// grey, normalisation.
struct Input {
    std::variant<PictureInput, PatternInput, TensorInput> source = PatternInput{};
    Rgba background{255, 255, 255, 255};  ///< Shows through transparent pixels.
    std::optional<Rect> crop;
    std::optional<Size2> resize;
    Size2 shift;        ///< Moves the picture down by h and right by w pixels; black moves in.
    bool gray = false;  ///< One channel: 0.299 R + 0.587 G + 0.114 B.
    std::optional<Normalize> normalize;  ///< Unset: what the kernels were trained with.
    friend bool operator==(const Input&, const Input&) = default;
};

/// The 64 hand-made filters of edge_kernels().
struct EdgeKernels {
    friend bool operator==(const EdgeKernels&, const EdgeKernels&) = default;
};

/// A freshly initialised layer; the notebook's 7 kernels of 5x5 by default.
struct RandomKernels {
    int out_channels = 7;
    Size2 kernel_size{5, 5};
    std::uint32_t seed = 1;
    friend bool operator==(const RandomKernels&, const RandomKernels&) = default;
};

/// Kernels out of a file.
struct LoadedKernels {
    std::string spec;   ///< As --weights takes it: "alexnet" or "FILE[:KEY]".
    std::string title;  ///< What they are, for people.
    std::shared_ptr<const Tensor> weight;            ///< (C_out, C_in/groups, KH, KW), finite.
    std::shared_ptr<const std::vector<float>> bias;  ///< C_out values, or null.
    Normalize trained_with = Normalize::none;
    friend bool operator==(const LoadedKernels&, const LoadedKernels&) = default;
};

struct Kernels {
    std::variant<EdgeKernels, RandomKernels, LoadedKernels> bank = RandomKernels{};
    GreyKernels grey = GreyKernels::luminance;  ///< How kernels with one input channel meet a colour image.
    bool bias = true;                           ///< False leaves the bank's bias out.
    friend bool operator==(const Kernels&, const Kernels&) = default;
};

/// Input, kernels, hyper-parameters and look. Cheap to copy: large parts are shared and immutable. Two documents are
/// equal when they show the same thing made from the very same loaded parts.
struct Document {
    Input input;
    Kernels kernels;
    ConvParams conv;
    Look look;
    friend bool operator==(const Document&, const Document&) = default;
};

/// Puts `bank` into the document together with the hyper-parameters that it is meant for: AlexNet stride 4 padding 2,
/// others stride 1 with half the kernel as padding, of repeated border pixels for the edge filters, else of zeros.
void choose_kernels(Document& document, decltype(Kernels::bank) bank);

/// "AlexNet (trained by ...)", "64 edge filters", "7 random kernels 5x5, seed 1".
std::string kernels_title(const Kernels& kernels);

/// "cat.png", "cat" for a sample, "noise 128x128".
std::string input_title(const Input& input);

/// The normalisation in force: input.normalize, or what the kernels were trained with; none for a TensorInput.
Normalize effective_normalize(const Document& document);

/// The tensor that enters the network, (N, C, H, W). Fails in a sentence when the pictures of a batch differ in size,
/// a crop lies outside, or the result would be too large.
Expected<std::shared_ptr<const Tensor>> input_tensor(const Document& document, const Cancel& cancel);

/// The network for an input of `input_channels` channels: one convolution named "conv1".
Expected<Network> build_network(const Document& document, int input_channels);

}  // namespace convlens
