/// Histograms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/view/grid.h"

namespace convlens {

/// Divides `range` into `parts` bins of equal width and returns the number of `values` in each bin, from range.lo to
/// range.hi. Values outside the range count in the nearest bin. If range.lo == range.hi, all values count in the first
/// bin. `parts` must be at least 1, and the values must be finite.
std::vector<float> histogram(std::span<const float> values, Range range, std::size_t parts);

}  // namespace convlens
