/// Cost and receptive field of a network, layer by layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/nn/architecture.h"

namespace convlens {

/// Cost and receptive field of one layer.
struct LayerNumbers {
    std::string name;                        ///< Name of the layer: "conv1".
    std::string_view type;                   ///< Class name in torch.nn: "Conv2d". Refers to a constant of the program.
    Shape output;                            ///< Shape of the layer's output.
    std::size_t parameters = 0;              ///< Number of parameters, as parameter_count() counts them.
    std::uint64_t multiply_accumulates = 0;  ///< Multiply-accumulates (MACs) of one forward pass of the whole batch.
    std::size_t bytes = 0;                   ///< Size of the output in bytes, as float32.
    Size2 receptive_field;                   ///< Rows and columns of input pixels on which one output value depends.
    Size2 jump;                              ///< Distance in input pixels between neighboring output values.
    /// Row and column of the first pixel of the receptive field of the first output value; negative in the padding.
    int top = 0, left = 0;
    friend bool operator==(const LayerNumbers&, const LayerNumbers&) = default;
};

/// The LayerNumbers of the layers that can run, and the reason why the next layer can't run.
struct NetworkNumbers {
    std::vector<LayerNumbers> layers;  ///< The layers before the first one that can't run.
    std::string stopped;               ///< Why the next layer can't run, one sentence; empty if all layers can run.

    /// Return the sum over `layers`, or the maximum of the type on overflow.
    std::size_t parameters() const;
    std::uint64_t multiply_accumulates() const;
    std::size_t bytes() const;
};

/// Returns cost and receptive field of each of `layers` for an input of shape `input`.
///
/// If the input of a layer has the receptive field r and the jump j, its output has
///   r' = r + (k - 1) d j,   j' = s j
/// for a window of kernel_size k, dilation d and stride s. The network's input has r = j = 1. (A. Araujo, W. Norris, J.
/// Sim: Computing Receptive Fields of Convolutional Neural Networks, Distill 2019,
/// https://distill.pub/2019/computing-receptive-fields/, equations 1 and 2.) Padding counts, so r' may be larger than
/// the image. Layers whose window_of() is nullopt change neither r nor j. A layer that reads all of its input counts as
/// a window over all rows and columns, also after a Flatten. An AdaptiveAvgPool2d from H to OH rows counts as a window
/// of the size of its largest bin with a stride of ceil(H / OH); r' and j' are upper bounds if OH does not divide H.
/// Receptive fields and jumps are clamped to 2^30.
///
/// The receptive field of a layer with several inputs contains those of all of them; its jump is the largest of those
/// inputs that are not broadcast.
NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input);

}  // namespace convlens
