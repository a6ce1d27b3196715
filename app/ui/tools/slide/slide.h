/// The sliding window: animates a kernel that slides over the input.
#pragma once

#include <array>

#include "app/ui/tool.h"
#include "app/ui/tools/slide/slide_scene.h"

namespace convlens {

/// State of the sliding window.
struct SlideView {
    double position = 0;  ///< Index of the output value in its map, counted row by row; fractional during the
                          ///< animation.
    bool playing = false;
    float speed = 1;   ///< Speed of the animation; 1 means four values per second.
    WindowShape last;  ///< The window shape that was drawn last.
    std::array<double, 4> changed{
        -9, -9, -9, -9};  ///< Times (ImGui's clock) at which kernel_size, stride, padding and dilation last changed.
    float turned = -1;    ///< Progress of the kernel's rotation when `flip` is set, 0 to 1; -1 before the first frame.
    float zoom = 0;       ///< Zoom of the input picture: 1 shows the whole picture, 0 chooses a zoom at which the
                          ///< window is easy to see.
    int drawn = 0;        ///< Number of the ImGui frame in which the sliding window was last drawn.
};

extern const Tool slide_tool;

void slide_panel(Frame& frame);

}  // namespace convlens
