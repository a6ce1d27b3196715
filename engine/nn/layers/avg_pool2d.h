/// nn.AvgPool2d.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.AvgPool2d: the mean over a window. The members are the arguments of
/// https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html.
struct AvgPool2d {
    Size2 kernel_size{2, 2};
    Size2 stride{2, 2};  ///< The default in nn.AvgPool2d is kernel_size.
    Size2 padding{0, 0};
    bool ceil_mode = false;               ///< Whether the output size is rounded up.
    bool count_include_pad = true;        ///< Whether padding zeros count as values of the mean.
    std::optional<int> divisor_override;  ///< Divisor of the sum, not 0; nullopt means the number of values.
    friend bool operator==(const AvgPool2d&, const AvgPool2d&) = default;
};

template <>
struct LayerTraits<AvgPool2d> : NoArrays<AvgPool2d>, NoMacs<AvgPool2d> {
    static constexpr std::string_view name = "AvgPool2d";
    static constexpr Role role = Role::pooling;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("kernel_size", s.kernel_size, tooltip_text::kernel_size);
        visit.optional("stride", s.stride, Size2(s.kernel_size), tooltip_text::stride);
        visit.optional("padding", s.padding, Size2{0, 0}, tooltip_text::padding);
        visit.optional("ceil_mode", s.ceil_mode, false, tooltip_text::ceil_mode);
        visit.optional("count_include_pad", s.count_include_pad, true,
                       "Count the zeros of the padding as values of the mean");
        visit.optional("divisor_override", s.divisor_override, std::optional<int>(),
                       "Divide the sum by this number instead of by the number of values");
    }
    static std::optional<WindowShape> window(const AvgPool2d& p, Size2 /*input*/) {
        return WindowShape{p.kernel_size,      p.stride,   {1, 1}, {p.padding.h, p.padding.h, p.padding.w, p.padding.w},
                           PaddingMode::zeros, p.ceil_mode};
    }
    static Expected<Shape> output_shape(const AvgPool2d& p, const Shape& input) {
        if (p.divisor_override == 0) return fail("divisor_override is 0: expected any other number");
        return pooled_shape(*window(p, {}), input);
    }
    static Taps taps(const AvgPool2d& p, const Shape& input, const PixelPosition& at) {
        return taps_under(*window(p, {}), {at.channel, 1}, input, at);
    }
    static constexpr std::string_view stem = "avgpool";
    static AvgPool2d example(const Shape& /*input*/) { return {}; }
    static AvgPool2d random(Random& random, Shape& input);
    static constexpr bool exact = false;
    static void break_down(const AvgPool2d& p, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const AvgPool2d& p, const std::string& layer);
    static Expected<NumpyCode> numpy(const AvgPool2d& p, const std::string& layer);
};

}  // namespace convlens
