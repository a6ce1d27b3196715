/// The vectorised inner loops, one set for each instruction set.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/view/grid.h"

namespace convlens {

/// One row of some output channels: out[o][x] = bias[o] + sum over taps of weight * input.
struct RowJob {
    const float* const* rows;       ///< row_count pointers: the packed input row of each (channel, ky), in that order.
    int row_count;
    const std::ptrdiff_t* columns;  ///< column_count offsets: where the value of tap kx for output x = 0 lies in a row.
    int column_count;
    const float* weights;  ///< [channel block][row][column][block_channels], zeros for channels that are not there.
    const float* bias;     ///< One a channel, filled with zeros up to a whole block.
    float* output;         ///< First channel, x = 0.
    std::size_t plane;     ///< Floats from one channel to the next.
    int channels;
    int width;
};

/// The inner loops compiled for one instruction set. The sum of an output value runs over channels, then ky, then kx,
/// whatever its place in a row or a block, so that results depend on nothing but the instruction set.
struct Simd {
    const char* name;    ///< Highway's: "SSE2", "AVX2", "AVX3" (AVX-512), "NEON".
    int lanes;           ///< Floats in a vector. Packed rows must be readable this far past what they hold.
    int block_channels;  ///< Output channels that are computed together.
    void (*convolve_row)(const RowJob& job);
    ChannelStats (*plane_stats)(std::span<const float> values);
};

/// The instruction sets that this machine runs, best first.
std::span<const Simd> available_simd();

/// The one named `name`, in any case; the best for an empty name. Fails with the list of those that are there.
Expected<const Simd*> find_simd(std::string_view name);

}  // namespace convlens
