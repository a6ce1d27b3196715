/// The window's panels: each draws itself and edits the frame's draft.
#pragma once

#include "app/ui/frame.h"

namespace convlens {

void controls_panel(Frame& frame);  ///< Source, kernels, hyper-parameters, look.
void grid_panel(Frame& frame);      ///< The live grid.
void kernels_panel(Frame& frame);   ///< The kernel strip and the marked channel.
void status_bar(Frame& frame);      ///< Shapes, back end, time, errors.

}  // namespace convlens
