/// The comparison tool: compares two sets of kernels, networks or layers, called A and B, on one image.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

/// The tool's entry in the table of tools.
extern const Tool compare_tool;

/// Draws the comparison in the central panel.
void compare_panel(Frame& frame);

}  // namespace convlens
