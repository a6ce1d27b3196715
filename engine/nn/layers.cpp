/// Implements the functions for any layer with the LayerTraits of its kind.
#include "engine/nn/layers.h"

#include <array>
#include <limits>
#include <utility>

namespace convlens {
namespace {

/// Returns an array with f(traits) for the LayerTraits of every kind of layer, in the order of Layers.
template <class F>
constexpr auto of_every_kind(const F& f) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::array{f(LayerTraits<std::variant_alternative_t<I, OperationSpec>>())...};
    }
    (std::make_index_sequence<std::variant_size_v<OperationSpec>>());
}

constexpr auto types = of_every_kind([](auto traits) { return std::string_view(traits.name); });

/// Returns f(traits, s), where s is the value in the variant `spec` and `traits` its LayerTraits.
template <class F>
auto ask(const OperationSpec& spec, const F& f) {
    return std::visit([&]<class Spec>(const Spec& s) { return f(LayerTraits<Spec>(), s); }, spec);
}

}  // namespace

std::uint64_t product(std::initializer_list<std::uint64_t> factors) {
    std::uint64_t result = 1;
    for (const std::uint64_t factor : factors)
        if (__builtin_mul_overflow(result, factor, &result)) return std::numeric_limits<std::uint64_t>::max();
    return result;
}

std::span<const std::string_view> layer_types() { return types; }

std::string_view type_name(const OperationSpec& spec) { return types[spec.index()]; }

std::optional<OperationSpec> spec_of_type(std::string_view type) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        std::optional<OperationSpec> found;
        ((types[I] == type ? void(found.emplace(std::in_place_index<I>)) : void()), ...);
        return found;
    }
    (std::make_index_sequence<std::variant_size_v<OperationSpec>>());
}

OperationSpec spec_of(const Operation& operation) {
    return std::visit([]<class Layer>(const Layer& layer) { return OperationSpec(TraitsOf<Layer>::spec(layer)); },
                      operation);
}

Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input) {
    if (auto ok = check_input(input); !ok) return tl::unexpected(ok.error());
    return ask(spec, [&](auto traits, const auto& s) { return traits.output_shape(s, input); });
}

Expected<Shape> output_shape(const OperationSpec& spec, std::span<const Shape> inputs) {
    if (inputs.size() == 1) return output_shape(spec, inputs.front());
    for (const Shape& input : inputs)
        if (auto ok = check_input(input); !ok) return tl::unexpected(ok.error());
    return ask(spec, [&]<class Spec>(auto traits, const Spec& s) -> Expected<Shape> {
        if constexpr (JoinLayer<Spec>)
            return traits.joined_shape(s, inputs);
        else
            return fail("{} has one input, found {}", traits.name, inputs.size());
    });
}

JoinRule join_of(const OperationSpec& spec) {
    return ask(spec, []<class Spec>(auto traits, const Spec&) {
        if constexpr (JoinLayer<Spec>)
            return traits.join;
        else
            return JoinRule::none;
    });
}

std::optional<PixelPosition> source_of(JoinRule rule, std::span<const Shape> inputs, std::size_t k,
                                       const PixelPosition& at) {
    const Shape& s = inputs[k];
    if (rule != JoinRule::concat)
        return PixelPosition{s.c == 1 ? 0 : at.channel, s.h == 1 ? 0 : at.y, s.w == 1 ? 0 : at.x};
    int channel = at.channel;
    for (std::size_t i = 0; i < k; ++i) channel -= inputs[i].c;
    if (channel < 0 || channel >= s.c) return std::nullopt;
    return PixelPosition{channel, at.y, at.x};
}

std::uint64_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output) {
    return ask(spec, [&](auto traits, const auto& s) { return traits.multiply_accumulates(s, input, output); });
}

std::optional<WindowShape> window_of(const OperationSpec& spec, Size2 size) {
    return ask(spec, [&](auto traits, const auto& s) { return traits.window(s, size); });
}

Role role_of(const OperationSpec& spec) {
    return ask(spec, [](auto traits, const auto&) { return traits.role; });
}

ChannelFlow channels_of(const OperationSpec& spec) {
    return ask(spec, [](auto traits, const auto&) { return traits.channels; });
}

std::span<const std::string_view> unused_arrays_of(const OperationSpec& spec) {
    return ask(spec, [](auto traits, const auto&) { return std::span<const std::string_view>(traits.unused_arrays); });
}

std::string_view name_stem(const OperationSpec& spec) {
    return ask(spec, [](auto traits, const auto&) { return std::string_view(traits.stem); });
}

OperationSpec example_of(const OperationSpec& spec, const Shape& input) {
    return ask(spec, [&](auto traits, const auto&) { return OperationSpec(traits.example(input)); });
}

}  // namespace convlens
