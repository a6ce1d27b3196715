/// Loops over the values of interleaved images, one function pair per kind of layer.
#include "engine/train/layer_gradient.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/core/overloaded.h"
#include "engine/cpu/lane_loops.h"
#include "engine/nn/parameters.h"
#include "engine/train/across_channels.h"
#include "engine/train/derivative.h"
#include "engine/train/products.h"

namespace convlens {
namespace {

/// Layers whose gradients others compute: those of layers with several inputs, Backpropagation.
template <class Spec>
concept NoGradient = JoinLayer<Spec>;

/// Layers whose outputs are weighted sums of input values of the same channel, with weights that depend on the
/// position.
template <class Spec>
concept Resampling = std::same_as<Spec, ZeroPad2d> || std::same_as<Spec, ReflectionPad2d> ||
    std::same_as<Spec, ReplicationPad2d> || std::same_as<Spec, Upsample>;

/// Layers whose outputs are sums of products of weights and input values.
template <class Spec>
concept Products = std::same_as<Spec, LocallyConnected2dSpec> || std::same_as<Spec, ConvTranspose2dSpec>;

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

}  // namespace

/// The loops for blocks of L images.
template <int L>
struct LayerGradient::Block {
    static constexpr std::size_t lanes = L;
    using Sums = std::array<double, lanes>;

    const LayerGradient& layer;
    std::span<const float> arrays;
    const float* input;
    float* made = nullptr;          ///< The output, written by forward().
    const float* output = nullptr;  ///< The output in backward(), and the gradients.
    const float* output_gradient = nullptr;
    float* input_gradient = nullptr;
    std::span<float> array_gradient{};
    ReluRule rule = ReluRule::gradient;

    std::size_t plane() const { return layer.in_.plane(); }
    std::size_t channels() const { return to_size(layer.in_.c); }
    std::size_t values() const { return channels() * plane() * lanes; }

    // ---- elementwise

    template <class F>
    void map(const F& f) const {
        for (std::size_t i = 0; i < values(); ++i) made[i] = f(input[i]);
    }
    /// `derivative` is a function of the values of input and made.
    template <class F>
    void chain(const F& derivative) const {
        for (std::size_t i = 0; i < values(); ++i)
            input_gradient[i] = output_gradient[i] * derivative(input[i], output[i]);
    }

    void forward(const ReLU& /*layer*/) const {
        map([](float x) { return x < 0 ? 0.0F : x; });
    }
    void backward(const ReLU& /*layer*/) const {
        for (std::size_t i = 0; i < values(); ++i) {
            const float g = output_gradient[i];
            const bool by_output = rule == ReluRule::deconvolution || output[i] > 0,
                       by_gradient = rule == ReluRule::gradient || g > 0;
            input_gradient[i] = by_output && by_gradient ? g : 0.0F;
        }
    }
    void forward(const LeakyReLU& l) const {
        map([&](float x) { return x < 0 ? x * l.negative_slope : x; });
    }
    void backward(const LeakyReLU& l) const {
        chain([&](float x, float /*y*/) { return x > 0 ? 1.0F : l.negative_slope; });
    }
    void forward(const Sigmoid& /*layer*/) const {
        map([](float x) { return 1.0F / (1.0F + std::exp(-x)); });
    }
    void backward(const Sigmoid& /*layer*/) const {
        chain([](float /*x*/, float y) { return y * (1.0F - y); });
    }
    void forward(const Tanh& /*layer*/) const {
        map([](float x) { return std::tanh(x); });
    }
    void backward(const Tanh& /*layer*/) const {
        chain([](float /*x*/, float y) { return 1.0F - y * y; });
    }
    template <PointwiseLayer Spec>
    void forward(const Spec& l) const {
        map([&](float x) { return LayerTraits<Spec>::apply(l, x); });
    }
    template <PointwiseLayer Spec>
    void backward(const Spec& l) const {
        chain([&](float x, float /*y*/) { return derivative(l, x); });
    }
    /// Returns the index of the factor of value i.
    std::size_t factor_of(const PReLUSpec& s, std::size_t i) const {
        return s.num_parameters == 1 ? 0 : i / (plane() * lanes);
    }
    void forward(const PReLUSpec& s) const {
        for (std::size_t i = 0; i < values(); ++i)
            made[i] = input[i] < 0 ? arrays[factor_of(s, i)] * input[i] : input[i];
    }
    void backward(const PReLUSpec& s) const {
        std::vector<double> sums(to_size(s.num_parameters));
        for (std::size_t i = 0; i < values(); ++i) {
            const std::size_t at = factor_of(s, i);
            const float g = output_gradient[i];
            input_gradient[i] = input[i] > 0 ? g : arrays[at] * g;
            if (!(input[i] > 0)) sums[at] += static_cast<double>(g) * static_cast<double>(input[i]);
        }
        for (std::size_t i = 0; i < array_gradient.size(); ++i) array_gradient[i] += static_cast<float>(sums[i]);
    }
    void copy(const float* from, float* to) const { std::copy_n(from, values(), to); }
    void forward(const Flatten& /*layer*/) const { copy(input, made); }
    void backward(const Flatten& /*layer*/) const { copy(output_gradient, input_gradient); }
    void forward(const Dropout& /*layer*/) const { copy(input, made); }
    void backward(const Dropout& /*layer*/) const { copy(output_gradient, input_gradient); }

