/// The grid of all channels, which follows every change at once.
#pragma once

namespace convlens {

struct Frame;

/// Draws the grid in the central panel, with the controls of value range, colormap and order above it.
void grid_panel(Frame& frame);

/// Draws an output with one value per channel as bars; used instead of the grid.
void bars(Frame& frame);

}  // namespace convlens
