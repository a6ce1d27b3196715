/// Fits the grid into its area.
#pragma once

#include "app/ui/render_result.h"

namespace convlens {

/// Returns `display` with columns, cell and region chosen so that `count` feature maps of size `map` are placed as
/// `view` says, with a transparent background between the cells. With fewer than 64 maps and 8 columns, chooses the
/// number of columns that makes the cells largest.
DisplayOptions fit_display(const DisplayOptions& display, const GridView& view, Size2 map, int count);

}  // namespace convlens
