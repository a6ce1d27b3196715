/// The choice between CPU and OpenGL.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool back_ends_tool;
extern const Overlay back_ends_overlay;

void back_ends_panel(Frame& frame);

}  // namespace convlens
