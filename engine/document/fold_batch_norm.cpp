/// Folds the scale and shift of batch normalization into weights.
#include "engine/document/fold_batch_norm.h"

#include <algorithm>
#include <cmath>

#include "engine/document/plan.h"
#include "engine/nn/graph.h"
#include "engine/nn/network_specs.h"

namespace convlens {
namespace {

/// The map x -> x * scale + shift of each channel.
struct ChannelMaps {
    std::vector<double> scale, shift;
};

ChannelMaps maps_of(const BatchNorm2d& b) {
    ChannelMaps maps;
    for (std::size_t c = 0; c < b.running_mean->size(); ++c) {
        const double scale = (b.weight ? static_cast<double>((*b.weight)[c]) : 1.0) /
                             std::sqrt(static_cast<double>((*b.running_var)[c]) + static_cast<double>(b.spec.eps));
        maps.scale.push_back(scale);
        maps.shift.push_back((b.bias ? static_cast<double>((*b.bias)[c]) : 0.0) -
                             static_cast<double>((*b.running_mean)[c]) * scale);
    }
    return maps;
}

/// Returns the bias after the map; a null bias is 0.
SharedValues mapped(const SharedValues& bias, const ChannelMaps& maps) {
    std::vector<float> values;
    for (std::size_t c = 0; c < maps.scale.size(); ++c)
        values.push_back(
            static_cast<float>((bias ? static_cast<double>((*bias)[c]) : 0.0) * maps.scale[c] + maps.shift[c]));
    return std::make_shared<const std::vector<float>>(std::move(values));
}

/// Returns the weight with the part of output channel c multiplied by scale[c]. channel_of(n, c) is the output channel
/// of the plane (n, c) of the weight.
template <class ChannelOf>
std::shared_ptr<const Tensor> mapped(const Tensor& weight, const ChannelMaps& maps, const ChannelOf& channel_of) {
    Tensor result = weight.clone();
    for (int n = 0; n < weight.shape().n; ++n)
        for (int c = 0; c < weight.shape().c; ++c)
            for (float& v : result.plane(n, c))
                v = static_cast<float>(static_cast<double>(v) * maps.scale[static_cast<std::size_t>(channel_of(n, c))]);
    return std::make_shared<const Tensor>(std::move(result));
}

/// Folds the maps into `operation`. Returns false if it is no layer with weights.
bool fold(Operation& operation, const ChannelMaps& maps) {
    const auto row = [](int n, int /*c*/) { return n; };
    if (auto* conv = std::get_if<Conv2d>(&operation)) {
        conv->weight = mapped(*conv->weight, maps, row);
        conv->bias = mapped(conv->bias, maps);
    } else if (auto* linear = std::get_if<Linear>(&operation)) {
        linear->weight = mapped(*linear->weight, maps, row);
        linear->bias = mapped(linear->bias, maps);
        linear->spec.bias = true;
    } else if (auto* transposed = std::get_if<ConvTranspose2d>(&operation)) {
        const int of_group = transposed->spec.out_channels / transposed->spec.groups,
                  in_group = transposed->spec.in_channels / transposed->spec.groups;
        transposed->weight =
            mapped(*transposed->weight, maps, [&](int n, int c) { return n / in_group * of_group + c; });
        transposed->bias = mapped(transposed->bias, maps);
        transposed->spec.bias = true;
    } else {
        return false;
    }
    return true;
}

/// Returns the number of output channels of a layer with weights; 0 for others.
int outputs_of(const Operation& operation) {
    if (const auto* conv = std::get_if<Conv2d>(&operation)) return conv->weight->shape().n;
    if (const auto* linear = std::get_if<Linear>(&operation)) return linear->spec.out_features;
    if (const auto* transposed = std::get_if<ConvTranspose2d>(&operation)) return transposed->spec.out_channels;
    return 0;
}

}  // namespace

Expected<LayeredNetwork> fold_batch_norm(const Document& document, int input_channels) {
    const auto* layered = std::get_if<LayeredNetwork>(&document.network);
    if (!layered) return fail("a single convolution has no BatchNorm2d to fold: choose a network with such layers");
    const auto network = build_network(document, input_channels);
    if (!network) return tl::unexpected(network.error());
    const auto size = network->layers.size();
    std::vector<LayerSpec> all = layered->architecture->layers;
    std::vector<int> readers(all.size());
    for (int i = 0; i < static_cast<int>(all.size()); ++i)
        for (const int from : inputs_of(all, i))
            if (from >= 0) ++readers[static_cast<std::size_t>(from)];
    Network folded;
    std::vector<int> places(all.size(), network_input);  // of each layer's output in `folded`
    const auto moved = [&](int layer, int place) {
        std::vector<int> inputs = inputs_of(all, layer);
        for (int& from : inputs) from = from < 0 ? from : places[static_cast<std::size_t>(from)];
        return stored_inputs(place, std::move(inputs));
    };
    int count = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const Layer& layer = network->layers[i];
        const auto* norm = std::get_if<BatchNorm2d>(&layer.operation);
        const int from = inputs_of(all, static_cast<int>(i)).front();
        if (norm && from >= 0 && readers[static_cast<std::size_t>(from)] == 1) {
            places[i] = places[static_cast<std::size_t>(from)];
            Operation& before = folded.layers[static_cast<std::size_t>(places[i])].operation;
            if (outputs_of(before) == norm->spec.num_features && fold(before, maps_of(*norm))) {
                ++count;
                continue;
            }
        }
        places[i] = static_cast<int>(folded.layers.size());
        folded.layers.push_back({layer.name, layer.operation, moved(static_cast<int>(i), places[i])});
    }
    if (count == 0)
        return fail("{} has no BatchNorm2d directly after a Conv2d, ConvTranspose2d or Linear",
                    network_title(document));
    Architecture architecture = *layered->architecture;
    std::vector<LayerSpec> layers = specs_of(folded);
    for (std::size_t i = size; i < all.size(); ++i) {  // those whose weights are missing
        places[i] = static_cast<int>(layers.size());
        layers.push_back({all[i].name, all[i].operation, moved(static_cast<int>(i), places[i])});
    }
    architecture.layers = std::move(layers);
    return LayeredNetwork{
        KnownNetwork::own, std::make_shared<const Architecture>(std::move(architecture)),
        LoadedWeights{KnownCheckpoint::own, fmt::format("{}, {} BatchNorm2d folded", network_title(document), count),
                      std::make_shared<const ParameterMap>(parameters_of(folded)), nullptr}};
}

void choose_folded(Document& document, LayeredNetwork folded) {
    const auto* before = std::get_if<LayeredNetwork>(&document.network);
    std::string layer = document.layer;
    if (before && !layer.empty())
        if (const auto index = find_layer(before->architecture->layers, layer)) {
            const auto& layers = before->architecture->layers;
            auto at = static_cast<std::size_t>(*index);
            const auto is_left = [&](const LayerSpec& l) {
                return std::ranges::find(folded.architecture->layers, l.name, &LayerSpec::name) !=
                       folded.architecture->layers.end();
            };
            while (at > 0 && !is_left(layers[at]))
                at = static_cast<std::size_t>(std::max(inputs_of(layers, static_cast<int>(at)).front(), 0));
            layer = layers[at].name;
        }
    choose_network(document, std::move(folded));
    document.layer = layer;
}

}  // namespace convlens