    // ---- windows

    /// Calls body(number of the window in its plane, number of the window in the output, indices of its values, first
    /// value of the input plane) for the windows of all channels.
    template <class Body>
    void for_windows(const Body& body) const {
        const Windows& w = layer.windows_;
        for (std::size_t c = 0; c < channels(); ++c)
            for (std::size_t i = 0, begin = 0; i < w.ends.size(); begin = w.ends[i], ++i)
                body(i, c * w.ends.size() + i, std::span(w.indices).subspan(begin, w.ends[i] - begin), c * plane());
    }
    void mean() const {
        for_windows([&](std::size_t i, std::size_t o, std::span<const std::ptrdiff_t> indices, std::size_t first) {
            for (std::size_t l = 0; l < lanes; ++l) {
                float sum = 0;
                for (const std::ptrdiff_t at : indices)
                    sum += input[(first + static_cast<std::size_t>(at)) * lanes + l];
                made[o * lanes + l] = sum * layer.windows_.factors[i];
            }
        });
    }
    void mean_backward() const {
        std::fill_n(input_gradient, values(), 0.0F);
        for_windows([&](std::size_t i, std::size_t o, std::span<const std::ptrdiff_t> indices, std::size_t first) {
            for (const std::ptrdiff_t at : indices)
                for (std::size_t l = 0; l < lanes; ++l)
                    input_gradient[(first + static_cast<std::size_t>(at)) * lanes + l] +=
                        output_gradient[o * lanes + l] * layer.windows_.factors[i];
        });
    }
    void forward(const AvgPool2d& /*layer*/) const { mean(); }
    void backward(const AvgPool2d& /*layer*/) const { mean_backward(); }
    void forward(const AdaptiveAvgPool2d& /*layer*/) const { mean(); }
    void backward(const AdaptiveAvgPool2d& /*layer*/) const { mean_backward(); }
    /// Calls body(index of the output value, index of the input value, weight) for all terms of a Resampling layer.
    template <class Body>
    void for_terms(const Body& body) const {
        for_windows([&](std::size_t, std::size_t o, std::span<const std::ptrdiff_t> indices, std::size_t first) {
            const float* weight = layer.windows_.factors.data() + (indices.data() - layer.windows_.indices.data());
            for (const std::ptrdiff_t at : indices) body(o, first + static_cast<std::size_t>(at), *weight++);
        });
    }
    template <Resampling Spec>
    void forward(const Spec& /*layer*/) const {
        std::fill_n(made, layer.out_.count() * lanes, 0.0F);
        for_terms([&](std::size_t o, std::size_t i, float weight) {
            for (std::size_t l = 0; l < lanes; ++l) made[o * lanes + l] += weight * input[i * lanes + l];
        });
    }
    template <Resampling Spec>
    void backward(const Spec& /*layer*/) const {
        std::fill_n(input_gradient, values(), 0.0F);
        for_terms([&](std::size_t o, std::size_t i, float weight) {
            for (std::size_t l = 0; l < lanes; ++l)
                input_gradient[i * lanes + l] += weight * output_gradient[o * lanes + l];
        });
    }
    /// Calls body(index of the output value, index of the input value) for all values.
    template <class Body>
    void for_moves(const PixelShuffle& s, const Body& body) const {
        const Shape &in = layer.in_, &out = layer.out_;
        std::size_t o = 0;
        for (int c = 0; c < out.c; ++c)
            for (int y = 0; y < out.h; ++y)
                for (int x = 0; x < out.w; ++x, ++o) {
                    const PixelPosition from = LayerTraits<PixelShuffle>::origin(s, in, {c, y, x});
                    body(o * lanes, to_size((from.channel * in.h + from.y) * in.w + from.x) * lanes);
                }
    }
    void forward(const PixelShuffle& s) const {
        for_moves(s, [&](std::size_t o, std::size_t i) { std::copy_n(input + i, lanes, made + o); });
    }
    void backward(const PixelShuffle& s) const {
        for_moves(s,
                  [&](std::size_t o, std::size_t i) { std::copy_n(output_gradient + o, lanes, input_gradient + i); });
    }
    void forward(const AdaptiveMaxPool2d& /*layer*/) const { forward(MaxPool2d{}); }
    void backward(const AdaptiveMaxPool2d& /*layer*/) const { backward(MaxPool2d{}); }
    void forward(const MaxPool2d& /*layer*/) const {
        for_windows([&](std::size_t, std::size_t o, std::span<const std::ptrdiff_t> indices, std::size_t first) {
            for (std::size_t l = 0; l < lanes; ++l) {
                float largest = -std::numeric_limits<float>::infinity();
                for (const std::ptrdiff_t at : indices) {
                    const float v = input[(first + static_cast<std::size_t>(at)) * lanes + l];
                    if (!(v <= largest)) largest = v;  // NaN, too
                    if (std::isnan(largest)) break;
                }
                made[o * lanes + l] = largest;
            }
        });
    }
    /// The first of several equal values in a window gets the gradient, as in PyTorch.
    void backward(const MaxPool2d& /*layer*/) const {
        std::fill_n(input_gradient, values(), 0.0F);
        for_windows([&](std::size_t, std::size_t o, std::span<const std::ptrdiff_t> indices, std::size_t first) {
            for (std::size_t l = 0; l < lanes; ++l)
                for (const std::ptrdiff_t index : indices) {
                    const std::size_t at = (first + static_cast<std::size_t>(index)) * lanes + l;
                    if (input[at] != output[o * lanes + l]) continue;
                    input_gradient[at] += output_gradient[o * lanes + l];
                    break;
                }
        });
    }

