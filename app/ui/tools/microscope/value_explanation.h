/// Why a value is what it is, with pictures of the layers on the way to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/explain/explain.h"

namespace convlens {

/// A layer on the way from the input to a value.
struct PathStep {
    std::string name;  ///< "input" or the layer's.
    int channel = 0;   ///< The one in the picture; -1 for all of them.
    int channels = 0;  ///< How many the layer has.
    Size2 map;
    std::shared_ptr<const Image> picture;  ///< Null where the layer has no maps.
    Rect box;  ///< What of the map the value depends on; of the last layer the value itself.
};

/// The microscope's answer.
struct ValueExplanation {
    std::shared_ptr<const Explanation> explanation;  ///< Never null.
    std::vector<PathStep> path;                      ///< From the input to the layer that is shown.
};

/// Of the value that is explained; null for none.
inline const ValueExplanation* explanation_of(const Frame& f) {
    return f.shown ? f.shown->answer<ValueExplanation>() : nullptr;
}

}  // namespace convlens
