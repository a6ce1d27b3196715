/// The live grid of all channels.
#pragma once

namespace convlens {

struct Frame;

void grid_panel(Frame& frame);  ///< Color scale, colormap and the live grid.
void bars(Frame& frame);        ///< Outputs with one value per channel as bars, instead of the grid.

}  // namespace convlens
