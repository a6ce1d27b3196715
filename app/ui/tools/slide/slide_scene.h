/// Input and output of the sliding window as pictures.
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
    int channel = 0;        ///< Output channel.
    int input_channel = 0;  ///< Input channel shown in `padded`; -1 means all three colors.
    WindowShape window;
    Shape input, output;
    std::shared_ptr<const Image> padded;       ///< Picture of the padded input; null if the layer has no window.
    std::shared_ptr<const Image> picture;      ///< Picture of the output channel.
    DisplayOptions display;                    ///< Display options of `picture`.
    std::weak_ptr<const Activations> made_by;  ///< The activations that `picture` shows.
};

}  // namespace convlens
