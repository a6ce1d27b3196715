/// Lesson 4 in the central panel: the same images as points in two spaces, of features and of pixels.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool features_tool;

void features_panel(Frame& frame);

}  // namespace convlens
