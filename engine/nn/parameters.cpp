/// Parameters of layers: names, counts, initial values.
#include "engine/nn/parameters.h"

#include <algorithm>
#include <limits>

#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

std::size_t count_of(const std::vector<std::int64_t>& shape) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape)
        if (extent < 0 || __builtin_mul_overflow(count, static_cast<std::size_t>(extent), &count))
            return std::numeric_limits<std::size_t>::max();
    return count;
}

/// Returns a seed that depends on the layer's name, so that the layers of a network get different random numbers:
/// `seed` combined with the FNV-1a hash of `name`.
std::uint32_t stream_seed(std::string_view name, std::uint32_t seed) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash ^ seed * 2654435761U;
}

/// Copy the pointer to the values out of a Parameter, and make a Parameter from such a pointer.
void take(const Parameter& from, std::shared_ptr<const Tensor>& array) { array = from.tensor; }
void take(const Parameter& from, SharedValues& array) { array = from.values; }
Parameter parameter(std::vector<std::int64_t> shape, const std::shared_ptr<const Tensor>& array) {
    return {std::move(shape), array, nullptr};
}
Parameter parameter(std::vector<std::int64_t> shape, const SharedValues& array) {
    return {std::move(shape), nullptr, array};
}

}  // namespace

std::vector<ParameterSpec> parameters_of(const OperationSpec& spec) {
    return std::visit([]<class Spec>(const Spec& s) { return LayerTraits<Spec>::parameters(s); }, spec);
}

std::size_t parameter_count(const OperationSpec& spec) {
    std::size_t total = 0;
    for (const ParameterSpec& p : parameters_of(spec))
        if (p.learned && __builtin_add_overflow(total, count_of(p.shape), &total))
            return std::numeric_limits<std::size_t>::max();
    return total;
}

ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed) {
    ParameterMap result;
    std::optional<UniformStream> stream;
    for (const ParameterSpec& p : parameters_of(layer.operation)) {
        std::vector<float> values(count_of(p.shape), p.first.value());
        if (p.first.fan_in() > 0) {
            if (!stream) stream.emplace(p.first.fan_in(), stream_seed(layer.name, seed));
            stream->fill(values);
        }
        result.emplace(layer.name + "." + p.name, make_parameter(p.shape, std::move(values)));
    }
    return result;
}

std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters) {
    std::map<std::string_view, const Parameter*> found;
    const auto specs = parameters_of(layer.operation);
    for (const ParameterSpec& p : specs) {
        const auto it = parameters.find(layer.name + "." + p.name);
        if (it == parameters.end() || it->second.shape != p.shape) return std::nullopt;
        found.emplace(p.name, &it->second);
    }
    const auto join = [&](std::string_view name, auto& array) {
        if (const auto it = found.find(name); it != found.end()) take(*it->second, array);
    };
    auto operation = std::visit(
        [&]<class Spec>(const Spec& spec) {
            auto made = LayerTraits<Spec>::without_arrays(spec);
            LayerTraits<Spec>::arrays(made, join);
            return Operation(std::move(made));
        },
        layer.operation);
    return Layer{layer.name, std::move(operation), layer.inputs};
}

ParameterMap parameters_of(const Network& network) {
    ParameterMap result;
    for (const Layer& layer : network.layers) {
        const auto specs = parameters_of(spec_of(layer.operation));
        visit_arrays(layer.operation, [&](std::string_view name, const auto& array) {
            const auto spec = std::ranges::find(specs, name, &ParameterSpec::name);
            if (array) result.emplace(layer.name + "." + spec->name, parameter(spec->shape, array));
        });
    }
    return result;
}

}  // namespace convlens
