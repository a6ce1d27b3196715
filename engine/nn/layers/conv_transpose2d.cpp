/// nn.ConvTranspose2d: shapes, taps, explanation and Python code.
#include "engine/nn/layers/conv_transpose2d.h"

#include <algorithm>

#include "engine/nn/check.h"

namespace convlens {

using Traits = LayerTraits<ConvTranspose2dSpec>;

namespace {

/// Returns the input indices along one axis whose products are part of output index `at`, from the smallest row of the
/// kernel to the largest.
std::vector<int> sources(int at, int size, int kernel, int stride, int padding, int dilation) {
    std::vector<int> found;
    for (int i = 0; i < kernel; ++i) {
        const int place = at + padding - i * dilation;
        if (place >= 0 && place % stride == 0 && place / stride < size) found.push_back(place / stride);
    }
    return found;
}

}  // namespace

Expected<Shape> Traits::output_shape(const ConvTranspose2dSpec& s, const Shape& input) {
    if (auto ok = check_channels(name, s.in_channels, input); !ok) return tl::unexpected(ok.error());
    if (s.out_channels < 1 || s.out_channels > max_hyper_parameter)
        return fail("out_channels is {}: expected 1 to {}", s.out_channels, max_hyper_parameter);
    for (const auto& [what, size, lowest] :
         {std::tuple("kernel_size", s.kernel_size, 1), std::tuple("stride", s.stride, 1),
          std::tuple("dilation", s.dilation, 1), std::tuple("padding", s.padding, 0),
          std::tuple("output_padding", s.output_padding, 0)})
        if (auto ok = check_pair(what, size, lowest); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_groups("groups", s.groups, "in_channels", s.in_channels); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = check_groups("groups", s.groups, "out_channels", s.out_channels); !ok)
        return tl::unexpected(ok.error());
    if (s.output_padding.h >= std::max(s.stride.h, s.dilation.h) ||
        s.output_padding.w >= std::max(s.stride.w, s.dilation.w))
        return fail("output_padding is {}: expected less than the stride {} or the dilation {}",
                    to_string(s.output_padding), to_string(s.stride), to_string(s.dilation));
    const auto size = [](int in, int kernel, int stride, int padding, int more, int dilation) {
        return (std::int64_t{in} - 1) * stride - 2 * std::int64_t{padding} + std::int64_t{dilation} * (kernel - 1) +
               more + 1;
    };
    const std::int64_t h = size(input.h, s.kernel_size.h, s.stride.h, s.padding.h, s.output_padding.h, s.dilation.h),
                       w = size(input.w, s.kernel_size.w, s.stride.w, s.padding.w, s.output_padding.w, s.dilation.w);
    constexpr std::int64_t most = std::int64_t{1} << 28U;
    if (std::min(h, w) < 1 || std::max(h, w) > most)
        return fail("the output would have {} rows and {} columns: expected 1 to {}", h, w, most);
    return check_size({input.n, s.out_channels, static_cast<int>(h), static_cast<int>(w)});
}

std::uint64_t Traits::multiply_accumulates(const ConvTranspose2dSpec& s, const Shape& input, const Shape& /*output*/) {
    return product({input.count(), static_cast<std::uint64_t>(std::max(s.out_channels / std::max(s.groups, 1), 0)),
                    area(s.kernel_size)});
}

std::vector<ParameterSpec> Traits::parameters(const ConvTranspose2dSpec& s) {
    const int out = s.out_channels / std::max(s.groups, 1);
    return weight_and_bias({s.in_channels, out, s.kernel_size.h, s.kernel_size.w}, {s.out_channels}, s.bias,
                           product({static_cast<std::uint64_t>(std::max(out, 0)), area(s.kernel_size)}));
}

std::optional<WindowShape> Traits::window(const ConvTranspose2dSpec& s, Size2 input) {
    const auto rows = [](int kernel, int stride, int size) {
        return std::clamp((kernel + std::max(stride, 1) - 1) / std::max(stride, 1), 1, std::max(size, 1));
    };
    const bool dense = s.dilation == Size2{1, 1};
    return WindowShape{
        .kernel_size = {dense ? rows(s.kernel_size.h, s.stride.h, input.h) : std::min(s.kernel_size.h, input.h),
                        dense ? rows(s.kernel_size.w, s.stride.w, input.w) : std::min(s.kernel_size.w, input.w)},
        .slides = false};
}

Taps Traits::taps(const ConvTranspose2d& layer, const Shape& input, const PixelPosition& at) {
    const ConvTranspose2dSpec& s = layer.spec;
    const int in = s.in_channels / s.groups, group = at.channel / (s.out_channels / s.groups);
    return {group * in, in, sources(at.y, input.h, s.kernel_size.h, s.stride.h, s.padding.h, s.dilation.h),
            sources(at.x, input.w, s.kernel_size.w, s.stride.w, s.padding.w, s.dilation.w)};
}

ConvTranspose2dSpec Traits::random(Random& random, Shape& input) {
    ConvTranspose2dSpec s;
    s.groups = random.whole(1, 3);
    s.in_channels = s.groups * random.whole(1, 3);
    s.out_channels = s.groups * random.whole(1, 3);
    s.kernel_size = {random.whole(1, 4), random.whole(1, 4)};
    s.stride = {random.whole(1, 3), random.whole(1, 3)};
    s.dilation = {random.whole(1, 2), random.whole(1, 2)};
    s.padding = {random.whole(0, s.kernel_size.h / 2), random.whole(0, s.kernel_size.w / 2)};
    s.output_padding = {random.whole(0, std::max(s.stride.h, s.dilation.h) - 1),
                        random.whole(0, std::max(s.stride.w, s.dilation.w) - 1)};
    s.bias = random.coin();
    input.c = s.in_channels;
    return s;
}

void Traits::break_down(const ConvTranspose2d& layer, const Shape& /*input*/, const PixelPosition& at, Breakdown& b) {
    const ConvTranspose2dSpec& s = layer.spec;
    const int o = at.channel % (s.out_channels / s.groups);
    for (Term& t : b.terms)
        t.weight = layer.weight->at(t.from.channel, o, (at.y + s.padding.h - t.from.y * s.stride.h) / s.dilation.h,
                                    (at.x + s.padding.w - t.from.x * s.stride.w) / s.dilation.w);
    if (layer.bias) b.bias = (*layer.bias)[static_cast<std::size_t>(at.channel)];
    b.add_up();
}

TorchCode Traits::torch(const ConvTranspose2dSpec& s, const std::string& /*layer*/) {
    using python::text;
    return {fmt::format(
        "nn.ConvTranspose2d({}, {}, {}, stride={}, padding={}, output_padding={}, groups={}, bias={}, dilation={})",
        s.in_channels, s.out_channels, text(s.kernel_size), text(s.stride), text(s.padding), text(s.output_padding),
        s.groups, text(s.bias), text(s.dilation))};
}

Expected<NumpyCode> Traits::numpy(const ConvTranspose2dSpec& s, const std::string& layer) {
    static constexpr std::string_view function = R"(
def conv_transpose2d(x, weight, size, stride, padding, dilation):
    y = np.zeros((len(x), weight.shape[1], size[0] + 2 * padding[0], size[1] + 2 * padding[1]), x.dtype)
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            products = np.einsum("nchw,co->nohw", x, weight[:, :, i, j])
            rows, columns = i * dilation[0], j * dilation[1]
            y[:, :, rows:rows + stride[0] * x.shape[2]:stride[0], columns:columns + stride[1] * x.shape[3]:stride[1]] += products
    return y[:, :, padding[0]:padding[0] + size[0], padding[1]:padding[1] + size[1]]
)";
    if (s.groups != 1) return no_numpy(layer, "groups");
    if (s.output_padding != Size2{0, 0}) return no_numpy(layer, "output_padding");
    const auto size = [](const char* axis, int kernel, int stride, int padding, int dilation) {
        return fmt::format("(y.shape[{}] - 1) * {} + {}", axis, stride, dilation * (kernel - 1) + 1 - 2 * padding);
    };
    return NumpyCode{fmt::format("conv_transpose2d(y, {}, ({}, {}), {}, {}, {}){}", python::array(layer, "weight"),
                                 size("2", s.kernel_size.h, s.stride.h, s.padding.h, s.dilation.h),
                                 size("3", s.kernel_size.w, s.stride.w, s.padding.w, s.dilation.w),
                                 python::pair(s.stride), python::pair(s.padding), python::pair(s.dilation),
                                 s.bias ? " + " + python::channel_array(layer, "bias") : ""),
                     {function}};
}

}  // namespace convlens
