/// The pictures that the sliding window shows.
#pragma once

#include <memory>
#include <string>

#include "engine/core/image.h"
#include "engine/nn/backend.h"
#include "engine/nn/window.h"
#include "engine/view/display_options.h"

namespace convlens {

/// The worker's answer to the sliding window's request.
struct SlideScene {
    std::string layer;                         ///< Name of the layer whose window slides.
    int channel = 0;                           ///< Output channel.
    int input_channel = 0;                     ///< Input channel shown in `padded`; -1 means all three colors.
    WindowShape window;                        ///< The window of that layer.
    Shape input, output;                       ///< Shapes of its input and output (NCHW), without the padding.
    std::shared_ptr<const Image> padded;       ///< Picture of the padded input; null if there is nothing to slide over.
    std::shared_ptr<const Image> picture;      ///< Picture of the output channel; null if `padded` is.
    DisplayOptions display;                    ///< Display options of `picture`.
    std::weak_ptr<const Activations> made_by;  ///< The activations that `picture` shows.
};

}  // namespace convlens
