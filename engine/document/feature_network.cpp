/// Cuts a network off after the layer whose output is used as features.
#include "engine/document/feature_network.h"

#include <algorithm>

#include "engine/core/sentence.h"
#include "engine/document/plan.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

/// Returns the number of layers before the first Linear layer; the number of all layers if there is none or it is the
/// first.
std::size_t before_linear(const std::vector<LayerSpec>& layers) {
    const auto linear = std::ranges::find_if(
        layers, [](const LayerSpec& l) { return std::holds_alternative<LinearSpec>(l.operation); });
    return linear == layers.begin() ? layers.size() : static_cast<std::size_t>(linear - layers.begin());
}

}  // namespace

Expected<FeatureNetwork> feature_network(const LayeredNetwork& layered, const std::string& layer) {
    Document document;
    document.network = layered;
    document.layer = layer;
    const auto plan = plan_network(document, 3);
    if (!plan) return tl::unexpected(plan.error());
    auto network = build_network(document, 3);
    if (!network) return tl::unexpected(network.error());
    const std::size_t deepest = before_linear(plan->layers);
    std::size_t count = layer.empty() ? std::min(plan->runnable, deepest) : static_cast<std::size_t>(plan->layer) + 1;
    while (layer.empty() && count > 1 && role_of(plan->layers[count - 1].operation) == Role::passage) --count;
    network->layers = part_for(network->layers, static_cast<int>(count) - 1);
    const Architecture& a = *layered.architecture;
    const std::string& last = network->layers.back().name;
    FeatureNetwork made{std::move(*network), fmt::format("{}, {}", a.name, last), "",
                        a.input_size.value_or(Size2{224, 224}), a.normalize};
    if (layer.empty() && plan->runnable < deepest)
        made.note = sentence("{} has weights only up to {}, which is therefore the deepest usable layer", a.name, last);
    return made;
}

}  // namespace convlens
