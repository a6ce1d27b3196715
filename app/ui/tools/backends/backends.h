/// The choice of the compute backend: CPU or OpenGL.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

/// The tool's entry in the table of tools, and its overlay.
extern const Tool backends_tool;
extern const Overlay backends_overlay;

/// Draws the overlay: the choice of the backend, and measurements of both backends.
void backends_panel(Frame& frame);

}  // namespace convlens
