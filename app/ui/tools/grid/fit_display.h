/// Fits the grid into its area.
#pragma once

#include "app/ui/render_result.h"

namespace convlens {

/// Returns `display` with columns, cell and region that place `count` feature maps of size `map` as `view` specifies.
/// The background between the cells is transparent. With fewer than 64 maps and 8 columns, chooses the number of
/// columns that makes the cells largest.
DisplayOptions fit_display(const DisplayOptions& display, const GridView& view, Size2 map, int count);

}  // namespace convlens
