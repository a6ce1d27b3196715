/// Where values lie.
#include "engine/nn/spot.h"

#include <algorithm>
#include <limits>

namespace convlens {
namespace {

/// First and last index along one axis; none is before the first where there is no value.
struct Run {
    int first = std::numeric_limits<int>::max();
    int last = -1;
};

Run run_of(const std::vector<int>& taps) {
    Run run;
    for (const int i : taps)
        if (i >= 0) run = {std::min(run.first, i), std::max(run.last, i)};
    return run;
}

}  // namespace

Rect Taps::box() const {
    const Run y = run_of(rows), x = run_of(columns);
    if (y.last < 0 || x.last < 0) return {};
    return {x.first, y.first, x.last - x.first + 1, y.last - y.first + 1};
}

}  // namespace convlens