    // ---- normalization

    /// Returns values number `index` of the layer's arrays if the layer has weight and bias, otherwise `absent`.
    float array(bool affine, std::size_t index, float absent) const { return affine ? arrays[index] : absent; }

    /// Adds to the gradients of the weight and the bias of channel c. `normal(i, l)` is the normalized value.
    template <class Normal>
    void affine_gradient(std::size_t c, const Normal& normal) const {
        double weight = 0, bias = 0;
        for (std::size_t i = 0; i < plane(); ++i)
            for (std::size_t l = 0; l < lanes; ++l) {
                const auto g = static_cast<double>(output_gradient[(c * plane() + i) * lanes + l]);
                weight += g * normal(i, l), bias += g;
            }
        array_gradient[c] += static_cast<float>(weight);
        array_gradient[channels() + c] += static_cast<float>(bias);
    }

    void forward(const BatchNorm2dSpec& s) const {
        const std::size_t statistics = s.affine ? 2 * channels() : 0;
        for (std::size_t c = 0; c < channels(); ++c) {
            const float weight = array(s.affine, c, 1), bias = array(s.affine, channels() + c, 0),
                        mean = arrays[statistics + c], scale = weight * inverse_deviation(s, c);
            for (std::size_t i = c * plane() * lanes; i < (c + 1) * plane() * lanes; ++i)
                made[i] = (input[i] - mean) * scale + bias;
        }
    }
    float inverse_deviation(const BatchNorm2dSpec& s, std::size_t c) const {
        const auto variance = static_cast<double>(arrays[(s.affine ? 3 : 1) * channels() + c]);
        return static_cast<float>(1 / std::sqrt(variance + static_cast<double>(s.eps)));
    }
    void backward(const BatchNorm2dSpec& s) const {
        for (std::size_t c = 0; c < channels(); ++c) {
            const float inverse = inverse_deviation(s, c), scale = array(s.affine, c, 1) * inverse;
            for (std::size_t i = c * plane() * lanes; i < (c + 1) * plane() * lanes; ++i)
                input_gradient[i] = output_gradient[i] * scale;
            if (!s.affine || array_gradient.empty()) continue;
            const auto mean = static_cast<double>(arrays[2 * channels() + c]);
            affine_gradient(c, [&](std::size_t i, std::size_t l) {
                return (static_cast<double>(input[(c * plane() + i) * lanes + l]) - mean) *
                       static_cast<double>(inverse);
            });
        }
    }

