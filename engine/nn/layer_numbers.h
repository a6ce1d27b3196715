/// Cost and receptive field of a network, layer by layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/nn/architecture.h"

namespace convlens {

/// Cost and receptive field of one layer.
struct LayerNumbers {
    std::string name;
    std::string_view type;  ///< "Conv2d"; refers to a constant of the program.
    Shape output;
    std::size_t parameters = 0;              ///< Number of parameters.
    std::uint64_t multiply_accumulates = 0;  ///< MACs of one forward pass of the whole batch.
    std::size_t bytes = 0;                   ///< Size of the output as float32.
    Size2 receptive_field;                   ///< Rows and columns of input pixels that one output value depends on.
    Size2 jump;                              ///< Distance in input pixels between neighboring output values.
    friend bool operator==(const LayerNumbers&, const LayerNumbers&) = default;
};

/// The LayerNumbers of the layers that can run, and the reason why the next layer can't.
struct NetworkNumbers {
    std::vector<LayerNumbers> layers;
    std::string stopped;  ///< One sentence; empty if every layer can run.

    /// Return sums over all layers, or SIZE_MAX on overflow.
    std::size_t parameters() const;
    std::uint64_t multiply_accumulates() const;
    std::size_t bytes() const;
};

/// Returns the numbers of `layers` for an input of shape `input`.
///
/// A window of kernel_size k, dilation d, stride s on a layer of receptive field r and jump j gives
///   r' = r + (k - 1) d j,   j' = s j,
/// with r = j = 1 for the input (A. Araujo, W. Norris, J. Sim: Computing Receptive Fields of Convolutional Neural
/// Networks, Distill 2019, https://distill.pub/2019/computing-receptive-fields/, equations 1 and 2). Padding counts, so
/// r' may exceed the image. Layers whose window_of() is nullopt change neither r nor j. A layer that sees all of its
/// input counts as a window over all rows and columns, also after a Flatten. An AdaptiveAvgPool2d of H rows to OH is a
/// window of its largest bin with a stride of ceil(H / OH): upper bounds if OH does not divide H. Receptive fields and
/// jumps are clamped to 2^30.
NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input);

}  // namespace convlens
