/// The live grid of all channels.
#pragma once

namespace convlens {

struct Frame;

void grid_panel(Frame& frame);  ///< Scale, colors and the live grid.
void bars(Frame& frame);        ///< Outputs of one value a channel, in place of the grid.

}  // namespace convlens
