/// The cells of a grid: position, order and scale.
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

/// Statistics of a channel's values. NaNs do not occur: weights and inputs with NaN are rejected earlier.
struct ChannelStats {
    float min = 0.0F;
    float max = 0.0F;
    float mean = 0.0F;
    float mean_abs = 0.0F;  ///< Mean of |x|, the "energy" of Sort::energy.
};

/// Returns true for a channel that carries no information about its input: all its values are equal, as after a ReLU
/// whose outputs are all zero.
constexpr bool is_dead(const ChannelStats& stats) { return stats.min == stats.max; }

/// The two values that map to the first and the last color.
struct Range {
    float lo = 0.0F;
    float hi = 0.0F;
    friend bool operator==(const Range&, const Range&) = default;
};

/// Returns the channels that `display` shows, in the order of their cells. `stats` has one entry per channel. If
/// display.channels contains a channel that does not exist, fails with a message that names it.
Expected<std::vector<int>> shown_channels(const DisplayOptions& display, std::span<const ChannelStats> stats);

/// Returns the scale of channel `channel` when the channels `shown` are displayed. lo == hi is possible for a flat
/// channel: it is then drawn entirely in the first color or, on a symmetric scale, in the middle color.
Range channel_range(const DisplayOptions& display, std::span<const ChannelStats> stats, std::span<const int> shown,
                    int channel);

/// Returns the display options for one channel alone, with the fixed scale `range` that the channel has in the grid.
DisplayOptions alone(DisplayOptions display, int channel, const Range& range);

/// Labels at the two ends of a colorbar, in the window and in exported pictures: "-0.4993", "+1.25".
struct ScaleEnds {
    std::string low, high;
    friend bool operator==(const ScaleEnds&, const ScaleEnds&) = default;
};
ScaleEnds scale_ends(const Range& range);

/// Layout of a grid: cells of equal size, `columns` per row, with a gap between the cells and around the grid.
struct GridLayout {
    int count = 0;
    int columns = 1;
    int rows = 0;
    Size2 cell;
    int gap = 0;

    int width() const { return columns * (cell.w + gap) + gap; }
    int height() const { return rows * (cell.h + gap) + gap; }

    /// Returns the rectangle of cell `index` in the picture.
    Rect cell_rect(int index) const {
        return {gap + index % columns * (cell.w + gap), gap + index / columns * (cell.h + gap), cell.w, cell.h};
    }

    /// Returns the index of the cell that covers pixel (x, y) of the picture; nullopt if the pixel is in a gap or
    /// outside of all cells.
    std::optional<int> cell_at(int x, int y) const;
};

/// Returns the layout of `count` cells of maps of size `map`. If there are fewer cells than display.columns, there are
/// fewer columns.
GridLayout grid_layout(const DisplayOptions& display, Size2 map, int count);

/// Largest width and height of a picture in pixels; larger ones are rejected.
inline constexpr int max_picture_side = 16384;

/// Returns the part of the picture to draw: display.region clipped to the bounds of the layout, or the whole layout if
/// display.region is nullopt. Fails if that part is empty or if one of its sides exceeds max_picture_side.
Expected<Rect> region_of(const DisplayOptions& display, const GridLayout& layout);

}  // namespace convlens
