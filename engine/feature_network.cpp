/// Cutting a network where its features are.
#include "engine/feature_network.h"

#include "engine/plan.h"

namespace convlens {

Expected<FeatureNetwork> feature_network(const LayeredNetwork& layered, const std::string& layer) {
    Document document;
    document.network = layered;
    document.layer = layer;
    const auto plan = plan_network(document, 3);
    if (!plan) return tl::unexpected(plan.error());
    auto network = build_network(document, 3);
    if (!network) return tl::unexpected(network.error());
    const std::size_t count = layer.empty() ? plan->runnable : static_cast<std::size_t>(plan->layer) + 1;
    network->layers.resize(count);
    const Architecture& a = *layered.architecture;
    const std::string& last = network->layers.back().name;
    FeatureNetwork made{std::move(*network), fmt::format("{}, {}", a.name, last), "", a.input_size.value_or(Size2{224, 224}), a.normalize};
    if (layer.empty() && plan->runnable < plan->layers.size())
        made.note = fmt::format("{} has weights up to {} only: that is the deepest layer there is", a.name, last);
    return made;
}

}  // namespace convlens