    /// Mean and 1 / standard deviation of one group of channels, for each image.
    struct Moments {
        Sums mean{}, inverse{};
    };
    Moments moments(const GroupNormSpec& s, int group) const {
        const std::size_t count = to_size(s.channels_of_group()) * plane();
        const float* from = input + to_size(group) * count * lanes;
        Moments m;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t l = 0; l < lanes; ++l) m.mean[l] += static_cast<double>(from[i * lanes + l]);
        for (double& mean : m.mean) mean /= static_cast<double>(count);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t l = 0; l < lanes; ++l) {
                const double difference = static_cast<double>(from[i * lanes + l]) - m.mean[l];
                m.inverse[l] += difference * difference;
            }
        for (double& v : m.inverse) v = 1 / std::sqrt(v / static_cast<double>(count) + static_cast<double>(s.eps));
        return m;
    }
    void forward(const GroupNormSpec& s) const {
        for (int group = 0; group < s.num_groups; ++group) {
            const Moments m = moments(s, group);
            const std::size_t first = to_size(group * s.channels_of_group());
            for (std::size_t c = first; c < first + to_size(s.channels_of_group()); ++c)
                for (std::size_t i = c * plane(); i < (c + 1) * plane(); ++i)
                    for (std::size_t l = 0; l < lanes; ++l)
                        made[i * lanes + l] =
                            static_cast<float>((static_cast<double>(input[i * lanes + l]) - m.mean[l]) * m.inverse[l] *
                                                   static_cast<double>(array(s.affine, c, 1)) +
                                               static_cast<double>(array(s.affine, channels() + c, 0)));
        }
    }
    /// With the normalized values n and h = weight * gradient, the gradient by the input is (h - mean(h) - n mean(h n))
    /// / deviation; the means are those of the group.
    void backward(const GroupNormSpec& s) const {
        for (int group = 0; group < s.num_groups; ++group) {
            const Moments m = moments(s, group);
            const std::size_t first = to_size(group * s.channels_of_group()), of_group = to_size(s.channels_of_group());
            const auto normal = [&](std::size_t i, std::size_t l) {
                return (static_cast<double>(input[i * lanes + l]) - m.mean[l]) * m.inverse[l];
            };
            const auto scaled = [&](std::size_t i, std::size_t l) {
                return static_cast<double>(output_gradient[i * lanes + l]) *
                       static_cast<double>(array(s.affine, i / plane(), 1));
            };
            Sums sum{}, products{};
            const std::size_t begin = first * plane(), end = (first + of_group) * plane();
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t l = 0; l < lanes; ++l)
                    sum[l] += scaled(i, l), products[l] += scaled(i, l) * normal(i, l);
            const auto count = static_cast<double>(end - begin);
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t l = 0; l < lanes; ++l)
                    input_gradient[i * lanes + l] = static_cast<float>(
                        (scaled(i, l) - sum[l] / count - normal(i, l) * products[l] / count) * m.inverse[l]);
            if (!s.affine || array_gradient.empty()) continue;
            for (std::size_t c = first; c < first + of_group; ++c)
                affine_gradient(c, [&](std::size_t i, std::size_t l) { return normal(c * plane() + i, l); });
        }
    }

    void forward(const LayerNorm2dSpec& s) const { normalize_channels(*this, s); }
    void backward(const LayerNorm2dSpec& s) const { normalize_channels_backward(*this, s); }
    void forward(const LocalResponseNorm& s) const { respond(*this, s); }
    void backward(const LocalResponseNorm& s) const { respond_backward(*this, s); }

    // ---- the others

    void forward(const Softmax& /*layer*/) const { softmax(*this); }
    void backward(const Softmax& /*layer*/) const { softmax_backward(*this); }

    /// Returns how many output values share one bias.
    std::size_t sharing(const LocallyConnected2dSpec& /*layer*/) const { return 1; }
    std::size_t sharing(const ConvTranspose2dSpec& /*layer*/) const { return layer.out_.plane(); }

    template <Products Spec>
    void forward(const Spec& s) const {
        const std::size_t outputs = layer.out_.count(), shared = sharing(s),
                          weights = arrays.size() - (s.bias ? outputs / shared : 0);
        for (std::size_t o = 0; o < outputs; ++o)
            std::fill_n(made + o * lanes, lanes, s.bias ? arrays[weights + o / shared] : 0.0F);
        for_products(s, layer.in_, layer.out_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l) made[o * lanes + l] += arrays[w] * input[i * lanes + l];
        });
    }
    template <Products Spec>
    void backward(const Spec& s) const {
        std::fill_n(input_gradient, values(), 0.0F);
        for_products(s, layer.in_, layer.out_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l)
                input_gradient[i * lanes + l] += arrays[w] * output_gradient[o * lanes + l];
        });
        if (array_gradient.empty()) return;
        for_products(s, layer.in_, layer.out_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l)
                array_gradient[w] += input[i * lanes + l] * output_gradient[o * lanes + l];
        });
        const std::size_t outputs = layer.out_.count(), shared = sharing(s),
                          weights = arrays.size() - (s.bias ? outputs / shared : 0);
        for (std::size_t o = 0; s.bias && o < outputs; ++o)
            for (std::size_t l = 0; l < lanes; ++l)
                array_gradient[weights + o / shared] += output_gradient[o * lanes + l];
    }

    // A LaneConv runs these.
    void forward(const Conv2dSpec& /*layer*/) const { assert(false); }
    void backward(const Conv2dSpec& /*layer*/) const { assert(false); }
    void forward(const LinearSpec& /*layer*/) const { assert(false); }
    void backward(const LinearSpec& /*layer*/) const { assert(false); }
    template <NoGradient Spec>
    void forward(const Spec& /*layer*/) const {
        assert(false);
    }
    template <NoGradient Spec>
    void backward(const Spec& /*layer*/) const {
        assert(false);
    }
};

