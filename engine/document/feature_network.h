/// The part of a network whose output lesson 4 takes as features.
#pragma once

#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

struct FeatureNetwork {
    Network network;    ///< Up to the layer.
    std::string title;  ///< "AlexNet, features.12".
    std::string note;  ///< When there are no weights for deeper features, a sentence that says so, without a full stop;
                       ///< else empty.
    Size2 input_size;  ///< What pictures are resized to.
    Normalize normalize = Normalize::none;
};

/// `network` up to `layer` (a name or an index); when that is empty, up to its first Linear layer, or as far as there
/// are weights. Fails, naming it, for a layer that is not there or has no weights.
Expected<FeatureNetwork> feature_network(const LayeredNetwork& network, const std::string& layer);

}  // namespace convlens
