/// Where the grid lies in its area.
#pragma once

#include "app/ui/render_result.h"

namespace convlens {

/// The look that draws `view`: look with columns, cell and region chosen so that `count` maps of size `map` lie as the
/// view says, with nothing painted between the cells. With fewer than 64 maps and 8 columns asked for, columns are
/// chosen so that the cells get largest.
DisplayOptions fit_display(const DisplayOptions& display, const GridView& view, Size2 map, int count);

}  // namespace convlens
