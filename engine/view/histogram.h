/// Histograms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/view/grid.h"

namespace convlens {

/// Counts how many of `values` lie in each of `parts` equal bins of `range`, the first of which begins at range.lo.
/// Values outside the range count in the nearest bin. If the range has no width, all values count in the first bin.
/// `parts` is at least 1; the values are finite.
std::vector<float> histogram(std::span<const float> values, Range range, std::size_t parts);

}  // namespace convlens
