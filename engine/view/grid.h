/// Where the cells of a grid lie, in which order, and on which scale.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/view/display_options.h"

namespace convlens {

/// What a channel's values are like. NaNs are not expected: weights and inputs with NaN are refused before.
struct ChannelStats {
    float min = 0.0F;
    float max = 0.0F;
    float mean = 0.0F;
    float mean_abs = 0.0F;  ///< Mean of |x|, the "energy" of Sort::energy.
};

/// A channel that says nothing about its input: one value everywhere, as behind a ReLU that lets nothing through.
constexpr bool is_dead(const ChannelStats& stats) { return stats.min == stats.max; }

/// Two values that map to the first and the last color.
struct Range {
    float lo = 0.0F;
    float hi = 0.0F;
    friend bool operator==(const Range&, const Range&) = default;
};

/// The channels that `display` shows, in the order of their cells. `stats` has one entry a channel.
/// Fails, naming the channel, when display.channels names one that is not there.
Expected<std::vector<int>> shown_channels(const DisplayOptions& display, std::span<const ChannelStats> stats);

/// The scale of channel `channel` when `shown` are on screen. lo == hi is possible for a flat channel:
/// all of it is then drawn in the first color, or, on a symmetric scale, in the middle one.
Range channel_range(const DisplayOptions& display, std::span<const ChannelStats> stats, std::span<const int> shown,
                    int channel);

/// The look of one channel alone, on `range`: the very scale that it has among the others.
DisplayOptions alone(DisplayOptions display, int channel, const Range& range);

/// What stands at the two ends of a color bar, in the window and in an exported picture: "-0.4993", "+1.25".
struct ScaleEnds {
    std::string low, high;
    friend bool operator==(const ScaleEnds&, const ScaleEnds&) = default;
};
ScaleEnds scale_ends(const Range& range);

/// Cells in rows of `columns`, all of one size, with a gap between them and round all.
struct GridLayout {
    int count = 0;
    int columns = 1;
    int rows = 0;
    Size2 cell;
    int gap = 0;

    int width() const { return columns * (cell.w + gap) + gap; }
    int height() const { return rows * (cell.h + gap) + gap; }

    /// Where cell `index` lies in the picture.
    Rect cell_rect(int index) const {
        return {gap + index % columns * (cell.w + gap), gap + index / columns * (cell.h + gap), cell.w, cell.h};
    }

    /// Which cell covers pixel (x, y) of the picture; none in a gap or outside.
    std::optional<int> cell_at(int x, int y) const;
};

/// The layout of `count` cells of maps of size `map`. Fewer cells than display.columns make fewer columns.
GridLayout grid_layout(const DisplayOptions& display, Size2 map, int count);

/// Pictures larger than this in either direction are refused.
inline constexpr int max_picture_side = 16384;

/// The part of the picture to draw: display.region within the layout's bounds, or all of it. Fails when that is
/// empty or a side of it exceeds max_picture_side.
Expected<Rect> region_of(const DisplayOptions& display, const GridLayout& layout);

}  // namespace convlens
