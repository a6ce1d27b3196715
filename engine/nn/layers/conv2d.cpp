/// nn.Conv2d: checks, shapes, window, explanation and Python code.
#include "engine/nn/layers/conv2d.h"

#include <algorithm>
#include <cstdint>

#include "engine/core/sentence.h"
#include "engine/nn/check.h"

namespace convlens {

using Traits = LayerTraits<Conv2dSpec>;

namespace {

Expected<void> check_parameters(const ConvParams& p, const Shape& weight, const Shape& input) {
    if (auto ok = check_pair("stride", p.stride, 1); !ok) return ok;
    if (auto ok = check_pair("dilation", p.dilation, 1); !ok) return ok;
    if (auto ok = check_pair("padding", p.padding, 0); !ok) return ok;
    if (weight.count() == 0) return fail("the kernels are {}: expected at least one value", to_string(weight));
    if (auto ok = check_pair("kernel_size", {weight.h, weight.w}, 1); !ok) return ok;
    if (auto ok = check_input(input); !ok) return ok;
    if (p.groups < 1) return fail("groups is {}: expected 1 or more", p.groups);
    if (input.c % p.groups != 0) return fail("groups is {}: it must divide the {} input channels", p.groups, input.c);
    if (weight.n % p.groups != 0)
        return fail("groups is {}: it must divide the {} output channels", p.groups, weight.n);
    if (weight.c != input.c / p.groups)
        return weight.c * p.groups == 1
                   ? fail("the kernels take {} input channel, but the input has {}", 1, input.c)
                   : fail("the kernels take {} input channels{}, but the input has {}", weight.c * p.groups,
                          p.groups > 1 ? sentence(" ({} in each of {} groups)", weight.c, p.groups) : "", input.c);
    if (p.same && (p.stride.h != 1 || p.stride.w != 1))
        return fail("padding 'same' needs stride 1, but stride is {}", to_string(p.stride));
    return {};
}

Expected<void> check_padding_mode(PaddingMode mode, const Padding& pad, const Shape& input) {
    const Size2 most{std::max(pad.top, pad.bottom), std::max(pad.left, pad.right)};
    if (mode == PaddingMode::reflect && (most.h >= input.h || most.w >= input.w))
        return fail("reflect padding {} must be smaller than the input {} in both directions", to_string(most),
                    to_string(Size2{input.h, input.w}));
    if (mode == PaddingMode::circular && (most.h > input.h || most.w > input.w))
        return fail("circular padding {} must not be larger than the input {} in either direction", to_string(most),
                    to_string(Size2{input.h, input.w}));
    return {};
}

/// Returns the shape of the layer's weight. Does not check that groups divides in_channels.
Shape weight_of(const Conv2dSpec& s) {
    return {s.out_channels, s.in_channels / std::max(s.params.groups, 1), s.kernel_size.h, s.kernel_size.w};
}

}  // namespace

Padding resolve_padding(const ConvParams& p, Size2 kernel_size) {
    if (!p.same) return {p.padding.h, p.padding.h, p.padding.w, p.padding.w};
    const int rows = p.dilation.h * (kernel_size.h - 1), columns = p.dilation.w * (kernel_size.w - 1);
    return {rows / 2, rows - rows / 2, columns / 2, columns - columns / 2};
}

Expected<Shape> output_shape(const Conv2d& layer, const Shape& input) {
    const Shape& weight = layer.weight->shape();
    auto output = output_shape(layer.params, weight, input);
    if (output && layer.bias && static_cast<int>(layer.bias->size()) != weight.n)
        return fail("the bias has {} values: expected {}, one per output channel", layer.bias->size(), weight.n);
    return output;
}

Expected<Shape> output_shape(const ConvParams& p, const Shape& weight, const Shape& input) {
    if (auto ok = check_parameters(p, weight, input); !ok) return tl::unexpected(ok.error());
    const Size2 kernel{weight.h, weight.w};
    using Wide = std::int64_t;
    const Wide span_h = Wide{p.dilation.h} * (kernel.h - 1) + 1, span_w = Wide{p.dilation.w} * (kernel.w - 1) + 1;
    if (span_h > max_hyper_parameter * 2 || span_w > max_hyper_parameter * 2)
        return fail("kernel {} with dilation {} spans {}x{}: far larger than any image", to_string(kernel),
                    to_string(p.dilation), span_h, span_w);
    const Padding pad = resolve_padding(p, kernel);
    if (auto ok = check_padding_mode(p.padding_mode, pad, input); !ok) return tl::unexpected(ok.error());
    const Wide padded_h = Wide{input.h} + pad.top + pad.bottom, padded_w = Wide{input.w} + pad.left + pad.right;
    if (span_h > padded_h || span_w > padded_w) {
        const bool dilated = p.dilation != Size2{1, 1};
        return fail(
            "kernel {}{} is larger than the padded input {}x{}: use a larger image, more padding or a smaller kernel",
            to_string(kernel),
            dilated ? sentence(" with dilation {} (it spans {}x{})", to_string(p.dilation), span_h, span_w) : "",
            padded_h, padded_w);
    }
    const Wide out_h = (padded_h - span_h) / p.stride.h + 1, out_w = (padded_w - span_w) / p.stride.w + 1;
    const Shape output{input.n, weight.n, static_cast<int>(out_h), static_cast<int>(out_w)};
    return check_size(output);
}

Expected<Shape> Traits::output_shape(const Conv2dSpec& s, const Shape& input) {
    if (auto ok = check_pair("channels", {s.in_channels, s.out_channels}, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_groups("groups", s.params.groups, "in_channels", s.in_channels); !ok)
        return tl::unexpected(ok.error());
    return convlens::output_shape(s.params, weight_of(s), input);
}

std::uint64_t Traits::multiply_accumulates(const Conv2dSpec& s, const Shape& input, const Shape& output) {
    return product({output.count(), static_cast<std::uint64_t>(input.c) / static_cast<std::uint64_t>(s.params.groups),
                    area(s.kernel_size)});
}

std::vector<ParameterSpec> Traits::parameters(const Conv2dSpec& s) {
    const Shape w = weight_of(s);
    const auto fan_in =
        static_cast<std::uint64_t>(w.c) * static_cast<std::uint64_t>(w.h) * static_cast<std::uint64_t>(w.w);
    return weight_and_bias({w.n, w.c, w.h, w.w}, {w.n}, s.bias, fan_in);
}

Conv2dSpec Traits::spec(const Conv2d& conv) {
    const Shape& w = conv.weight->shape();
    return {w.c * conv.params.groups, w.n, conv.kernel_size(), conv.params, conv.bias != nullptr};
}

std::optional<WindowShape> Traits::window(const Conv2dSpec& s, Size2 /*input*/) {
    return WindowShape{s.kernel_size, s.params.stride, s.params.dilation, resolve_padding(s.params, s.kernel_size),
                       s.params.padding_mode};
}

Taps Traits::taps(const Conv2d& conv, const Shape& input, const PixelPosition& at) {
    const Shape& w = conv.weight->shape();
    const int outputs = w.n / conv.params.groups;
    return taps_under(*window(spec(conv), {}), {at.channel / outputs * w.c, w.c}, input, at);
}

Conv2dSpec Traits::example(const Shape& input) {
    Conv2dSpec s{input.c, 8, {3, 3}, {}, true};
    s.params.padding = {1, 1};
    return s;
}

Conv2dSpec Traits::random(Random& random, Shape& input) {
    constexpr std::uint64_t max_macs = 2'000'000;  // more would be too slow for the reference formula
    const auto pair = [&](int lowest, int highest) {
        const int h = random.whole(lowest, highest);
        return Size2{h, random.whole(lowest, highest)};
    };
    while (true) {
        Conv2dSpec s;
        ConvParams& p = s.params;
        p.groups = random.whole(0, 2) > 0 ? 1 : random.whole(2, 5);
        input = {random.whole(1, 3), p.groups * random.whole(1, 5), random.whole(1, 40), random.whole(1, 40)};
        if (random.whole(0, 3) == 0) input.w = random.whole(40, 110);
        s.in_channels = input.c;
        s.out_channels = p.groups * random.whole(1, p.groups > 1 ? 6 : 20);
        if (random.whole(0, 15) == 0) s.out_channels = p.groups * random.whole(60, 66);
        s.kernel_size = pair(1, random.coin() ? 5 : 11);
        p.stride = pair(1, 5);
        p.padding = pair(0, random.whole(0, 3) == 0 ? 14 : 5);
        p.dilation = random.coin() ? Size2{1, 1} : pair(1, 4);
        p.padding_mode = static_cast<PaddingMode>(std::max(0, random.whole(-2, 3)));
        p.flip = random.whole(0, 3) == 0;
        s.bias = random.coin();
        if (random.whole(0, 4) == 0) {
            p.same = true;
            p.stride = {1, 1};
        }
        const auto output = output_shape(s, input);
        if (output && multiply_accumulates(s, input, *output) <= max_macs) return s;
    }
}

void Traits::break_down(const Conv2d& conv, const Shape& /*input*/, const PixelPosition& at, Breakdown& b) {
    const Shape& w = conv.weight->shape();
    for (Term& t : b.terms) {
        const int ky = conv.params.flip ? w.h - 1 - t.ky : t.ky, kx = conv.params.flip ? w.w - 1 - t.kx : t.kx;
        t.weight = conv.weight->at(at.channel, t.from.channel - b.first_channel, ky, kx);
    }
    if (conv.bias) b.bias = (*conv.bias)[static_cast<std::size_t>(at.channel)];
    b.add_up();
}

TorchCode Traits::torch(const Conv2dSpec& s, const std::string& layer) {
    using python::text;
    const ConvParams& p = s.params;
    TorchCode code{fmt::format("nn.Conv2d({}, {}, {}", s.in_channels, s.out_channels, text(s.kernel_size))};
    if (p.stride != Size2{1, 1}) code.module += ", stride=" + text(p.stride);
    if (p.same) code.module += ", padding=\"same\"";
    if (!p.same && p.padding != Size2{0, 0}) code.module += ", padding=" + text(p.padding);
    if (p.dilation != Size2{1, 1}) code.module += ", dilation=" + text(p.dilation);
    if (p.groups != 1) code.module += ", groups=" + text(p.groups);
    if (!s.bias) code.module += ", bias=False";
    if (p.padding_mode != PaddingMode::zeros)
        code.module += fmt::format(", padding_mode=\"{}\"", to_string(p.padding_mode));
    code.module += ")";
    if (p.flip)
        code.after_load = fmt::format(
            "kernels = getattr(layers, \"{}\").weight  # PyTorch correlates; rotated kernels make it a convolution\n"
            "kernels.data = kernels.flip(2, 3)",
            layer);
    return code;
}

Expected<NumpyCode> Traits::numpy(const Conv2dSpec& s, const std::string& layer) {
    static constexpr std::string_view function = R"(
def conv2d(x, weight, bias, stride, padding, dilation, groups, mode):
    x = np.pad(x, ((0, 0), (0, 0), *padding), mode=mode)
    parts = []
    for channels, kernels in zip(np.split(x, groups, axis=1), np.split(weight, groups)):
        parts.append(np.einsum("nchwij,ocij->nohw", windows(channels, weight.shape[2:], stride, dilation), kernels, optimize=True))
    return np.concatenate(parts, axis=1) + np.reshape(bias, (1, -1, 1, 1))
)";
    constexpr const char* modes[] = {"constant", "reflect", "edge", "wrap"};
    const Padding p = resolve_padding(s.params, s.kernel_size);
    return NumpyCode{
        fmt::format("conv2d(y, {}{}, {}, stride={}, padding=(({}, {}), ({}, {})), dilation={}, groups={}, mode=\"{}\")",
                    python::array(layer, "weight"), s.params.flip ? "[:, :, ::-1, ::-1]" : "",
                    s.bias ? python::array(layer, "bias") : "0", python::pair(s.params.stride), p.top, p.bottom, p.left,
                    p.right, python::pair(s.params.dilation), s.params.groups,
                    modes[static_cast<std::size_t>(s.params.padding_mode)]),
        {python::windows_function, function}};
}

}  // namespace convlens
