/// The sliding window: animates a kernel that slides over the input.
#pragma once

#include <array>

#include "app/ui/tool.h"
#include "app/ui/tools/slide/slide_scene.h"

namespace convlens {

/// State of the sliding window.
struct SlideView {
    double position = 0;  ///< Index of the output value, row by row; fractional during the animation.
    bool playing = false;
    float speed = 1;   ///< 1 is four values per second.
    WindowShape last;  ///< The window shape that was drawn last ...
    std::array<double, 4> changed{
        -9, -9, -9, -9};  ///< ... and ImGui's times at which kernel_size, stride, padding and dilation changed.
    float turned = -1;    ///< Progress of the rotation for a flip, 0 to 1; -1 before the first frame.
    float zoom = 0;       ///< Zoom of the input picture: 1 shows all of it, 0 makes the window easy to see.
    int drawn = 0;        ///< ImGui's frame in which it was drawn last.
};

extern const Tool slide_tool;

void slide_panel(Frame& frame);

}  // namespace convlens
