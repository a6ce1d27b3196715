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

namespace convlens {
namespace {

/// Layers of which there is no gradient yet.
template <class Spec>
concept NoGradient = PointwiseLayer<Spec> || JoinLayer<Spec> || std::same_as<Spec, PReLUSpec> ||
    std::same_as<Spec, ConvTranspose2dSpec> || std::same_as<Spec, AdaptiveMaxPool2d> ||
    std::same_as<Spec, LayerNorm2dSpec> || std::same_as<Spec, LocalResponseNorm> || std::same_as<Spec, ZeroPad2d> ||
    std::same_as<Spec, ReflectionPad2d> || std::same_as<Spec, ReplicationPad2d> || std::same_as<Spec, Upsample> ||
    std::same_as<Spec, PixelShuffle>;

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Calls body(index of the weight, index of the input value, index of the output value) for all products of a
/// LocallyConnected2d, those of one output value one after the other.
template <class Body>
void for_products(const LocallyConnected2dSpec& s, const Shape& in, const Body& body) {
    const int places = s.output_size.h * s.output_size.w, taps = s.kernel_size.h * s.kernel_size.w;
    for (int o = 0; o < s.out_channels; ++o)
        for (int p = 0; p < places; ++p)
            for (int c = 0; c < s.in_channels; ++c)
                for (int t = 0; t < taps; ++t) {
                    const int y = p / s.output_size.w * s.stride.h + t / s.kernel_size.w,
                              x = p % s.output_size.w * s.stride.w + t % s.kernel_size.w;
                    body(((to_size(o) * to_size(s.in_channels) + to_size(c)) * to_size(places) + to_size(p)) *
                                 to_size(taps) +
                             to_size(t),
                         (to_size(c) * to_size(in.h) + to_size(y)) * to_size(in.w) + to_size(x),
                         to_size(o) * to_size(places) + to_size(p));
                }
}

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

    // ---- the others

    void forward(const Softmax& /*layer*/) const {
        const std::size_t stride = plane() * lanes;
        for (std::size_t i = 0; i < stride; ++i) {
            float largest = input[i];
            for (std::size_t c = 1; c < channels(); ++c) largest = std::max(largest, input[c * stride + i]);
            double sum = 0;
            for (std::size_t c = 0; c < channels(); ++c) {
                made[c * stride + i] = std::exp(input[c * stride + i] - largest);
                sum += static_cast<double>(made[c * stride + i]);
            }
            for (std::size_t c = 0; c < channels(); ++c)
                made[c * stride + i] = static_cast<float>(static_cast<double>(made[c * stride + i]) / sum);
        }
    }
    void backward(const Softmax& /*layer*/) const {
        const std::size_t stride = plane() * lanes;
        for (std::size_t i = 0; i < stride; ++i) {
            double sum = 0;
            for (std::size_t c = 0; c < channels(); ++c)
                sum +=
                    static_cast<double>(output_gradient[c * stride + i]) * static_cast<double>(output[c * stride + i]);
            for (std::size_t c = 0; c < channels(); ++c)
                input_gradient[c * stride + i] =
                    static_cast<float>((static_cast<double>(output_gradient[c * stride + i]) - sum) *
                                       static_cast<double>(output[c * stride + i]));
        }
    }

    void forward(const LocallyConnected2dSpec& s) const {
        const std::size_t outputs = layer.out_.count(), weights = arrays.size() - (s.bias ? outputs : 0);
        for (std::size_t o = 0; o < outputs; ++o)
            std::fill_n(made + o * lanes, lanes, s.bias ? arrays[weights + o] : 0.0F);
        for_products(s, layer.in_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l) made[o * lanes + l] += arrays[w] * input[i * lanes + l];
        });
    }
    void backward(const LocallyConnected2dSpec& s) const {
        std::fill_n(input_gradient, values(), 0.0F);
        for_products(s, layer.in_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l)
                input_gradient[i * lanes + l] += arrays[w] * output_gradient[o * lanes + l];
        });
        if (array_gradient.empty()) return;
        for_products(s, layer.in_, [&](std::size_t w, std::size_t i, std::size_t o) {
            for (std::size_t l = 0; l < lanes; ++l)
                array_gradient[w] += input[i * lanes + l] * output_gradient[o * lanes + l];
        });
        const std::size_t outputs = layer.out_.count(), weights = arrays.size() - (s.bias ? outputs : 0);
        for (std::size_t o = 0; s.bias && o < outputs; ++o)
            for (std::size_t l = 0; l < lanes; ++l) array_gradient[weights + o] += output_gradient[o * lanes + l];
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

LayerGradient::LayerGradient(const OperationSpec& spec, const Shape& in)
    : spec_(spec), in_{1, in.c, in.h, in.w}, out_(output_shape(spec, in_).value()) {
    const auto add = [&](const auto& pool, const auto& divisor) {
        for (int y = 0; y < out_.h; ++y)
            for (int x = 0; x < out_.w; ++x) {
                const Taps taps = LayerTraits<std::decay_t<decltype(pool)>>::taps(pool, in_, {0, y, x});
                for (const int v : taps.rows)
                    for (const int u : taps.columns)
                        if (v >= 0 && u >= 0) windows_.indices.push_back(static_cast<std::ptrdiff_t>(v) * in_.w + u);
                windows_.ends.push_back(windows_.indices.size());
                windows_.factors.push_back(1.0F / static_cast<float>(divisor(taps, PixelPosition{0, y, x})));
            }
    };
    const auto inside = [](const std::vector<int>& taps) {
        return std::ranges::count_if(taps, [](int i) { return i >= 0; });
    };
    std::visit(Overloaded{[&](const MaxPool2d& p) { add(p, [](const Taps&, const PixelPosition&) { return 1; }); },
                          [&](const AdaptiveAvgPool2d& p) {
                              add(p,
                                  [](const Taps& t, const PixelPosition&) { return t.rows.size() * t.columns.size(); });
                          },
                          [&](const AvgPool2d& p) {
                              add(p, [&](const Taps& t, const PixelPosition& at) {
                                  Breakdown b;  // of the terms that are not padding
                                  b.channels = 1, b.window = {1, static_cast<int>(inside(t.rows) * inside(t.columns))};
                                  b.terms.resize(to_size(b.window.w));
                                  LayerTraits<AvgPool2d>::break_down(p, in_, at, b);
                                  return b.divisor;
                              });
                          },
                          [](const auto&) {}},
               spec_);
}

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
