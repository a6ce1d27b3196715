/// Statistics of parts of channels, which convolutions compute while they write the parts.
#pragma once

#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/view/grid.h"

namespace convlens {

/// Statistics of a part of one channel, such as some rows or a tile.
struct PartStats {
    float min, max, sum, sum_abs;
};

/// Computes the statistics of whole channels from those of their parts, in order, so that the result does not depend on
/// threads. `parts` holds, for each batch item and each of `channels`, equally many parts, at least one. `output` is
/// the shape of the output, and `stats` has output.n * output.c values, of which those of `channels` are set.
void combine(std::span<const PartStats> parts, const std::vector<int>& channels, const Shape& output,
             std::span<ChannelStats> stats);

}  // namespace convlens
