/// The part of a network that computes the features of lesson 4, which trains a small model on them
/// (engine/train/feature_lesson.h).
#pragma once

#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// The layers of a network that compute features, and the input that they expect.
struct FeatureNetwork {
    Network network;    ///< The layers up to the one whose output is used as features.
    std::string title;  ///< Name of the network and of the last layer: "AlexNet, features.12".
    std::string note;   ///< If missing weights prevent the use of later layers, a sentence without a final period that
                        ///< says so; otherwise empty.
    Size2 input_size;   ///< Size that images are resized to; 224x224 if the network does not specify one.
    Normalize normalize = Normalize::none;  ///< Normalization of the pixels.
};

/// Returns the layers of `network` up to and including `layer` (a name or an index). If `layer` is empty, returns the
/// layers before the first Linear layer or before the first layer whose weights are missing, without Dropout, Flatten
/// and AdaptiveAvgPool2d layers at the end. Fails with a message that names the layer if it does not exist or has no
/// weights.
Expected<FeatureNetwork> feature_network(const LayeredNetwork& network, const std::string& layer);

}  // namespace convlens
