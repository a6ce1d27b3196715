/// Layers with several inputs: Add, Multiply and Concat. They are functions in PyTorch, not modules of torch.nn.
#pragma once

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// Returns the shape to which `inputs` are broadcast, as by torch.add: each extent is that of all inputs, or 1. Fails
/// with a message that names the shapes if they differ otherwise, or in the number of batch items.
Expected<Shape> broadcast_shape(std::span<const Shape> inputs);

/// Returns the shape of the inputs one after the other along the channels, as by torch.cat(dim=1). Fails with a message
/// that names the shapes if other extents differ.
Expected<Shape> concat_shape(std::span<const Shape> inputs);

/// Base of the traits of a layer with several inputs. Each output value is computed from one value of each input (in a
/// Concat, of one of the inputs). With one input, the layer passes it on.
template <class Spec, JoinRule join_rule>
struct Join : NoFields<Spec>, NoMacs<Spec>, NoArrays<Spec> {
    static constexpr JoinRule join = join_rule;
    static constexpr Role role = Role::joining;
    static constexpr ChannelFlow channels = join_rule == JoinRule::concat ? ChannelFlow::mixed : ChannelFlow::same;
    static constexpr bool exact = true;

    static Expected<Shape> output_shape(const Spec& /*spec*/, const Shape& input) { return input; }
    static Expected<Shape> joined_shape(const Spec& /*spec*/, std::span<const Shape> inputs) {
        return join_rule == JoinRule::concat ? concat_shape(inputs) : broadcast_shape(inputs);
    }
    static std::optional<WindowShape> window(const Spec& /*spec*/, Size2 /*input*/) { return std::nullopt; }
    static Taps taps(const Spec& /*layer*/, const Shape& /*input*/, const PixelPosition& at) { return tap_at(at); }
    static PixelPosition origin(const Spec& /*layer*/, const Shape& /*input*/, const PixelPosition& at) { return at; }
    static Expected<Step> step(const Spec& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"x (the layer has one input)", x};
    }
    static TorchCode torch(const Spec& /*spec*/, const std::string& /*layer*/) { return {"nn.Identity()"}; }
    static Expected<NumpyCode> numpy(const Spec& /*spec*/, const std::string& /*layer*/) { return NumpyCode{"y"}; }
};

/// The sum of the inputs: torch.add. Inputs with an extent of 1 are broadcast.
struct Add {
    friend bool operator==(const Add&, const Add&) = default;
};

/// The product of the inputs, value by value: torch.mul. Inputs with an extent of 1 are broadcast, as the gates of
/// squeeze-and-excitation (N, C, 1, 1) over (N, C, H, W).
struct Multiply {
    friend bool operator==(const Multiply&, const Multiply&) = default;
};

/// The channels of the inputs, one input after the other: torch.cat(dim=1).
struct Concat {
    friend bool operator==(const Concat&, const Concat&) = default;
};

template <>
struct LayerTraits<Add> : Join<Add, JoinRule::sum> {
    static constexpr std::string_view name = "Add", stem = "add";
};

template <>
struct LayerTraits<Multiply> : Join<Multiply, JoinRule::product> {
    static constexpr std::string_view name = "Multiply", stem = "multiply";
};

template <>
struct LayerTraits<Concat> : Join<Concat, JoinRule::concat> {
    static constexpr std::string_view name = "Concat", stem = "concat";
};

}  // namespace convlens