bool LayerGradient::passes() const {
    return std::holds_alternative<Flatten>(spec_) || std::holds_alternative<Dropout>(spec_) ||
           (std::holds_alternative<AdaptiveAvgPool2d>(spec_) && in_ == out_);
}

void LayerGradient::forward(std::span<const float> arrays, const float* input, float* output) const {
    const Block<lane_images> block{.layer = *this, .arrays = arrays, .input = input, .made = output};
    std::visit([&](const auto& layer) { block.forward(layer); }, spec_);
}

void LayerGradient::backward(int lanes, std::span<const float> arrays, const float* input, const float* output,
                             const float* output_gradient, float* input_gradient, std::span<float> array_gradient,
                             ReluRule rule) const {
    assert(lanes == 1 || lanes == lane_images);
    const auto run = [&]<int L>(std::integral_constant<int, L>) {
        const Block<L> block{*this,           arrays,         input,          nullptr, output,
                             output_gradient, input_gradient, array_gradient, rule};
        std::visit([&](const auto& layer) { block.backward(layer); }, spec_);
    };
    if (lanes == 1)
        run(std::integral_constant<int, 1>());
    else
        run(std::integral_constant<int, lane_images>());
}

Expected<void> check_gradient(const LayerSpec& layer) {
    const bool none = std::visit([]<class Spec>(const Spec&) { return NoGradient<Spec>; }, layer.operation);
    if (none) return fail("{}: there are no gradients of {} yet", layer.name, type_name(layer.operation));
    return {};
}

std::vector<float> arrays_of(const Layer& layer) {
    const ParameterMap map = parameters_of(Network{{layer}});
    std::vector<float> row;
    for (const ParameterSpec& p : parameters_of(spec_of(layer.operation))) {
        const auto values = map.at(layer.name + "." + p.name).data();
        row.insert(row.end(), values.begin(), values.end());
    }
    return row;
}

}  // namespace convlens
