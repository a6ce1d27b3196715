/// Reads and stores the kernels that the user edits.
#include "engine/document/custom_kernels.h"

#include <algorithm>

#include "engine/nn/graph.h"

namespace convlens {
namespace {

std::string edited(std::string title) {
    constexpr std::string_view mark = ", edited";
    return title.ends_with(mark) ? title : title + std::string(mark);
}

/// Returns `member` of the parameter `name`; null if there is no such parameter.
template <class Values>
Values values_of(const ParameterMap& parameters, const std::string& name, Values Parameter::*member) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? nullptr : found->second.*member;
}

}  // namespace

int kernel_layer(const Network& network, int layer) {
    for (int i = layer; i >= 0;) {
        const Operation& operation = network.layers[static_cast<std::size_t>(i)].operation;
        if (std::holds_alternative<Conv2d>(operation)) return i;
        const std::vector<int> inputs = inputs_of(network.layers, i);
        if (inputs.size() > 1 || channels_of(spec_of(operation)) != ChannelFlow::same) return -1;
        i = inputs.front();
    }
    return -1;
}

std::optional<CustomKernels> custom_kernels(const Document& document, const Network& built, int layer) {
    if (layer < 0 || static_cast<std::size_t>(layer) >= built.layers.size()) return std::nullopt;
    const int index = kernel_layer(built, layer);
    if (index < 0) return std::nullopt;
    const Layer& found = built.layers[static_cast<std::size_t>(index)];
    const auto& conv = std::get<Conv2d>(found.operation);
    CustomKernels own{found.name, conv.weight, conv.bias};
    if (std::holds_alternative<ConvChain>(document.network)) {
        if (found.name != "conv1" || index != 0) return std::nullopt;
        if (const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank))
            own.weight = loaded->weight, own.bias = loaded->bias;
        if (std::holds_alternative<EdgeKernels>(document.kernels.bank)) {
            if (conv.weight->shape().n != static_cast<int>(edge_kernels().size()))
                return std::nullopt;  // the last evaluated network has other kernels
            own.weight = std::make_shared<const Tensor>(edge_weights());
            own.bias = nullptr;
        }
        if (const auto* random = std::get_if<RandomKernels>(&document.kernels.bank)) {
            const Shape& s = conv.weight->shape();
            if (s.n != random->out_channels || s.h != random->kernel_size.h || s.w != random->kernel_size.w)
                return std::nullopt;
        }
        return own;
    }
    const auto& layered = std::get<LayeredNetwork>(document.network);
    const auto& layers = layered.architecture->layers;
    const auto spec =
        std::find_if(layers.begin(), layers.end(), [&](const LayerSpec& l) { return l.name == found.name; });
    if (spec == layers.end() || !std::holds_alternative<Conv2dSpec>(spec->operation)) return std::nullopt;
    if (const auto* loaded = std::get_if<LoadedWeights>(&layered.weights)) {
        own.weight = values_of(*loaded->parameters, found.name + ".weight", &Parameter::tensor);
        own.bias = values_of(*loaded->parameters, found.name + ".bias", &Parameter::values);
        if (!own.weight) return std::nullopt;
    }
    // The last evaluated network may be another one that also has a layer with this name.
    const auto& shape = std::get<Conv2dSpec>(spec->operation);
    const Shape& s = own.weight->shape();
    if (s !=
        Shape{shape.out_channels, shape.in_channels / shape.params.groups, shape.kernel_size.h, shape.kernel_size.w})
        return std::nullopt;
    return own;
}

bool same_random_kernels(const Document& document, const Document& evaluated) {
    if (std::holds_alternative<ConvChain>(document.network)) {
        const auto* random = std::get_if<RandomKernels>(&document.kernels.bank);
        return !random ||
               (std::holds_alternative<ConvChain>(evaluated.network) &&
                document.kernels.bank == evaluated.kernels.bank && document.conv.groups == evaluated.conv.groups &&
                document.input.gray == evaluated.input.gray && document.input.source == evaluated.input.source);
    }
    const auto& layered = std::get<LayeredNetwork>(document.network);
    return !std::holds_alternative<RandomWeights>(layered.weights) || document.network == evaluated.network;
}

void put_kernels(Document& document, const Network& built, CustomKernels kernels) {
    if (std::holds_alternative<ConvChain>(document.network)) {
        const std::string title = edited(kernels_title(document.kernels));
        const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
        document.kernels.bank = LoadedKernels{KnownKernels::own, title, std::move(kernels.weight),
                                              std::move(kernels.bias), loaded ? loaded->trained_with : Normalize::none};
        return;
    }
    auto& layered = std::get<LayeredNetwork>(document.network);
    const std::string title = edited(network_title(document));
    const auto* loaded = std::get_if<LoadedWeights>(&layered.weights);
    ParameterMap parameters = loaded ? *loaded->parameters : parameters_of(built);
    const Shape& s = kernels.weight->shape();
    parameters[kernels.layer + ".weight"] = Parameter{{s.n, s.c, s.h, s.w}, kernels.weight, nullptr};
    if (kernels.bias) parameters[kernels.layer + ".bias"] = Parameter{{s.n}, nullptr, kernels.bias};
    layered.weights =
        LoadedWeights{KnownCheckpoint::own, title, std::make_shared<const ParameterMap>(std::move(parameters)),
                      loaded ? loaded->report : nullptr};
}

}  // namespace convlens
