/// Counting of values per bin.
#include "engine/view/histogram.h"

#include <algorithm>

namespace convlens {

std::vector<float> histogram(std::span<const float> values, Range range, std::size_t parts) {
    std::vector<float> counts(parts, 0.0F);
    const float width = range.hi - range.lo;
    for (const float v : values) {
        const float at = width > 0 ? (v - range.lo) / width * static_cast<float>(parts) : 0;
        counts[std::min(static_cast<std::size_t>(std::max(at, 0.0F)), parts - 1)] += 1;
    }
    return counts;
}

}  // namespace convlens
