/// nn.PixelShuffle.
#pragma once

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.PixelShuffle: (N, C r^2, H, W) becomes (N, C, H r, W r), where r is upscale_factor. The output value in channel
/// c, row y and column x is the value of channel (c r + y mod r) r + x mod r in row y / r and column x / r. (W. Shi and
/// others: Real-Time Single Image and Video Super-Resolution, 2016, https://arxiv.org/abs/1609.05158)
struct PixelShuffle {
    int upscale_factor = 2;  ///< At least 1.
    friend bool operator==(const PixelShuffle&, const PixelShuffle&) = default;
};

template <>
struct LayerTraits<PixelShuffle> : NoArrays<PixelShuffle>, NoMacs<PixelShuffle> {
    static constexpr std::string_view name = "PixelShuffle", stem = "shuffle";
    static constexpr Role role = Role::passage;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("upscale_factor", s.upscale_factor,
                       "r: r x r channels become one channel with r times as many rows and columns");
    }
    static Expected<Shape> output_shape(const PixelShuffle& p, const Shape& input) {
        const int r = p.upscale_factor;
        constexpr int most = 1 << 10;
        if (r < 1 || r > most) return fail("upscale_factor is {}: expected 1 to {}", r, most);
        if (input.c % (r * r) != 0)
            return fail("upscale_factor is {}: expected a number of channels that {} divides, found {}", r, r * r,
                        input.c);
        if (std::max(input.h, input.w) > (1 << 28) / r) return fail("upscale_factor is {}: the output is too large", r);
        return check_size({input.n, input.c / (r * r), input.h * r, input.w * r});
    }
    static std::optional<WindowShape> window(const PixelShuffle& /*spec*/, Size2 /*input*/) {
        return WindowShape{.slides = false};
    }
    static PixelPosition origin(const PixelShuffle& p, const Shape& /*input*/, const PixelPosition& at) {
        const int r = p.upscale_factor;
        return {(at.channel * r + at.y % r) * r + at.x % r, at.y / r, at.x / r};
    }
    static Taps taps(const PixelShuffle& p, const Shape& input, const PixelPosition& at) {
        return tap_at(origin(p, input, at));
    }
    static Expected<Step> step(const PixelShuffle& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"x (only the position changes)", x};
    }
    static PixelShuffle example(const Shape& input) { return {input.c % 4 == 0 ? 2 : 1}; }
    static PixelShuffle random(Random& random, Shape& input) {
        const PixelShuffle p{random.whole(1, 3)};
        input.c = random.whole(1, 4) * p.upscale_factor * p.upscale_factor;
        return p;
    }
    static TorchCode torch(const PixelShuffle& p, const std::string& /*layer*/) {
        return {"nn.PixelShuffle(" + python::text(p.upscale_factor) + ")"};
    }
    static Expected<NumpyCode> numpy(const PixelShuffle& p, const std::string& /*layer*/) {
        static constexpr std::string_view function = R"(
def pixel_shuffle(x, r):
    n, c, h, w = x.shape
    return x.reshape(n, c // r**2, r, r, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // r**2, h * r, w * r)
)";
        return NumpyCode{"pixel_shuffle(y, " + python::text(p.upscale_factor) + ")", {function}};
    }
};

}  // namespace convlens
