/// The features tool, for Lesson::features: plots images as points, once by a network's features and once by their
/// pixels.
#pragma once

#include "app/ui/tool.h"

namespace convlens {

/// The tool's entry in the table of tools.
extern const Tool features_tool;

/// Draws the plots and the nearest neighbors in the central panel.
void features_panel(Frame& frame);

}  // namespace convlens
