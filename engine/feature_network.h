/// The part of a network whose output lesson 4 takes as features.
#pragma once

#include <string>

#include "engine/document.h"
#include "engine/nn/network.h"

namespace convlens {

struct FeatureNetwork {
    Network network;     ///< Up to the layer.
    std::string title;   ///< "AlexNet, features.12".
    std::string note;    ///< When there are no weights for what lies behind the layer, a sentence that says so; else empty.
    Size2 input_size;    ///< What pictures are resized to.
    Normalize normalize = Normalize::none;
};

/// `network` up to `layer` (a name or an index), or as far as there are weights when that is empty. Fails, naming it, for a layer that is not there
/// or has no weights.
Expected<FeatureNetwork> feature_network(const LayeredNetwork& network, const std::string& layer);

}  // namespace convlens
