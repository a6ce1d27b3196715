/// Explanation of a value, with pictures of the layers on the path to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/explain/explain.h"

namespace convlens {

/// A layer on the path from the input to a value.
struct PathStep {
    std::string name;  ///< "input" or the name of the layer.
    int channel = 0;   ///< Channel in the picture; -1 for all channels.
    int channels = 0;  ///< Number of channels of the layer.
    Size2 map;
    std::shared_ptr<const Image> picture;  ///< Picture of the feature map; null if the layer has no feature maps.
    Rect box;  ///< The part of the feature map that the explained value depends on; in the last layer, the value
               ///< itself.
};

/// The microscope's answer.
struct ValueExplanation {
    std::shared_ptr<const Explanation> explanation;  ///< Never null.
    std::vector<PathStep> path;                      ///< From the input to the layer on screen.
};

/// Returns the explanation on screen; null if there is none.
inline const ValueExplanation* explanation_of(const Frame& f) {
    return f.shown ? f.shown->answer<ValueExplanation>() : nullptr;
}

}  // namespace convlens
