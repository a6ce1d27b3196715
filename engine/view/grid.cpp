/// Layout, order and scale of a grid.
#include "engine/view/grid.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>

namespace convlens {

Expected<std::vector<int>> shown_channels(const DisplayOptions& display, std::span<const ChannelStats> stats) {
    std::vector<int> shown = display.channels;
    if (shown.empty()) {
        shown.resize(stats.size());
        std::iota(shown.begin(), shown.end(), 0);
    }
    for (const int c : shown)
        if (c < 0 || static_cast<std::size_t>(c) >= stats.size())
            return fail("channel {} does not exist: the output has channels 0 to {}", c,
                        static_cast<int>(stats.size()) - 1);
    const auto dead = [&](int c) { return is_dead(stats[static_cast<std::size_t>(c)]); };
    if (display.hide_dead && !std::all_of(shown.begin(), shown.end(), dead)) std::erase_if(shown, dead);
    const auto descending = [&](float ChannelStats::*key) {
        std::stable_sort(shown.begin(), shown.end(), [&](int a, int b) {
            return stats[static_cast<std::size_t>(a)].*key > stats[static_cast<std::size_t>(b)].*key;
        });
    };
    switch (display.sort) {
        case Sort::index: std::stable_sort(shown.begin(), shown.end()); break;
        case Sort::mean: descending(&ChannelStats::mean); break;
        case Sort::max: descending(&ChannelStats::max); break;
        case Sort::energy: descending(&ChannelStats::mean_abs); break;
    }
    return shown;
}

namespace {

/// Differences of at most this part of the largest magnitude of all channels are rounding errors of float32.
constexpr float rounding = 1e-6F;

/// Returns the largest magnitude of all channels, or 0 if it is not finite.
float largest_magnitude(std::span<const ChannelStats> stats) {
    float largest = 0;
    for (const ChannelStats& s : stats) largest = std::max({largest, std::abs(s.min), std::abs(s.max)});
    return std::isfinite(largest) ? largest : 0;
}

}  // namespace

std::vector<Range> channel_ranges(const DisplayOptions& display, std::span<const ChannelStats> stats,
                                  std::span<const int> shown) {
    const bool symmetric = is_symmetric(display.scale.mode);
    const auto range_of = [&](float lo, float hi) {
        const float magnitude = std::max(std::abs(lo), std::abs(hi));
        return symmetric ? Range{-magnitude, magnitude} : Range{lo, hi};
    };
    std::vector<Range> ranges(shown.size(), Range{display.scale.lo, display.scale.hi});
    if (shown.empty() || display.scale.mode == ScaleMode::fixed) return ranges;
    const auto of = [&](int channel) { return stats[static_cast<std::size_t>(channel)]; };
    if (!is_per_channel(display.scale.mode)) {
        Range all{of(shown.front()).min, of(shown.front()).max};
        for (const int c : shown) all = {std::min(all.lo, of(c).min), std::max(all.hi, of(c).max)};
        std::ranges::fill(ranges, range_of(all.lo, all.hi));
        return ranges;
    }
    const float least = rounding * largest_magnitude(stats);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        Range& range = ranges[i] = range_of(of(shown[i]).min, of(shown[i]).max);
        if (range.hi - range.lo <= least) range.hi = range.lo = symmetric ? 0.0F : range.lo;
    }
    return ranges;
}

DisplayOptions alone(DisplayOptions display, int channel, const Range& range) {
    display.colormap = display.effective_colormap();
    if (range.lo < range.hi) display.scale = {ScaleMode::fixed, range.lo, range.hi};
    display.channels = {channel};
    return display;
}

ScaleEnds scale_ends(const Range& range) {
    return {fmt::format("{:+.4g}", range.lo), fmt::format("{:+.4g}", range.hi)};
}

std::optional<int> GridLayout::cell_at(int x, int y) const {
    if (x < gap || y < gap) return std::nullopt;
    const int column = (x - gap) / (cell.w + gap), row = (y - gap) / (cell.h + gap);
    if (column >= columns || (x - gap) % (cell.w + gap) >= cell.w || (y - gap) % (cell.h + gap) >= cell.h)
        return std::nullopt;
    const int index = row * columns + column;
    return index < count ? std::optional(index) : std::nullopt;
}

GridLayout grid_layout(const DisplayOptions& display, Size2 map, int count) {
    GridLayout layout;
    layout.count = count;
    layout.columns = std::clamp(display.columns, 1, std::max(count, 1));
    layout.rows = (count + layout.columns - 1) / layout.columns;
    layout.cell = display.cell == Size2{} ? map : Size2{std::max(display.cell.h, 1), std::max(display.cell.w, 1)};
    layout.gap = std::max(display.gap, 0);
    return layout;
}

Expected<Rect> region_of(const DisplayOptions& display, const GridLayout& layout) {
    const auto width = static_cast<std::int64_t>(layout.columns) * (layout.cell.w + layout.gap) + layout.gap;
    const auto height = static_cast<std::int64_t>(layout.rows) * (layout.cell.h + layout.gap) + layout.gap;
    const Rect asked =
        display.region.value_or(Rect{0, 0, static_cast<int>(std::min<std::int64_t>(width, max_picture_side + 1)),
                                     static_cast<int>(std::min<std::int64_t>(height, max_picture_side + 1))});
    Rect region;
    region.x = std::max(asked.x, 0);
    region.y = std::max(asked.y, 0);
    region.w = static_cast<int>(std::min<std::int64_t>(static_cast<std::int64_t>(asked.x) + asked.w, width)) - region.x;
    region.h =
        static_cast<int>(std::min<std::int64_t>(static_cast<std::int64_t>(asked.y) + asked.h, height)) - region.y;
    if (region.w <= 0 || region.h <= 0) return fail("the requested part of the grid is empty");
    if (region.w > max_picture_side || region.h > max_picture_side)
        return fail(
            "the picture would be {} x {} pixels, more than {} per side: choose smaller cells with --cell or fewer "
            "channels",
            display.region ? region.w : width, display.region ? region.h : height, max_picture_side);
    return region;
}

}  // namespace convlens
