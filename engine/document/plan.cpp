/// Plans and builds the networks of documents.
#include "engine/document/plan.h"

#include <algorithm>
#include <array>

#include "engine/core/overloaded.h"
#include "engine/core/sentence.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 5> origin_names{"none", "kernels", "random", "loaded", "missing"};

/// Maximum number of random weights (1 GiB); more are considered a typing error.
constexpr std::size_t max_random_weights = std::size_t{1} << 28;

/// Weight and bias of conv1.
struct BankWeights {
    std::shared_ptr<const Tensor> weight;
    SharedValues bias;
};

Expected<BankWeights> draw(const RandomKernels& random, int input_channels, int groups) {
    const Shape shape{random.out_channels, std::max(input_channels / groups, 1), random.kernel_size.h,
                      random.kernel_size.w};
    if (random.out_channels < 1 || shape.h < 1 || shape.w < 1)
        return fail("{} random kernels of {}: expected at least 1 kernel of at least 1x1", random.out_channels,
                    to_string(random.kernel_size));
    if (shape.count() > max_random_weights)
        return fail("random kernels {} would be {} weights: expected {} at most", to_string(shape), shape.count(),
                    max_random_weights);
    auto initial = random_weights(shape.n, shape.c, random.kernel_size, random.seed);
    return BankWeights{std::make_shared<const Tensor>(std::move(initial.weight)),
                       std::make_shared<const std::vector<float>>(std::move(initial.bias))};
}

Expected<BankWeights> bank_weights(const Document& document, int input_channels) {
    const Kernels& kernels = document.kernels;
    auto bank = std::visit(
        Overloaded{[&](const RandomKernels& r) { return draw(r, input_channels, std::max(document.conv.groups, 1)); },
                   [](const LoadedKernels& l) -> Expected<BankWeights> {
                       return BankWeights{l.weight, l.bias};
                   },
                   [](const EdgeKernels&) -> Expected<BankWeights> {
                       return BankWeights{std::make_shared<const Tensor>(edge_weights()), nullptr};
                   }},
        kernels.bank);
    if (!bank) return bank;
    if (!kernels.bias) bank->bias = nullptr;
    const bool gray_kernels = bank->weight->shape().c == 1 && input_channels > 1 && document.conv.groups == 1;
    if (gray_kernels)
        bank->weight =
            std::make_shared<const Tensor>(spread_over_channels(*bank->weight, input_channels, kernels.gray));
    return bank;
}

/// Returns the layers after conv1.
std::vector<LayerSpec> rest_of(const ConvChain& chain) {
    std::vector<LayerSpec> layers;
    if (chain.relu) layers.push_back({"relu1", ReLU{}});
    if (chain.pool) layers.push_back({"pool1", *chain.pool});
    return layers;
}

/// Returns the spec of conv1 without making its weights.
Conv2dSpec conv_spec(const Document& document, int input_channels) {
    const Kernels& kernels = document.kernels;
    const int groups = std::max(document.conv.groups, 1);
    return std::visit(
        Overloaded{
            [&](const RandomKernels& r) {
                return Conv2dSpec{std::max(input_channels / groups, 1) * groups, r.out_channels, r.kernel_size,
                                  document.conv, kernels.bias};
            },
            [&](const LoadedKernels& l) {
                const Shape& w = l.weight->shape();
                const bool gray = w.c == 1 && input_channels > 1 && document.conv.groups == 1;
                return Conv2dSpec{
                    (gray ? input_channels : w.c) * groups, w.n, {w.h, w.w}, document.conv, kernels.bias && l.bias};
            },
            [&](const EdgeKernels&) {
                const int in = document.conv.groups == 1 ? input_channels : groups;
                return Conv2dSpec{in, static_cast<int>(edge_kernels().size()), edge_kernel_size, document.conv, false};
            }},
        kernels.bank);
}

Expected<Network> build(const ConvChain& chain, const Document& document, int input_channels,
                        const PreviousNetwork* before) {
    BankWeights bank;
    const bool same = before && std::holds_alternative<ConvChain>(before->document.network) &&
                      before->input_channels == input_channels && before->document.kernels == document.kernels &&
                      before->document.conv.groups == document.conv.groups;
    if (same) {
        const auto& conv = std::get<Conv2d>(before->network.layers.front().operation);
        bank = {conv.weight, conv.bias};
    } else {
        auto made = bank_weights(document, input_channels);
        if (!made) return tl::unexpected(made.error());
        bank = std::move(*made);
    }
    Network network{{Layer{"conv1", Conv2d{document.conv, bank.weight, bank.bias}}}};
    for (const LayerSpec& spec : rest_of(chain)) network.layers.push_back(with_parameters(spec, {}).value());
    return network;
}

