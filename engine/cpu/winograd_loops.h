/// Interface of the vector loops of Winograd's convolution F(4x4, 3x3), which conv2d_winograd.h describes.
#pragma once

#include <array>
#include <cstddef>

namespace convlens {

inline constexpr int winograd_outputs = 4;                                   ///< Rows and columns of outputs of a tile.
inline constexpr int winograd_side = 6;                                      ///< Rows and columns of inputs of a tile.
inline constexpr int winograd_numbers = winograd_side * winograd_side;       ///< Numbers that a tile is transformed to.
inline constexpr std::array winograd_points{0.0, 0.75, -0.75, 1.25, -1.25};  ///< And infinity; see conv2d_winograd.h.

/// Rows of one channel for WinogradLoops::transform_input(). Column 4 t + p of row i is at rows[i * row_pitch + p *
/// phase_pitch + t]; up to a whole vector must be readable past the last column.
struct WinogradRows {
    const float* rows;
    std::ptrdiff_t row_pitch, phase_pitch;
};

/// The products of some tiles beside each other, for WinogradLoops::transform_output(), and where the outputs go.
struct WinogradProducts {
    const float* numbers;  ///< [number][tile][vector of channels]; numbers are number_pitch floats apart.
    std::ptrdiff_t number_pitch;
    int tiles, vectors;
    const float* bias;  ///< [vector of channels]
    float* sums;        ///< [row][column][vector of channels]; rows are row_pitch floats apart.
    std::ptrdiff_t row_pitch;
};

/// The loops for one instruction set. What they compute for a tile does not depend on its position.
struct WinogradLoops {
    /// Transforms `tiles` tiles beside each other, whose first columns are 4 apart. Number f of tile t goes to to[f *
    /// pitch + t]. Of the first `room` floats there, those behind the last tile are unspecified.
    void (*transform_input)(const WinogradRows& from, int tiles, float* to, int room, std::ptrdiff_t pitch);
    /// Computes the 4 x 4 outputs of each tile and adds the bias.
    void (*transform_output)(const WinogradProducts& job);
};

}  // namespace convlens
