/// What a network costs and sees, layer by layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/nn/architecture.h"

namespace convlens {

/// The numbers of one layer.
struct LayerNumbers {
    std::string name;
    std::string_view type;  ///< "Conv2d"; a constant of the program.
    Shape output;
    std::size_t parameters = 0;            ///< Learned numbers.
    std::size_t multiply_accumulates = 0;  ///< Of one forward pass of the whole batch.
    std::size_t bytes = 0;                 ///< Of the output as float32.
    Size2 receptive_field;                 ///< Pixels of the input that one value of the output depends on.
    Size2 jump;                            ///< Pixels of the input between neighboring values of the output.
    friend bool operator==(const LayerNumbers&, const LayerNumbers&) = default;
};

/// The numbers of the layers that can run, and why the one after them can't.
struct NetworkNumbers {
    std::vector<LayerNumbers> layers;
    std::string stopped;  ///< One sentence, or empty where every layer runs.

    /// Sums over the layers.
    std::size_t parameters() const;
    std::size_t multiply_accumulates() const;
    std::size_t bytes() const;
};

/// The numbers of `layers` on an input of shape `input`.
///
/// A window of kernel_size k, dilation d, stride s on a layer of receptive field r and jump j gives
///   r' = r + (k - 1) d j,   j' = s j,
/// with r = j = 1 for the input (A. Araujo, W. Norris, J. Sim: Computing Receptive Fields of Convolutional Neural
/// Networks, Distill 2019, https://distill.pub/2019/computing-receptive-fields/, equations 1 and 2). Padding counts, so
/// that r' may exceed the picture. Layers without a window_of() leave both alone; one that sees all of its input is a
/// window over all rows and columns, also through a Flatten. An AdaptiveAvgPool2d of H rows to OH is a window of its
/// largest bin and a stride of ceil(H / OH): upper bounds where OH does not divide H. Receptive fields and jumps end at
/// 2^30.
NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input);

}  // namespace convlens
