/// From a document to the network that runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// Where a layer's weights are from.
enum class WeightsOrigin {
    none,     ///< The layer has none.
    kernels,  ///< The document's kernels.
    random,   ///< Fresh, from a seed.
    loaded,   ///< The file of LoadedWeights.
    missing,  ///< Not in that file, or of another shape: this layer and those behind it can't run.
};

/// "none", "kernels", "random", "loaded", "missing".
std::string_view to_string(WeightsOrigin origin);

/// The layers of a document's network before any weights are made.
struct NetworkPlan {
    std::vector<LayerSpec> layers;
    std::vector<WeightsOrigin> origins;  ///< One a layer.
    std::size_t runnable = 0;            ///< Layers before the first whose weights are missing.
    int layer = 0;                       ///< The one that the document shows, below `runnable`.
};

/// The plan for an input of `input_channels` channels. Fails, with the names, when the layer to show is not there or
/// has no weights.
Expected<NetworkPlan> plan_network(const Document& document, int input_channels);

/// A network that was built before, to take over weights from.
struct PreviousNetwork {
    const Document& document;
    int input_channels = 0;
    const Network& network;
};

/// The first plan.runnable layers with their weights. Fails when fresh weights would be too many. Layers that
/// `before` (may be null) has with the same weights share them, so that back ends know them again.
Expected<Network> build_network(const Document& document, int input_channels, const PreviousNetwork* before = nullptr);

}  // namespace convlens
