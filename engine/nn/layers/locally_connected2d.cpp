/// Kernels of their own at every place.
#include "engine/nn/layers/locally_connected2d.h"

#include <algorithm>

#include "engine/nn/check.h"

namespace convlens {

using Traits = LayerTraits<LocallyConnected2dSpec>;

Expected<Shape> Traits::output_shape(const LocallyConnected2dSpec& s, const Shape& input) {
    if (auto ok = check_pair("kernel_size", s.kernel_size, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("stride", s.stride, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("channels", {s.in_channels, s.out_channels}, 1); !ok) return tl::unexpected(ok.error());
    if (input.c != s.in_channels)
        return fail("the kernels take {} input channel{}, the input has {}", s.in_channels,
                    s.in_channels == 1 ? "" : "s", input.c);
    if (input.h < s.kernel_size.h || input.w < s.kernel_size.w)
        return fail("kernel {} is larger than the input {}x{}", to_string(s.kernel_size), input.h, input.w);
    const Size2 out{(input.h - s.kernel_size.h) / s.stride.h + 1, (input.w - s.kernel_size.w) / s.stride.w + 1};
    if (out != s.output_size)
        return fail("it has kernels for an output of {}, an input of {}x{} makes {}", to_string(s.output_size), input.h,
                    input.w, to_string(out));
    return Shape{input.n, s.out_channels, out.h, out.w};
}

std::vector<ParameterSpec> Traits::parameters(const LocallyConnected2dSpec& s) {
    const Size2 out = s.output_size, kernel = s.kernel_size;
    const auto fan_in = static_cast<std::uint64_t>(s.in_channels) * static_cast<std::uint64_t>(kernel.h) *
                        static_cast<std::uint64_t>(kernel.w);
    return weight_and_bias({s.out_channels, s.in_channels, out.h, out.w, kernel.h, kernel.w},
                           {s.out_channels, out.h, out.w}, s.bias, fan_in);
}

void Traits::break_down(const LocallyConnected2d& layer, const Shape& /*input*/, const Spot& at, Breakdown& b) {
    const int place = at.y * layer.spec.output_size.w + at.x;
    for (Term& t : b.terms)
        t.weight = layer.weight->at(at.channel, t.from.channel, place, t.ky * layer.spec.kernel_size.w + t.kx);
    if (layer.bias) b.bias = layer.bias->at(0, at.channel, at.y, at.x);
    b.add_up();
}

}  // namespace convlens
