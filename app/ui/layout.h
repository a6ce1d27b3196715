/// Where the parts of the window lie.
#pragma once

namespace convlens {

struct Frame;

/// Draws the whole window: menus, panels, the tool in the middle, what lies over them.
void draw_window(Frame& frame);

/// The tabs of the middle and, below them, the tool that view.tool names; while presenting the tool alone.
void tool_panel(Frame& frame);

/// The tabs of the panel at the right, and the one that view.side names.
void side_panel(Frame& frame);

}  // namespace convlens
