/// Arranges and draws the panels of the window.
#pragma once

namespace convlens {

struct Frame;

/// Draws the whole window: the menu bar, the panels on the left and right, the central panel, the status bar, and the
/// open overlay.
void draw_window(Frame& frame);

/// Draws the central panel: its tabs and, below them, the tool View::tool. In lecture mode, draws only the tool.
void tool_panel(Frame& frame);

/// Draws the panel on the right: its tabs and, below them, the tool View::side.
void side_panel(Frame& frame);

}  // namespace convlens
