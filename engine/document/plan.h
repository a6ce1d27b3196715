/// Determines the layers of a document's network and builds it with its weights.
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
    kernels,  ///< The kernels of a ConvChain, Document::kernels.
    random,   ///< Random weights, drawn from a seed.
    loaded,   ///< Weights from the file of LoadedWeights.
    missing,  ///< Weights that the file of LoadedWeights lacks or has with another shape. This layer and all later ones
              ///< can't run.
};

/// Returns "none", "kernels", "random", "loaded" or "missing".
std::string_view to_string(WeightsOrigin origin);

/// The layers of a document's network, described before any weights are made.
struct NetworkPlan {
    std::vector<LayerSpec> layers;
    std::vector<WeightsOrigin> origins;  ///< One per layer.
    /// Number of layers before the first one with missing weights; all layers if none are missing.
    std::size_t runnable = 0;
    int layer = 0;  ///< Index of the layer that the document shows; less than `runnable`.
};

/// Returns the plan for an input of `input_channels` channels. Fails with a message that names the layers if the layer
/// to show does not exist or can't run because of missing weights.
Expected<NetworkPlan> plan_network(const Document& document, int input_channels);

/// A network that was built for an earlier state of the document, for reusing its weights.
struct PreviousNetwork {
    const Document& document;  ///< The document that the network was built for.
    int input_channels = 0;    ///< The number of input channels that it was built for.
    const Network& network;
};

/// Builds the layers that can run, the first NetworkPlan::runnable ones, with their weights. Layers whose weights are
/// the same as in `before` (may be null) share the arrays with it: backends recognize unchanged layers by that. Fails
/// if the kernels have no pixels or more than 2^28 random weights would be needed.
Expected<Network> build_network(const Document& document, int input_channels, const PreviousNetwork* before = nullptr);

}  // namespace convlens
