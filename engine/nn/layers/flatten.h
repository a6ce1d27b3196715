/// nn.Flatten.
#pragma once

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Flatten: (N, C, H, W) becomes (N, C*H*W, 1, 1).
struct Flatten {
    friend bool operator==(const Flatten&, const Flatten&) = default;
};

template <>
struct LayerTraits<Flatten> : NoFields<Flatten>, NoArrays<Flatten>, NoMacs<Flatten> {
    static constexpr std::string_view name = "Flatten";
    static Expected<Shape> output_shape(const Flatten& /*spec*/, const Shape& input) {
        const auto count = features_of(input);
        if (!count) return tl::unexpected(count.error());
        return Shape{input.n, *count, 1, 1};
    }
    static constexpr Role role = Role::passage;
    static constexpr ChannelFlow channels = ChannelFlow::flat;
    static std::optional<WindowShape> window(const Flatten& /*spec*/, Size2 /*input*/) { return std::nullopt; }
    static PixelPosition origin(const Flatten& /*layer*/, const Shape& input, const PixelPosition& at) {
        const int plane = static_cast<int>(input.plane());
        return {at.channel / plane, at.channel % plane / input.w, at.channel % input.w};
    }
    static Taps taps(const Flatten& layer, const Shape& input, const PixelPosition& at) {
        return tap_at(origin(layer, input, at));
    }
    static constexpr std::string_view stem = "flatten";
    static constexpr bool exact = true;
    static Expected<Step> step(const Flatten& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"x (only the shape changes)", x};
    }
    static TorchCode torch(const Flatten& /*spec*/, const std::string& /*layer*/) { return {"nn.Flatten()"}; }
    static Expected<NumpyCode> numpy(const Flatten& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"y.reshape(len(y), -1, 1, 1)"};
    }
};

}  // namespace convlens
