/// Compares two kernel banks, networks or layers on one image.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool compare_tool;

void compare_panel(Frame& frame);

}  // namespace convlens
