/// Lesson 4 in the middle: the same images as points in two feature spaces.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

extern const Tool features_tool;

void features_panel(Frame& frame);

}  // namespace convlens
