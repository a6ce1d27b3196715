/// The sliding window: animates a kernel that slides over the input.
#pragma once

#include <array>

#include "app/ui/tool.h"
#include "app/ui/tools/slide/slide_scene.h"

namespace convlens {

/// State of the sliding window.
struct SlideView {
    double position = 0;   ///< Index of the output value in its feature map, counted row by row from 0; fractional
                           ///< during the animation.
    bool playing = false;  ///< Whether the animation runs.
    float speed = 1;       ///< Speed of the animation; 1 means four values per second.
    WindowShape last;      ///< The layer's WindowShape in the last frame, to notice changes.
    /// Times, in seconds of ImGui::GetTime(), at which kernel_size, stride, padding and dilation last changed; the
    /// formula highlights recent changes.
    std::array<double, 4> changed{-9, -9, -9, -9};
    float turned = -1;  ///< How far the picture of the kernel is rotated: 0 not at all, 1 by 180 degrees (`flip` is
                        ///< on); -1 before the first frame.
    float zoom = 0;     ///< Zoom of the input picture, 1 to 64: 1 shows the whole picture. 0 chooses a zoom at which
                        ///< single values are easy to see.
    int drawn = 0;      ///< Number of the ImGui frame in which the sliding window was last drawn.
};

/// The sliding window's entry in the table of tools.
extern const Tool slide_tool;

/// Draws the sliding window in the central panel.
void slide_panel(Frame& frame);

}  // namespace convlens
