/// The vectorized inner loops, one set per instruction set.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/cpu/conv2d_tiles.h"
#include "engine/cpu/grid_loops.h"
#include "engine/cpu/lane_loops.h"
#include "engine/cpu/linear_loops.h"
#include "engine/cpu/pool_loops.h"
#include "engine/view/grid.h"

namespace convlens {

/// The inner loops compiled for one instruction set. Results depend only on the instruction set.
struct Simd {
    const char* name;  ///< Highway's name: "SSE2", "AVX2", "AVX3" (AVX-512), "NEON".
    int lanes;         ///< Floats in a vector.
    ConvLoops conv;
    GridLoops grid;
    LaneLoops lane;
    PoolLoops pool;
    LinearLoops linear;
    ChannelStats (*plane_stats)(std::span<const float> values);
};

/// The instruction sets that this machine supports, best first.
std::span<const Simd> available_simd();

/// Returns the instruction set `name` (case-insensitive), or the best available one if `name` is empty. If this machine
/// does not support it, fails with a message that lists the available ones.
Expected<const Simd*> find_simd(std::string_view name);

}  // namespace convlens
