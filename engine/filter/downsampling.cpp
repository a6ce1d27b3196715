/// Changes strides and pooling of networks.
#include "engine/filter/downsampling.h"

#include <array>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 3> all_strides{"unchanged", "blurred", "one"};
constexpr std::array<std::string_view, 4> all_pools{"unchanged", "max", "mean", "blurred"};

Size2 times(Size2 a, Size2 b) { return {a.h * b.h, a.w * b.w}; }

/// A pooling layer of either kind.
struct Pool {
    Size2 kernel, stride, padding;
    bool mean = false, ceil_mode = false;
};

std::optional<Pool> pool_of(const Operation& operation) {
    if (const auto* max = std::get_if<MaxPool2d>(&operation); max && max->dilation == Size2{1, 1})
        return Pool{max->kernel_size, max->stride, max->padding, false, max->ceil_mode};
    if (const auto* mean = std::get_if<AvgPool2d>(&operation))
        return Pool{mean->kernel_size, mean->stride, mean->padding, true, mean->ceil_mode};
    return std::nullopt;
}

/// Returns the mean over a window as a convolution, which may be dilated.
Conv2d mean_filter(int channels, Size2 kernel) {
    Conv2d conv;
    conv.params.groups = channels;
    conv.weight = std::make_shared<const Tensor>(Shape{channels, 1, kernel.h, kernel.w},
                                                 1.0F / static_cast<float>(kernel.h * kernel.w));
    return conv;
}

/// Returns a pooling layer with `dilation` and stride 1, or with `stride` without dilation.
Operation pooling(const Pool& p, bool mean, Size2 stride, Size2 dilation, int channels) {
    if (!mean) return MaxPool2d{p.kernel, stride, p.padding, dilation, p.ceil_mode};
    if (dilation == Size2{1, 1}) return AvgPool2d{p.kernel, stride, p.padding, p.ceil_mode, true, std::nullopt};
    Conv2d conv = mean_filter(channels, p.kernel);
    conv.params.dilation = dilation;
    conv.params.padding = times(p.padding, dilation);
    return conv;
}

bool is_pointwise(const Operation& operation) {
    const Role role = role_of(spec_of(operation));
    return role == Role::activation || role == Role::normalization || std::holds_alternative<Dropout>(operation);
}

}  // namespace

std::span<const std::string_view> strides_names() { return all_strides; }
std::span<const std::string_view> pools_names() { return all_pools; }

std::vector<double> binomial(int taps) {
    std::vector<double> values{1};
    for (int n = 1; n < taps; ++n) {
        values.push_back(0);
        for (std::size_t i = values.size() - 1; i > 0; --i) values[i] = (values[i] + values[i - 1]) / 2;
        values[0] /= 2;
    }
    return values;
}

Conv2d blur_pool(int channels, int taps, Size2 stride) {
    const std::vector<double> filter = binomial(taps);
    Tensor weight({channels, 1, taps, taps});
    for (int c = 0; c < channels; ++c)
        for (int y = 0; y < taps; ++y)
            for (int x = 0; x < taps; ++x)
                weight.at(c, 0, y, x) =
                    static_cast<float>(filter[static_cast<std::size_t>(y)] * filter[static_cast<std::size_t>(x)]);
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(std::move(weight));
    conv.params.stride = stride;
    conv.params.padding = {taps / 2, taps / 2};
    conv.params.padding_mode = PaddingMode::reflect;
    conv.params.groups = channels;
    return conv;
}

bool is_padding_layer(const Operation& operation) {
    return std::holds_alternative<ZeroPad2d>(operation) || std::holds_alternative<ReflectionPad2d>(operation) ||
           std::holds_alternative<ReplicationPad2d>(operation);
}

std::size_t leading_maps(const Network& network) {
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Operation& o = network.layers[i].operation;
        const bool ends = std::holds_alternative<Flatten>(o) || std::holds_alternative<Linear>(o) ||
                          std::holds_alternative<LocallyConnected2d>(o) ||
                          std::holds_alternative<AdaptiveAvgPool2d>(o) ||
                          std::holds_alternative<AdaptiveMaxPool2d>(o) || std::holds_alternative<ConvTranspose2d>(o) ||
                          std::holds_alternative<Upsample>(o) || std::holds_alternative<PixelShuffle>(o) ||
                          !network.layers[i].inputs.empty();  // a branch
        if (ends) return i;
    }
    return network.layers.size();
}

Network downsampled(const Network& network, int channels, const Downsampling& how) {
    Network made;
    Size2 left_out{1, 1};  // strides so far, with Strides::one
    Size2 waiting{1, 1};   // stride of a BlurPool that comes after the activations
    const auto blur = [&](const std::string& name, Size2 stride) {
        made.layers.push_back({name + ".blur", blur_pool(channels, how.taps, stride)});
    };
    const bool one = how.strides == Strides::one;
    for (std::size_t i = 0; i < leading_maps(network); ++i) {
        const Layer& layer = network.layers[i];
        if (one && is_padding_layer(layer.operation)) break;
        if (waiting != Size2{1, 1} && !is_pointwise(layer.operation))
            blur(made.layers.back().name, std::exchange(waiting, Size2{1, 1}));
        if (const auto* conv = std::get_if<Conv2d>(&layer.operation)) {
            Conv2d changed = *conv;
            channels = conv->weight->shape().n;
            if (how.strides == Strides::blurred) waiting = std::exchange(changed.params.stride, Size2{1, 1});
            if (one) {
                changed.params.padding = times(changed.params.padding, left_out);
                changed.params.dilation = times(changed.params.dilation, left_out);
                left_out = times(left_out, std::exchange(changed.params.stride, Size2{1, 1}));
            }
            made.layers.push_back({layer.name, std::move(changed)});
        } else if (const auto pool = pool_of(layer.operation); pool && (one || how.pools != Pools::unchanged)) {
            const bool mean = how.pools == Pools::mean || (pool->mean && how.pools != Pools::max);
            if (one) {
                made.layers.push_back({layer.name, pooling(*pool, mean, {1, 1}, left_out, channels)});
                left_out = times(left_out, pool->stride);
                if (auto* max = std::get_if<MaxPool2d>(&made.layers.back().operation)) {
                    const Size2 padding = times(pool->padding, max->dilation);
                    max->padding = {std::min(padding.h, pool->kernel.h / 2), std::min(padding.w, pool->kernel.w / 2)};
                }
            } else {
                const bool blurred = how.pools == Pools::blurred;
                made.layers.push_back(
                    {layer.name, pooling(*pool, mean, blurred ? Size2{1, 1} : pool->stride, {1, 1}, channels)});
                if (blurred && pool->stride != Size2{1, 1}) blur(layer.name, pool->stride);
            }
        } else {
            made.layers.push_back(layer);
        }
    }
    if (waiting != Size2{1, 1}) blur(made.layers.back().name, waiting);
    return made;
}

Expected<bool> run_layer(const Layer& layer, const Tensor& input, const Cancel& cancel, Tensor& output) {
    if (!layer.inputs.empty())
        return fail("{}: it does not read the layer before it, and networks with branches are not studied yet",
                    layer.name);
    const auto shape = output_shape(layer, input.shape());
    if (!shape) return tl::unexpected(shape.error());
    output.reshape(*shape);
    const Simd& simd = available_simd().front();
    if (const auto* conv = std::get_if<Conv2d>(&layer.operation))
        return conv2d_forward(*conv, input, simd, cancel, output);
    return layer_forward(layer.operation, simd, input, cancel, output);
}

}  // namespace convlens
