/// The parts of the window that belong to a lecture.
#pragma once

#include "app/ui/frame.h"

namespace convlens {

float caption_height(const View& view);  ///< Of lecture mode's caption; 0 without one.
void caption_panel(Frame& frame);        ///< Title and text of the scene; controls while the mouse is near.
void scenes_panel(Frame& frame);         ///< The list of scenes, when open.
void spotlight(const View& view);        ///< Round the pointer, when on. After everything else.

}  // namespace convlens
