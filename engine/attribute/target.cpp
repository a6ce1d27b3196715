/// Targets: the end of a network without what is not explained.
#include "engine/attribute/target.h"

#include <algorithm>

#include "engine/nn/graph.h"
#include "engine/nn/network_specs.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

/// Keeps only output channel `channel` of a layer with weights.
void narrow(std::shared_ptr<const Tensor>& weight, SharedValues& bias, int channel) {
    const Shape s = weight->shape();
    Tensor one({1, s.c, s.h, s.w});
    std::copy_n(&weight->at(channel, 0, 0, 0), one.size(), one.data());
    weight = std::make_shared<const Tensor>(std::move(one));
    if (bias) bias = std::make_shared<const std::vector<float>>(1, (*bias)[static_cast<std::size_t>(channel)]);
}

}  // namespace

Network without_last_activations(Network network) {
    auto& layers = network.layers;
    const auto is_activation = [](const Operation& o) {
        return std::holds_alternative<ReLU>(o) || std::holds_alternative<Sigmoid>(o) ||
               std::holds_alternative<Softmax>(o);
    };
    while (!layers.empty() && is_activation(layers.back().operation)) {
        const int from = inputs_of(layers, static_cast<int>(layers.size()) - 1).front();
        if (from < 0) break;  // there is no layer before it
        layers.resize(static_cast<std::size_t>(from) + 1);
    }
    return network;
}

Expected<Target> make_target(Network network, int channel, const Shape& input) {
    network = without_last_activations(std::move(network));
    auto& layers = network.layers;
    const auto shapes = shapes_for(layers, input, static_cast<int>(layers.size()) - 1);
    if (!shapes) return tl::unexpected(shapes.error());
    const Shape& shape = shapes->back();
    if (channel < 0 || channel >= shape.c)
        return fail("channel {} does not exist: {} has channels 0 to {}", channel, layers.back().name, shape.c - 1);
    if (auto* conv = std::get_if<Conv2d>(&layers.back().operation); conv && conv->params.groups == 1) {
        narrow(conv->weight, conv->bias, channel);
        channel = 0;
    } else if (auto* linear = std::get_if<Linear>(&layers.back().operation)) {
        narrow(linear->weight, linear->bias, channel);
        linear->spec.out_features = 1;
        channel = 0;
    }
    return Target{std::move(network), channel};
}

Network randomized(Network network, int first, std::uint32_t seed) {
    for (std::size_t i = static_cast<std::size_t>(std::max(first, 0)); i < network.layers.size(); ++i) {
        const LayerSpec spec{network.layers[i].name, spec_of(network.layers[i].operation), network.layers[i].inputs};
        network.layers[i] = with_parameters(spec, initial_parameters(spec, ~seed)).value();
    }
    return network;
}

int top_weights(const Network& network) {
    int i = static_cast<int>(network.layers.size()) - 1;
    while (i > 0 && parameter_count(spec_of(network.layers[static_cast<std::size_t>(i)].operation)) == 0) --i;
    return i;
}

std::vector<double> explained(const Target& target, const Tensor& output) {
    std::vector<double> values;
    for (int n = 0; n < output.shape().n; ++n) {
        double sum = 0;
        for (const float v : output.plane(n, target.channel)) sum += static_cast<double>(v);
        values.push_back(sum / static_cast<double>(output.shape().plane()));
    }
    return values;
}

Tensor explained_gradient(const Target& target, const Shape& output) {
    Tensor gradient(output, 0.0F);
    for (int n = 0; n < output.n; ++n)
        for (float& g : gradient.plane(n, target.channel)) g = 1.0F / static_cast<float>(output.plane());
    return gradient;
}

}  // namespace convlens
