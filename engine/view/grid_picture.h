/// A picture of the grid that knows what its cells show, so that a new version is drawn and uploaded cell by cell.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/image.h"
#include "engine/view/grid.h"

namespace convlens {

/// Numbers of the values of the channels of a layer's output. Equal numbers of one `source` stand for equal values.
struct ChannelVersions {
    std::shared_ptr<const void> source;      ///< Who has given the numbers; null if the values have none.
    std::span<const std::uint64_t> numbers;  ///< One per channel.
};

inline bool operator==(const GridLayout& a, const GridLayout& b) {
    return a.count == b.count && a.columns == b.columns && a.rows == b.rows && a.cell == b.cell && a.gap == b.gap;
}

/// What the pixels of a grid depend on.
struct GridContents {
    /// What all cells have in common.
    struct Look {
        std::shared_ptr<const void> source;  ///< ChannelVersions::source.
        GridLayout layout;
        Rect region;  ///< The part of the layout in the picture.
        Colormap colormap = Colormap::viridis;
        bool symmetric = false;  ///< is_symmetric() of the scale.
        bool mark_beyond = false;
        Rgba background{};
        friend bool operator==(const Look&, const Look&) = default;
    };
    /// What a cell shows.
    struct Cell {
        std::uint64_t version = 0;  ///< The number of the values of its channel.
        Range range;
        friend bool operator==(const Cell&, const Cell&) = default;
    };

    Look look;
    std::vector<Cell> cells;  ///< By index in the layout; empty if what the picture shows is not known.
};

/// A picture of the grid and what it shows.
struct GridPicture {
    Image image;
    GridContents shows;
};

/// Returns what the picture of `display` shows. `shown` and `ranges` are those of its cells, in order.
GridContents contents_of(const DisplayOptions& display, const GridLayout& layout, const Rect& region,
                         const ChannelVersions& versions, std::span<const int> shown, std::span<const Range> ranges);

/// Returns the indices of the cells that differ, in ascending order; all other pixels are equal. Returns nullopt if
/// that is not known, or if the pictures differ in more than cells.
std::optional<std::vector<int>> changed_cells(const GridContents& before, const GridContents& after);

/// Returns the part of cell `index` that is inside the picture, in the coordinates of the picture; its width or height
/// is 0 if there is none.
Rect visible_part(const GridContents& contents, int index);

}  // namespace convlens
