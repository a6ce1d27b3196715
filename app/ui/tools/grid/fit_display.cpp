/// Computes columns, cell size and the visible region.
#include "app/ui/tools/grid/fit_display.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace convlens {
namespace {

/// Returns the width in pixels, at least 1, of the largest cell with the map's aspect ratio for which `columns` x
/// `rows` cells fit into the area.
double fitting_width(Size2 area, Size2 map, int columns, int rows, int gap) {
    const double w = static_cast<double>(area.w - gap * (columns + 1)) / columns;
    const double h = static_cast<double>(area.h - gap * (rows + 1)) / rows;
    return std::max(1.0, std::min(w, h * map.w / map.h));
}

/// Returns the number of columns, at most 8, that makes the cells largest.
int best_columns(Size2 area, Size2 map, int count, int gap) {
    int best = 1;
    double widest = 0;
    for (int columns = 1; columns <= std::min(count, 8); ++columns) {
        const double width = fitting_width(area, map, columns, (count + columns - 1) / columns, gap);
        if (width > widest * 1.001) widest = width, best = columns;
    }
    return best;
}

}  // namespace

DisplayOptions fit_display(const DisplayOptions& display, const GridView& view, Size2 map, int count) {
    DisplayOptions fitted = display;
    count = std::max(count, 1);
    if (display.columns == 8 && count < 64) fitted.columns = best_columns(view.area, map, count, display.gap);
    const int columns = std::min(fitted.columns, count);
    const int rows = (count + columns - 1) / columns;
    // Positions in the grid are ints, also in one of millions of cells.
    const auto room = [](int cells) { return std::numeric_limits<int>::max() / (cells + 1); };  // of a cell and a gap
    fitted.gap = std::min(display.gap, room(std::max(columns, rows)) / 2);
    const int max_cell = 1 << 20;
    const Size2 most{std::min(max_cell, room(rows) - fitted.gap), std::min(max_cell, room(columns) - fitted.gap)};
    const double width = std::min(
        {fitting_width(view.area, map, columns, std::min(rows, 8), fitted.gap) * static_cast<double>(view.zoom),
         static_cast<double>(most.w), static_cast<double>(most.h) * map.w / map.h});
    fitted.cell.w = std::clamp(static_cast<int>(width), 1, most.w);
    fitted.cell.h = std::clamp(static_cast<int>(std::lround(width * map.h / map.w)), 1, most.h);
    const GridLayout layout = grid_layout(fitted, map, count);
    const auto first = [](double extent, int area, float center) {
        if (extent <= area) return 0.0;
        return std::clamp(extent * static_cast<double>(center) - area / 2.0, 0.0, extent - area);
    };
    fitted.background = {0, 0, 0, 0};  // transparent, so that the theme's background is visible between the cells
    fitted.region = Rect{static_cast<int>(first(layout.width(), view.area.w, view.center.x)),
                         static_cast<int>(first(layout.height(), view.area.h, view.center.y)),
                         std::min(view.area.w, layout.width()), std::min(view.area.h, layout.height())};
    return fitted;
}

}  // namespace convlens
