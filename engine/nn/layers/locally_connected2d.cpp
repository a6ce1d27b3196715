/// Locally connected layers: output shape, weights, explanation and Python code.
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
        return s.in_channels == 1
                   ? fail("the kernels take {} input channel, but the input has {}", 1, input.c)
                   : fail("the kernels take {} input channels{}, but the input has {}", s.in_channels, "", input.c);
    if (input.h < s.kernel_size.h || input.w < s.kernel_size.w)
        return fail("kernel {} is larger than the input {}x{}", to_string(s.kernel_size), input.h, input.w);
    const Size2 out{(input.h - s.kernel_size.h) / s.stride.h + 1, (input.w - s.kernel_size.w) / s.stride.w + 1};
    if (out != s.output_size)
        return fail("output_size is {}, but an input of {}x{} gives {}", to_string(s.output_size), input.h, input.w,
                    to_string(out));
    return Shape{input.n, s.out_channels, out.h, out.w};
}

std::vector<ParameterSpec> Traits::parameters(const LocallyConnected2dSpec& s) {
    const Size2 out = s.output_size, kernel = s.kernel_size;
    const auto fan_in = static_cast<std::uint64_t>(s.in_channels) * static_cast<std::uint64_t>(kernel.h) *
                        static_cast<std::uint64_t>(kernel.w);
    return weight_and_bias({s.out_channels, s.in_channels, out.h, out.w, kernel.h, kernel.w},
                           {s.out_channels, out.h, out.w}, s.bias, fan_in);
}

LocallyConnected2dSpec Traits::example(const Shape& in) {
    return {in.c,   4,   {std::max(in.h - 2, 1), std::max(in.w - 2, 1)}, {std::min(in.h, 3), std::min(in.w, 3)},
            {1, 1}, true};
}

LocallyConnected2dSpec Traits::random(Random& random, Shape& input) {
    LocallyConnected2dSpec s{random.whole(1, 4),
                             random.whole(1, 5),
                             {random.whole(1, 6), random.whole(1, 6)},
                             {random.whole(1, 4), random.whole(1, 4)},
                             {random.whole(1, 3), random.whole(1, 3)},
                             random.coin()};
    input = {input.n, s.in_channels, (s.output_size.h - 1) * s.stride.h + s.kernel_size.h,
             (s.output_size.w - 1) * s.stride.w + s.kernel_size.w};
    return s;
}

void Traits::break_down(const LocallyConnected2d& layer, const Shape& /*input*/, const PixelPosition& at,
                        Breakdown& b) {
    const int place = at.y * layer.spec.output_size.w + at.x;
    for (Term& t : b.terms)
        t.weight = layer.weight->at(at.channel, t.from.channel, place, t.ky * layer.spec.kernel_size.w + t.kx);
    if (layer.bias) b.bias = layer.bias->at(0, at.channel, at.y, at.x);
    b.add_up();
}

TorchCode Traits::torch(const LocallyConnected2dSpec& s, const std::string& /*layer*/) {
    static constexpr std::string_view define = R"(
class LocallyConnected2d(nn.Module):
    """A convolution with a different kernel at every position."""
    def __init__(self, inputs, outputs, output_size, kernel_size, stride, bias):
        super().__init__()
        self.kernel_size, self.stride, self.output_size = kernel_size, stride, output_size
        self.weight = nn.Parameter(torch.zeros(outputs, inputs, *output_size, *kernel_size))
        self.bias = nn.Parameter(torch.zeros(outputs, *output_size)) if bias else None

    def forward(self, x):
        patches = x.unfold(2, self.kernel_size[0], self.stride[0]).unfold(3, self.kernel_size[1], self.stride[1])
        y = torch.einsum("nchwij,ochwij->nohw", patches, self.weight)
        return y if self.bias is None else y + self.bias

)";
    return {fmt::format("LocallyConnected2d({}, {}, {}, {}, {}, {})", s.in_channels, s.out_channels,
                        python::pair(s.output_size), python::pair(s.kernel_size), python::pair(s.stride),
                        python::text(s.bias)),
            false, define};
}

Expected<NumpyCode> Traits::numpy(const LocallyConnected2dSpec& s, const std::string& layer) {
    return NumpyCode{fmt::format("np.einsum(\"nchwij,ochwij->nohw\", windows(y, {}, {}), {}, optimize=True){}",
                                 python::pair(s.kernel_size), python::pair(s.stride), python::array(layer, "weight"),
                                 s.bias ? " + " + python::array(layer, "bias") : ""),
                     {python::windows_function}};
}

}  // namespace convlens
