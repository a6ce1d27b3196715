/// Names, shapes and costs of the layers.
#include "engine/nn/layers.h"

#include <array>
#include <cstdint>
#include <limits>

#include "engine/core/overloaded.h"
#include "engine/nn/check.h"

namespace convlens {
namespace {

/// In the order of OperationSpec.
constexpr std::array<std::string_view, std::variant_size_v<OperationSpec>> type_names{
    "Conv2d",    "LocallyConnected2d", "ReLU",        "LeakyReLU", "Sigmoid", "Tanh",    "MaxPool2d",
    "AvgPool2d", "AdaptiveAvgPool2d",  "BatchNorm2d", "Flatten",   "Linear",  "Dropout", "Softmax"};

Expected<Shape> conv_shape(const Conv2dSpec& s, const Shape& input) {
    if (auto ok = check_pair("channels", {s.in_channels, s.out_channels}, 1); !ok) return tl::unexpected(ok.error());
    if (s.params.groups < 1) return fail("groups is {}: expected 1 or more", s.params.groups);
    if (s.in_channels % s.params.groups != 0)
        return fail("groups is {}: it must divide in_channels, {}", s.params.groups, s.in_channels);
    const Shape weight{s.out_channels, s.in_channels / s.params.groups, s.kernel_size.h, s.kernel_size.w};
    return output_shape(s.params, weight, input);
}

Expected<Shape> local_shape(const LocallyConnected2dSpec& s, const Shape& input) {
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

/// pooling_output_shape() of PyTorch's aten/src/ATen/native/Pool.h, along one axis.
int pooled(int input, int kernel, int stride, int padding, int dilation, bool ceil_mode) {
    const std::int64_t room =
        std::int64_t{input} + 2 * padding - std::int64_t{dilation} * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0);
    if (room < 0) return 0;
    std::int64_t output = room / stride + 1;
    if (ceil_mode && (output - 1) * stride >= std::int64_t{input} + padding) --output;
    return static_cast<int>(output);
}

Expected<Shape> pool_shape(Size2 kernel, Size2 stride, Size2 padding, Size2 dilation, bool ceil_mode,
                           const Shape& input) {
    if (auto ok = check_pair("kernel_size", kernel, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("stride", stride, 1); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("padding", padding, 0); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_pair("dilation", dilation, 1); !ok) return tl::unexpected(ok.error());
    if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2)
        return fail("padding is {}: expected half of kernel_size {} at most", to_string(padding), to_string(kernel));
    const Shape output{input.n, input.c, pooled(input.h, kernel.h, stride.h, padding.h, dilation.h, ceil_mode),
                       pooled(input.w, kernel.w, stride.w, padding.w, dilation.w, ceil_mode)};
    if (output.h < 1 || output.w < 1)
        return fail("kernel {} is larger than the padded input {}x{}", to_string(kernel), input.h + 2 * padding.h,
                    input.w + 2 * padding.w);
    return output;
}

Expected<Shape> avg_pool_shape(const AvgPool2d& p, const Shape& input) {
    if (p.divisor_override && *p.divisor_override == 0) return fail("divisor_override is 0: expected any other number");
    return pool_shape(p.kernel_size, p.stride, p.padding, {1, 1}, p.ceil_mode, input);
}

Expected<Shape> adaptive_shape(const AdaptiveAvgPool2d& p, const Shape& input) {
    if (auto ok = check_pair("output_size", p.output_size, 1); !ok) return tl::unexpected(ok.error());
    const Shape output{input.n, input.c, p.output_size.h, p.output_size.w};
    if (output.count() > std::numeric_limits<std::size_t>::max() / 64)
        return fail("the output would be {}: too large", to_string(output));
    return output;
}

Expected<Shape> batch_norm_shape(const BatchNorm2dSpec& s, const Shape& input) {
    if (s.num_features != input.c) return fail("BatchNorm2d expects {} channels, gets {}", s.num_features, input.c);
    if (!(s.eps >= 0)) return fail("eps is {}: expected 0 or more", s.eps);
    return input;
}

/// Values of one batch item, as an int where that is enough.
Expected<int> features(const Shape& input) {
    const std::size_t count = Shape{1, input.c, input.h, input.w}.count();
    if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) / 4)
        return fail("the input is {}: too many values to flatten", to_string(input));
    return static_cast<int>(count);
}

