/// nn.MaxPool2d.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.MaxPool2d: the largest value in a window, where padding counts as -infinity. The members are the arguments of
/// https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html.
struct MaxPool2d {
    Size2 kernel_size{2, 2};
    Size2 stride{2, 2};  ///< The default in nn.MaxPool2d is kernel_size.
    Size2 padding{0, 0};
    Size2 dilation{1, 1};
    bool ceil_mode = false;  ///< Whether the output size is rounded up. The last window must begin inside the input or
                             ///< its left or top padding.
    friend bool operator==(const MaxPool2d&, const MaxPool2d&) = default;
};

template <>
struct LayerTraits<MaxPool2d> : NoArrays<MaxPool2d>, NoMacs<MaxPool2d> {
    static constexpr std::string_view name = "MaxPool2d";
    static constexpr Role role = Role::pooling;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("kernel_size", s.kernel_size, tooltip_text::kernel_size);
        visit.optional("stride", s.stride, Size2(s.kernel_size), tooltip_text::stride);
        visit.optional("padding", s.padding, Size2{0, 0}, tooltip_text::padding);
        visit.optional("dilation", s.dilation, Size2{1, 1}, tooltip_text::dilation);
        visit.optional("ceil_mode", s.ceil_mode, false, tooltip_text::ceil_mode);
    }
    static std::optional<WindowShape> window(const MaxPool2d& p, Size2 /*input*/) {
        return WindowShape{p.kernel_size,      p.stride,
                           p.dilation,         {p.padding.h, p.padding.h, p.padding.w, p.padding.w},
                           PaddingMode::zeros, p.ceil_mode};
    }
    static Expected<Shape> output_shape(const MaxPool2d& p, const Shape& input) {
        return pooled_shape(*window(p, {}), input);
    }
    static Taps taps(const MaxPool2d& p, const Shape& input, const PixelPosition& at) {
        return taps_under(*window(p, {}), {at.channel, 1}, input, at);
    }
    static constexpr std::string_view stem = "pool";
    static MaxPool2d example(const Shape& /*input*/) { return {}; }
    static MaxPool2d random(Random& random, Shape& input);
    static constexpr bool exact = true;
    static void break_down(const MaxPool2d& p, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const MaxPool2d& p, const std::string& layer);
    static Expected<NumpyCode> numpy(const MaxPool2d& p, const std::string& layer);
};

}  // namespace convlens
