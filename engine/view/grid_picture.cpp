/// Compares what two pictures of a grid show.
#include "engine/view/grid_picture.h"

#include <algorithm>
#include <cstddef>

namespace convlens {

GridContents contents_of(const DisplayOptions& display, const GridLayout& layout, const Rect& region,
                         const ChannelVersions& versions, std::span<const int> shown, std::span<const Range> ranges) {
    GridContents contents;
    contents.look = {versions.source,
                     layout,
                     region,
                     display.effective_colormap(),
                     is_symmetric(display.scale.mode),
                     display.mark_beyond,
                     display.background};
    for (std::size_t i = 0; versions.source && i < shown.size(); ++i)
        contents.cells.push_back({versions.numbers[static_cast<std::size_t>(shown[i])], ranges[i]});
    return contents;
}

std::optional<std::vector<int>> changed_cells(const GridContents& before, const GridContents& after) {
    if (before.cells.empty() || before.cells.size() != after.cells.size() || !(before.look == after.look))
        return std::nullopt;
    std::vector<int> changed;
    for (std::size_t i = 0; i < after.cells.size(); ++i)
        if (!(before.cells[i] == after.cells[i])) changed.push_back(static_cast<int>(i));
    return changed;
}

Rect visible_part(const GridContents& contents, int index) {
    const Rect cell = contents.look.layout.cell_rect(index), &region = contents.look.region;
    const int x0 = std::max(cell.x, region.x), x1 = std::min(cell.x + cell.w, region.x + region.w);
    const int y0 = std::max(cell.y, region.y), y1 = std::min(cell.y + cell.h, region.y + region.h);
    if (x0 >= x1 || y0 >= y1) return {};
    return {x0 - region.x, y0 - region.y, x1 - x0, y1 - y0};
}

}  // namespace convlens
