/// nn.Softmax.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Softmax over the channels (dim=1): exp(x - m) divided by the sum of exp(x - m) over all channels, where m is the
/// largest x.
struct Softmax {
    friend bool operator==(const Softmax&, const Softmax&) = default;
};

template <>
struct LayerTraits<Softmax> : NoFields<Softmax>, NoArrays<Softmax>, NoMacs<Softmax> {
    static constexpr std::string_view name = "Softmax";
    static Expected<Shape> output_shape(const Softmax& /*spec*/, const Shape& input) { return input; }
    static constexpr Role role = Role::activation;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    static std::optional<WindowShape> window(const Softmax& /*spec*/, Size2 /*input*/) { return std::nullopt; }
    static Taps taps(const Softmax& /*layer*/, const Shape& input, const PixelPosition& at) {
        return {0, input.c, {at.y}, {at.x}};
    }
    static constexpr std::string_view stem = "softmax";
    static constexpr bool exact = false;
    static void break_down(const Softmax& layer, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const Softmax& /*spec*/, const std::string& /*layer*/) { return {"nn.Softmax(dim=1)"}; }
    static Expected<NumpyCode> numpy(const Softmax& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"(lambda e: e / e.sum(axis=1, keepdims=True))(np.exp(y - y.max(axis=1, keepdims=True)))"};
    }
};

}  // namespace convlens
