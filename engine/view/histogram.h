/// Histograms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/view/grid.h"

namespace convlens {

/// How many of `values` lie in each of `parts` equal parts of `range`, the first of which begins at range.lo; what lies
/// outside counts in the nearest part. All in the first part where the range has no width. `parts` is at least 1;
/// values are finite.
std::vector<float> histogram(std::span<const float> values, Range range, std::size_t parts);

}  // namespace convlens