Expected<Network> build_random(const LayeredNetwork& chosen, const RandomWeights& weights,
                               const PreviousNetwork* before) {
    std::size_t count = 0;
    for (const LayerSpec& spec : chosen.architecture->layers) {
        const std::size_t own = parameter_count(spec.operation);
        if (own > max_random_weights || (count += own) > max_random_weights)
            return fail("{} would have {} or more weights: expected {} at most", chosen.architecture->name,
                        std::max(own, count), max_random_weights);
    }
    ParameterMap known;
    if (const auto* last = before ? std::get_if<LayeredNetwork>(&before->document.network) : nullptr;
        last && last->weights == chosen.weights)
        known = parameters_of(before->network);
    Network network;
    for (const LayerSpec& spec : chosen.architecture->layers) {
        auto layer = with_parameters(spec, known);
        if (!layer) layer = with_parameters(spec, initial_parameters(spec, weights.seed));
        network.layers.push_back(std::move(*layer));
    }
    return network;
}

Network build_loaded(const LayeredNetwork& chosen, const LoadedWeights& weights) {
    Network network;
    for (const LayerSpec& spec : chosen.architecture->layers) {
        auto layer = with_parameters(spec, *weights.parameters);
        if (!layer) break;
        network.layers.push_back(std::move(*layer));
    }
    return network;
}

WeightsOrigin origin_of(const LayerSpec& spec, const LayeredNetwork& chosen) {
    if (parameters_of(spec.operation).empty()) return WeightsOrigin::none;
    const auto* loaded = std::get_if<LoadedWeights>(&chosen.weights);
    if (!loaded) return WeightsOrigin::random;
    return with_parameters(spec, *loaded->parameters) ? WeightsOrigin::loaded : WeightsOrigin::missing;
}

/// Returns the index of the layer that is shown. Fails if there is no such layer or it can't run.
Expected<int> shown_layer(const Document& document, const NetworkPlan& plan) {
    const auto runnable = static_cast<int>(plan.runnable);
    if (document.layer.empty() && runnable > 0) return runnable - 1;
    const auto found = document.layer.empty() ? Expected<int>(0) : find_layer(plan.layers, document.layer);
    if (!found || *found < runnable) return found;
    const auto name = [&](int i) { return plan.layers[static_cast<std::size_t>(i)].name; };
    if (*found == runnable)
        return fail("{} has no weights in '{}'{}", name(*found), network_title(document),
                    runnable > 0 ? sentence(", which goes up to {}", name(runnable - 1)) : "");
    return fail("{} can't be shown: '{}' has no weights for {} before it", name(*found), network_title(document),
                name(runnable));
}

}  // namespace

std::string_view to_string(WeightsOrigin origin) { return origin_names[static_cast<std::size_t>(origin)]; }

Expected<NetworkPlan> plan_network(const Document& document, int input_channels) {
    NetworkPlan plan;
    if (const auto* chain = std::get_if<ConvChain>(&document.network)) {
        plan.layers = {{"conv1", conv_spec(document, input_channels)}};
        for (LayerSpec& spec : rest_of(*chain)) plan.layers.push_back(std::move(spec));
        plan.origins.assign(plan.layers.size(), WeightsOrigin::none);
        plan.origins[0] = WeightsOrigin::kernels;
    } else {
        const auto& chosen = std::get<LayeredNetwork>(document.network);
        plan.layers = chosen.architecture->layers;
        for (const LayerSpec& spec : plan.layers) plan.origins.push_back(origin_of(spec, chosen));
    }
    const auto missing = std::find(plan.origins.begin(), plan.origins.end(), WeightsOrigin::missing);
    plan.runnable = static_cast<std::size_t>(missing - plan.origins.begin());
    const auto layer = shown_layer(document, plan);
    if (!layer) return tl::unexpected(layer.error());
    plan.layer = *layer;
    return plan;
}

Expected<Network> build_network(const Document& document, int input_channels, const PreviousNetwork* before) {
    if (const auto* chain = std::get_if<ConvChain>(&document.network))
        return build(*chain, document, input_channels, before);
    const auto& chosen = std::get<LayeredNetwork>(document.network);
    if (const auto* random = std::get_if<RandomWeights>(&chosen.weights)) return build_random(chosen, *random, before);
    return build_loaded(chosen, std::get<LoadedWeights>(chosen.weights));
}

}  // namespace convlens
