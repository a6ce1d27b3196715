/// Layout of the window.
#pragma once

namespace convlens {

struct Frame;

/// Draws the whole window: menus, panels, the tool in the middle, and overlays.
void draw_window(Frame& frame);

/// Draws the tabs of the middle and, below them, the tool view.tool; in lecture mode only the tool.
void tool_panel(Frame& frame);

/// Draws the tabs of the panel on the right and the tool view.side.
void side_panel(Frame& frame);

}  // namespace convlens
