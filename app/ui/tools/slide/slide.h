/// The sliding window: a kernel on its way over the input.
#pragma once

#include <array>

#include "app/ui/tool.h"
#include "app/ui/tools/slide/slide_scene.h"

namespace convlens {

/// The window on its way over the input.
struct SlideView {
    double position = 0;  ///< In output values, row by row.
    bool playing = false;
    float speed = 1;   ///< 1 is four values a second.
    WindowShape last;  ///< As it was drawn last ...
    std::array<double, 4> changed{-9, -9, -9,
                                  -9};  ///< ... and ImGui's times when kernel_size, stride, padding, dilation changed.
    float turned = -1;                  ///< How far the kernel is turned for a flip, 0 to 1; -1 before the first frame.
    float zoom = 0;  ///< Of the input's picture; 1 shows all of it, 0 as much as makes the window easy to see.
    int drawn = 0;   ///< ImGui's frame in which it was drawn last.
};

extern const Tool slide_tool;

void slide_panel(Frame& frame);

}  // namespace convlens
