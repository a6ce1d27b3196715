/// nn.AdaptiveMaxPool2d.
#pragma once

#include "engine/nn/layers/adaptive_avg_pool2d.h"
#include "engine/nn/layers/max_pool2d.h"

namespace convlens {

/// nn.AdaptiveMaxPool2d: the largest value of each bin. The bins are those of AdaptiveAvgPool2d.
struct AdaptiveMaxPool2d {
    Size2 output_size{1, 1};
    friend bool operator==(const AdaptiveMaxPool2d&, const AdaptiveMaxPool2d&) = default;
};

template <>
struct LayerTraits<AdaptiveMaxPool2d> : NoArrays<AdaptiveMaxPool2d>, NoMacs<AdaptiveMaxPool2d> {
    using Mean = LayerTraits<AdaptiveAvgPool2d>;
    static constexpr std::string_view name = "AdaptiveMaxPool2d", stem = "adaptivemaxpool";
    static constexpr Role role = Role::pooling;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("output_size", s.output_size, tooltip_text::output_size);
    }
    static Expected<Shape> output_shape(const AdaptiveMaxPool2d& p, const Shape& input) {
        return Mean::output_shape({p.output_size}, input);
    }
    static std::optional<WindowShape> window(const AdaptiveMaxPool2d& p, Size2 input) {
        return Mean::window({p.output_size}, input);
    }
    static Taps taps(const AdaptiveMaxPool2d& p, const Shape& input, const PixelPosition& at) {
        return Mean::taps({p.output_size}, input, at);
    }
    static AdaptiveMaxPool2d example(const Shape& /*input*/) { return {}; }
    static AdaptiveMaxPool2d random(Random& random, Shape& input) { return {Mean::random(random, input).output_size}; }
    static void break_down(const AdaptiveMaxPool2d& /*layer*/, const Shape& input, const PixelPosition& at,
                           Breakdown& b) {
        LayerTraits<MaxPool2d>::break_down({}, input, at, b);
    }
    static TorchCode torch(const AdaptiveMaxPool2d& p, const std::string& /*layer*/) {
        return {"nn.AdaptiveMaxPool2d(" + python::text(p.output_size) + ")"};
    }
    static Expected<NumpyCode> numpy(const AdaptiveMaxPool2d& p, const std::string& /*layer*/) {
        static constexpr std::string_view function = R"(
def adaptive_max_pool2d(x, output_size):
    (h, w), (oh, ow) = x.shape[2:], output_size
    rows = [(i * h // oh, -(-(i + 1) * h // oh)) for i in range(oh)]
    columns = [(i * w // ow, -(-(i + 1) * w // ow)) for i in range(ow)]
    return np.stack([np.stack([x[:, :, a:b, c:d].max(axis=(2, 3)) for c, d in columns], axis=2) for a, b in rows], axis=2)
)";
        return NumpyCode{"adaptive_max_pool2d(y, " + python::pair(p.output_size) + ")", {function}};
    }
};

}  // namespace convlens
