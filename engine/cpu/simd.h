/// The vectorized inner loops (with the library Highway), one set per SIMD instruction set.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/cpu/conv2d_tiles.h"
#include "engine/cpu/fft_loops.h"
#include "engine/cpu/grid_loops.h"
#include "engine/cpu/lane_loops.h"
#include "engine/cpu/linear_loops.h"
#include "engine/cpu/point_loops.h"
#include "engine/cpu/pool_loops.h"
#include "engine/cpu/winograd_loops.h"
#include "engine/view/grid.h"

namespace convlens {

/// The inner loops compiled for one instruction set. For the same data, results depend only on the instruction set.
struct Simd {
    const char* name;    ///< Highway's name: "SSE2", "AVX2", "AVX3" (AVX-512), "NEON".
    int lanes;           ///< Number of floats in a vector.
    ConvLoops conv;      ///< Convolution.
    GridLoops grid;      ///< Drawing of the grid.
    LaneLoops lane;      ///< Training.
    PoolLoops pool;      ///< Pooling layers.
    LinearLoops linear;  ///< Linear layers.
    PointLoops point;    ///< Batch normalization and activations.
    /// Returns the statistics of the values of one channel; there must be at least one value.
    ChannelStats (*plane_stats)(std::span<const float> values);
    FftLoops fft;            ///< Convolution with large kernels.
    WinogradLoops winograd;  ///< Convolution of many channels with kernels of 3x3.
};

/// Returns the loops for all instruction sets that this machine supports, best first.
std::span<const Simd> available_simd();

/// Returns the loops for the instruction set `name` (in upper or lower case), or for the best available one if `name`
/// is empty. If this machine does not support it, fails with a message that lists the available instruction sets.
Expected<const Simd*> find_simd(std::string_view name);

}  // namespace convlens
