/// The microscope: shows every term (every input value with its weight) that one output value is computed from, in the
/// panel on the right and larger in the central panel.
#pragma once

namespace convlens {

struct Frame;

/// Pins a value of the output on screen, so that it stays explained while the mouse moves, and selects its channel.
/// Pins the value under the mouse or keyboard cursor or, if neither is on the grid, the center of the selected channel
/// (of the first channel if none is selected). If the kernels are in the panel on the right, shows the terms there
/// instead. If a value is already pinned, and the cursor is on it or on no value, unpins it instead. `frame.shown` must
/// not be null.
void keep_value(Frame& frame);

/// Draws the pinned value, or else the value under the cursor, with its terms in the panel on the right.
void explanation_panel(Frame& frame);

/// Draws the same value with larger pictures and cells in the central panel.
void microscope_panel(Frame& frame);

}  // namespace convlens
