/// Positions of input values.
#include "engine/nn/pixel_position.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace convlens {
namespace {

/// First and last input index of taps along one axis; last < first if all taps are padding.
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

/// Returns the input indices of `count` taps along one axis, which start at `first` and are `dilation` apart. Taps
/// outside [0, size) lie in the padding.
std::vector<int> along(int first, int count, int dilation, int size, PaddingMode mode) {
    std::vector<int> taps;
    for (int k = 0; k < count; ++k) taps.push_back(padded_source(mode, first + k * dilation, size));
    return taps;
}

std::vector<int> all_of(int size) {
    std::vector<int> taps(static_cast<std::size_t>(size));
    std::iota(taps.begin(), taps.end(), 0);
    return taps;
}

}  // namespace

Rect Taps::box() const {
    const Run y = run_of(rows), x = run_of(columns);
    if (y.last < 0 || x.last < 0) return {};
    return {x.first, y.first, x.last - x.first + 1, y.last - y.first + 1};
}

Taps taps_everywhere(ChannelRange channels, const Shape& input) {
    return {channels.first, channels.count, all_of(input.h), all_of(input.w)};
}

Taps taps_under(const WindowShape& w, ChannelRange channels, const Shape& input, const PixelPosition& position) {
    return {channels.first, channels.count,
            along(position.y * w.stride.h - w.padding.top, w.kernel_size.h, w.dilation.h, input.h, w.mode),
            along(position.x * w.stride.w - w.padding.left, w.kernel_size.w, w.dilation.w, input.w, w.mode)};
}

}  // namespace convlens
