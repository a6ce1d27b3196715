/// The part of a network whose output is used as features in lesson 4.
#pragma once

#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

struct FeatureNetwork {
    Network network;    ///< The layers up to the selected one.
    std::string title;  ///< "AlexNet, features.12".
    std::string note;   ///< A sentence without a final period if deeper layers have no weights; otherwise empty.
    Size2 input_size;   ///< Size that images are resized to.
    Normalize normalize = Normalize::none;
};

/// Returns `network` up to `layer` (a name or an index). If `layer` is empty, returns it up to its first Linear layer,
/// or up to the last layer that has weights. Fails with a message that names the layer if it does not exist or has no
/// weights.
Expected<FeatureNetwork> feature_network(const LayeredNetwork& network, const std::string& layer);

}  // namespace convlens
