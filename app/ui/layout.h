/// Layout of the window.
#pragma once

namespace convlens {

struct Frame;

/// Draws the whole window: menus, side panels, the central panel, and overlays.
void draw_window(Frame& frame);

/// Draws the central panel: its tabs and, below them, the tool View::tool. In lecture mode, draws only the tool.
void tool_panel(Frame& frame);

/// Draws the panel on the right: its tabs and, below them, the tool View::side.
void side_panel(Frame& frame);

}  // namespace convlens
