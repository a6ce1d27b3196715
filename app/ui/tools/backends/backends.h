/// The choice of the compute backend: CPU or OpenGL.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool backends_tool;
extern const Overlay backends_overlay;

void backends_panel(Frame& frame);

}  // namespace convlens
