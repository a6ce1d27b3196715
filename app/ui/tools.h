/// The views that take turns in the middle of the window.
#pragma once

#include <span>

#include "app/ui/frame.h"

namespace convlens {

struct ToolView {
    Tool tool;
    const char* id;  ///< In the UI map and in a scene: "grid", "microscope".
    const char* title;
    const char* meaning;  ///< One sentence for the tooltip.
    void (*draw)(Frame&);
    bool side;  ///< The panel at the right stays beside it.
};

/// All tools in the order of their tabs.
std::span<const ToolView> tools();

/// Whether the tool that view.tool names leaves the panel at the right its room.
bool has_side_panel(const View& view);

/// The tabs and, below them, the tool that view.tool names.
void tool_panel(Frame& frame);

}  // namespace convlens
