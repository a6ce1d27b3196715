/// Fits the grid into its area in the window.
#pragma once

#include "app/ui/render_result.h"

namespace convlens {

/// Returns `display` with the cell size and the region (the visible part of the grid) that follow from the area, the
/// zoom and the center in `view`, for `count` feature maps of size `map`. The background between the cells is
/// transparent. If display.columns is 8, the default, and there are fewer than 64 maps, also chooses the number of
/// columns that makes the cells largest. Cells and gaps are smaller where the whole grid would have more than INT_MAX
/// pixels along a side. view.enlarged is ignored.
DisplayOptions fit_display(const DisplayOptions& display, const GridView& view, Size2 map, int count);

}  // namespace convlens
