/// What a window travels over, and what it leaves behind.
#pragma once

#include <memory>
#include <string>

#include "engine/core/image.h"
#include "engine/nn/backend.h"
#include "engine/nn/window.h"
#include "engine/view/display_options.h"

namespace convlens {

/// The sliding window's answer.
struct SlideScene {
    std::string layer;
    int channel = 0;        ///< Of the output.
    int input_channel = 0;  ///< The one in the picture; -1 for all three colors.
    WindowShape window;
    Shape input, output;
    std::shared_ptr<const Image> padded;       ///< The input with its padding; null where the layer has no window.
    std::shared_ptr<const Image> picture;      ///< The output.
    DisplayOptions display;                    ///< Of `picture`.
    std::weak_ptr<const Activations> made_by;  ///< Whose picture it is.
};

}  // namespace convlens
