/// Builds the network of a document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// Origin of a layer's weights.
enum class WeightsOrigin {
    none,     ///< The layer has no weights.
    kernels,  ///< The document's kernels.
    random,   ///< Random weights, drawn from a seed.
    loaded,   ///< Weights from the file of LoadedWeights.
    missing,  ///< Weights that the file of LoadedWeights lacks or has with another shape. This layer and all later ones
              ///< can't run.
};

/// Returns "none", "kernels", "random", "loaded" or "missing".
std::string_view to_string(WeightsOrigin origin);

/// The layers of a document's network, before any weights are made.
struct NetworkPlan {
    std::vector<LayerSpec> layers;
    std::vector<WeightsOrigin> origins;  ///< One per layer.
    std::size_t runnable = 0;            ///< Number of layers before the first one with missing weights.
    int layer = 0;                       ///< Index of the layer that the document shows; less than `runnable`.
};

/// Makes the plan for an input of `input_channels` channels. Fails with a message that names the layers if the layer to
/// show does not exist or has no weights.
Expected<NetworkPlan> plan_network(const Document& document, int input_channels);

/// A previously built network whose weights can be reused.
struct PreviousNetwork {
    const Document& document;
    int input_channels = 0;
    const Network& network;
};

/// Builds the first plan.runnable layers with their weights. Fails if there would be too many random weights. Layers
/// that have the same weights as in `before` (may be null) share the arrays with it, so that backends recognize
/// unchanged layers.
Expected<Network> build_network(const Document& document, int input_channels, const PreviousNetwork* before = nullptr);

}  // namespace convlens