Expected<Shape> linear_shape(const LinearSpec& s, const Shape& input) {
    if (s.in_features < 1 || s.out_features < 1)
        return fail("features are {} in and {} out: expected 1 or more of both", s.in_features, s.out_features);
    const auto gets = features(input);
    if (!gets) return tl::unexpected(gets.error());
    if (*gets != s.in_features)
        return fail("Linear expects {} inputs, gets {}{}", s.in_features, *gets,
                    input.plane() > 1 ? fmt::format(": {} x {} x {}", input.c, input.h, input.w) : "");
    return Shape{input.n, s.out_features, 1, 1};
}

Expected<Shape> flatten_shape(const Shape& input) {
    const auto count = features(input);
    if (!count) return tl::unexpected(count.error());
    return Shape{input.n, *count, 1, 1};
}

std::size_t product(std::initializer_list<std::size_t> factors) {
    std::size_t result = 1;
    for (const std::size_t factor : factors)
        if (__builtin_mul_overflow(result, factor, &result)) return std::numeric_limits<std::size_t>::max();
    return result;
}

std::size_t area(Size2 s) { return static_cast<std::size_t>(s.h) * static_cast<std::size_t>(s.w); }

}  // namespace

std::string_view type_name(const OperationSpec& spec) { return type_names[spec.index()]; }

OperationSpec spec_of(const Operation& operation) {
    return std::visit(
        Overloaded{[](const Conv2d& c) -> OperationSpec {
                       const Shape& w = c.weight->shape();
                       return Conv2dSpec{w.c * c.params.groups, w.n, c.kernel_size(), c.params, c.bias != nullptr};
                   },
                   [](const LocallyConnected2d& l) -> OperationSpec { return l.spec; },
                   [](const BatchNorm2d& b) -> OperationSpec { return b.spec; },
                   [](const Linear& l) -> OperationSpec { return l.spec; },
                   [](const auto& same) -> OperationSpec { return same; }},
        operation);
}

Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input) {
    if (auto ok = check_input(input); !ok) return tl::unexpected(ok.error());
    return std::visit(Overloaded{[&](const Conv2dSpec& s) { return conv_shape(s, input); },
                                 [&](const LocallyConnected2dSpec& s) { return local_shape(s, input); },
                                 [&](const MaxPool2d& p) {
                                     return pool_shape(p.kernel_size, p.stride, p.padding, p.dilation, p.ceil_mode,
                                                       input);
                                 },
                                 [&](const AvgPool2d& p) { return avg_pool_shape(p, input); },
                                 [&](const AdaptiveAvgPool2d& p) { return adaptive_shape(p, input); },
                                 [&](const BatchNorm2dSpec& s) { return batch_norm_shape(s, input); },
                                 [&](const Flatten&) { return flatten_shape(input); },
                                 [&](const LinearSpec& s) { return linear_shape(s, input); },
                                 [&](const auto&) -> Expected<Shape> { return input; }},
                      spec);
}

std::size_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output) {
    const auto channels = static_cast<std::size_t>(input.c);
    return std::visit(
        Overloaded{[&](const Conv2dSpec& s) {
                       return product(
                           {output.count(), channels / static_cast<std::size_t>(s.params.groups), area(s.kernel_size)});
                   },
                   [&](const LocallyConnected2dSpec& s) {
                       return product({output.count(), channels, area(s.kernel_size)});
                   },
                   [&](const LinearSpec& s) {
                       return product({output.count(), static_cast<std::size_t>(s.in_features)});
                   },
                   [](const auto&) { return std::size_t{0}; }},
        spec);
}

}  // namespace convlens
