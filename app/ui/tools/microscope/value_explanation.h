/// Explanation of an output value, with pictures of the layers from the input to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/explain/explain.h"

namespace convlens {

/// The network's input, or one of the layers up to the displayed one.
struct PathStep {
    std::string name;                      ///< "input" or the name of the layer.
    int channel = 0;                       ///< Channel in the picture; -1 for all channels.
    int channels = 0;                      ///< Number of channels of the layer.
    Size2 map;                             ///< Rows and columns of its feature maps.
    std::shared_ptr<const Image> picture;  ///< Picture of the channel; null if each channel has only one value.
    Rect box;  ///< Rows and columns that the explained value depends on; in the displayed layer, the value itself.
};

/// What the microscope shows: the worker's answer to its request.
struct ValueExplanation {
    std::shared_ptr<const Explanation> explanation;  ///< Never null.
    /// The input, then all layers up to the displayed one; those on which the value does not depend have no picture.
    std::vector<PathStep> path;
};

/// Returns the explanation of the current value; null if there is none.
inline const ValueExplanation* explanation_of(const Frame& f) {
    return f.shown ? f.shown->answer<ValueExplanation>() : nullptr;
}

}  // namespace convlens
