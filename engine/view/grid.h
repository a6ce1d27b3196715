/// The cells of the grid: their positions, order and scales. Each cell shows the feature map of one channel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/view/display_options.h"

namespace convlens {

/// Statistics of a channel's values. The values are assumed not to be NaN: weights and inputs with NaN are rejected
/// when they are loaded.
struct ChannelStats {
    float min = 0.0F;
    float max = 0.0F;
    float mean = 0.0F;
    float mean_abs = 0.0F;  ///< Mean of the magnitudes |x|; the key of Sort::energy.
};

/// Returns true for a dead channel: all its values are equal, for example all zero after a ReLU.
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

/// Returns the scale of each of the channels `shown` when these are displayed. lo == hi is possible: if all values of a
/// channel are equal or, on a scale of its own, differ by at most 1e-6 of the largest magnitude in `stats`, because
/// such differences are rounding errors, which two backends make differently. Such a channel is drawn entirely in the
/// first color or, on a symmetric scale, in the middle color.
std::vector<Range> channel_ranges(const DisplayOptions& display, std::span<const ChannelStats> stats,
                                  std::span<const int> shown);

/// Returns `display` with only the channel `channel`, in the colors that it has in the grid: with the same colormap,
/// and with `range` (its scale in the grid) as a fixed scale. If range.lo == range.hi, the scale stays that of
/// `display`.
DisplayOptions alone(DisplayOptions display, int channel, const Range& range);

/// Labels at the two ends of a colorbar, in the window and in exported pictures: "-0.4993", "+1.25".
struct ScaleEnds {
    std::string low, high;
    friend bool operator==(const ScaleEnds&, const ScaleEnds&) = default;
};

/// Returns the two ends of `range` as text, with a sign and at most four significant digits.
ScaleEnds scale_ends(const Range& range);

/// Layout of a grid: cells of equal size, `columns` per row, with a gap between the cells and around the grid. Sizes
/// are in pixels.
struct GridLayout {
    int count = 0;    ///< Number of cells.
    int columns = 1;  ///< Number of cells per row.
    int rows = 0;     ///< Number of rows of cells.
    Size2 cell;       ///< Size of a cell.
    int gap = 0;      ///< Width of the gaps.

    /// Return the size of the whole picture; INT_MAX if it is larger.
    int width() const { return extent(columns, cell.w); }
    int height() const { return extent(rows, cell.h); }

    /// Returns the rectangle of cell `index` in the picture. Cells are numbered row by row.
    Rect cell_rect(int index) const {
        return {gap + index % columns * (cell.w + gap), gap + index / columns * (cell.h + gap), cell.w, cell.h};
    }

    /// Returns the index of the cell that contains pixel (x, y) of the picture; nullopt if no cell contains it.
    std::optional<int> cell_at(int x, int y) const;

  private:
    int extent(int cells, int side) const {
        return static_cast<int>(
            std::min<std::int64_t>(std::int64_t{cells} * (side + gap) + gap, std::numeric_limits<int>::max()));
    }
};

/// Returns the layout of `count` cells, each of which shows a feature map of size `map`. If there are fewer cells than
/// display.columns, the layout has only one column per cell.
GridLayout grid_layout(const DisplayOptions& display, Size2 map, int count);

/// Largest width and height of a picture in pixels; larger ones are rejected.
inline constexpr int max_picture_side = 16384;

/// Returns the part of the picture to draw: display.region clipped to the bounds of the layout, or the whole layout if
/// display.region is nullopt. Fails if that part is empty or if one of its sides exceeds max_picture_side.
Expected<Rect> region_of(const DisplayOptions& display, const GridLayout& layout);

}  // namespace convlens
