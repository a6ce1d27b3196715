/// Simple, slow reference implementations of the layers other than Conv2d.
#include "engine/reference/layer_reference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/core/overloaded.h"
#include "engine/reference/reference.h"

namespace convlens::reference {
namespace {

double value_at(const Tensor& t, int n, int c, int y, int x) { return static_cast<double>(t.at(n, c, y, x)); }

/// Returns a result of shape `output` whose value at (n, c, y, x) is f(n, c, y, x).
template <class F>
Reference filled(const Shape& output, const F& f) {
    Reference result{output, {}};
    for (int n = 0; n < output.n; ++n)
        for (int c = 0; c < output.c; ++c)
            for (int y = 0; y < output.h; ++y)
                for (int x = 0; x < output.w; ++x) result.values.push_back(f(n, c, y, x));
    return result;
}

double max_pool(const MaxPool2d& p, const Tensor& in, int n, int c, int y, int x) {
    double largest = -std::numeric_limits<double>::infinity();
    for (int i = 0; i < p.kernel_size.h; ++i)
        for (int j = 0; j < p.kernel_size.w; ++j) {
            const int v = y * p.stride.h - p.padding.h + i * p.dilation.h,
                      u = x * p.stride.w - p.padding.w + j * p.dilation.w;
            if (v >= 0 && v < in.shape().h && u >= 0 && u < in.shape().w)
                largest = std::max(largest, value_at(in, n, c, v, u));
        }
    return largest;
}

double avg_pool(const AvgPool2d& p, const Tensor& in, int n, int c, int y, int x) {
    double sum = 0;
    int real = 0, with_padding = 0;
    for (int i = 0; i < p.kernel_size.h; ++i)
        for (int j = 0; j < p.kernel_size.w; ++j) {
            const int v = y * p.stride.h - p.padding.h + i, u = x * p.stride.w - p.padding.w + j;
            if (v >= in.shape().h + p.padding.h || u >= in.shape().w + p.padding.w) continue;  // beyond the padding
            ++with_padding;
            if (v < 0 || v >= in.shape().h || u < 0 || u >= in.shape().w) continue;
            ++real;
            sum += value_at(in, n, c, v, u);
        }
    return sum / (p.divisor_override ? *p.divisor_override : p.count_include_pad ? with_padding : real);
}

double adaptive(const AdaptiveAvgPool2d& p, const Tensor& in, int n, int c, int y, int x) {
    const auto begin = [](int i, int from, int to) {
        return static_cast<int>(std::floor(static_cast<double>(i) * from / to));
    };
    const auto end = [](int i, int from, int to) {
        return static_cast<int>(std::ceil(static_cast<double>(i + 1) * from / to));
    };
    double sum = 0;
    int count = 0;
    for (int v = begin(y, in.shape().h, p.output_size.h); v < end(y, in.shape().h, p.output_size.h); ++v)
        for (int u = begin(x, in.shape().w, p.output_size.w); u < end(x, in.shape().w, p.output_size.w); ++u, ++count)
            sum += value_at(in, n, c, v, u);
    return sum / count;
}

double batch_norm(const BatchNorm2d& b, double value, std::size_t c) {
    const auto of = [c](const SharedValues& values, double absent) {
        return values ? static_cast<double>((*values)[c]) : absent;
    };
    const double root = std::sqrt(of(b.running_var, 0) + static_cast<double>(b.spec.eps));
    return (value - of(b.running_mean, 0)) / root * of(b.weight, 1) + of(b.bias, 0);
}

/// Mean and variance of all values of a group of channels.
struct Moments {
    double mean = 0, variance = 0;
};

Moments moments(const Tensor& in, int n, int first_channel, int channels) {
    const Shape& s = in.shape();
    std::vector<double> values;
    for (int c = first_channel; c < first_channel + channels; ++c)
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x) values.push_back(value_at(in, n, c, y, x));
    const auto count = static_cast<double>(values.size());
    Moments m;
    for (const double v : values) m.mean += v / count;
    for (const double v : values) m.variance += (v - m.mean) * (v - m.mean) / count;
    return m;
}

Reference group_norm(const GroupNorm& g, const Tensor& in, const Shape& out) {
    const int channels = g.spec.num_channels / g.spec.num_groups;
    std::vector<Moments> groups;
    for (int n = 0; n < out.n; ++n)
        for (int c = 0; c < out.c; c += channels) groups.push_back(moments(in, n, c, channels));
    const auto of = [](const SharedValues& values, int c, double absent) {
        return values ? static_cast<double>((*values)[static_cast<std::size_t>(c)]) : absent;
    };
    return filled(out, [&](int n, int c, int y, int x) {
        const Moments& m = groups[static_cast<std::size_t>(n * g.spec.num_groups + c / channels)];
        return (value_at(in, n, c, y, x) - m.mean) / std::sqrt(m.variance + static_cast<double>(g.spec.eps)) *
                   of(g.weight, c, 1) +
               of(g.bias, c, 0);
    });
}

double linear(const Linear& l, const Tensor& in, int n, int o) {
    double sum = l.bias ? static_cast<double>((*l.bias)[static_cast<std::size_t>(o)]) : 0.0;
    const float* item = in.plane(n, 0).data();
    for (int i = 0; i < l.spec.in_features; ++i) sum += value_at(*l.weight, o, i, 0, 0) * static_cast<double>(item[i]);
    return sum;
}

double local(const LocallyConnected2d& l, const Tensor& in, int n, int o, int y, int x) {
    const auto& s = l.spec;
    double sum = l.bias ? value_at(*l.bias, 0, o, y, x) : 0.0;
    for (int c = 0; c < s.in_channels; ++c)
        for (int i = 0; i < s.kernel_size.h; ++i)
            for (int j = 0; j < s.kernel_size.w; ++j)
                sum += value_at(*l.weight, o, c, y * s.output_size.w + x, i * s.kernel_size.w + j) *
                       value_at(in, n, c, y * s.stride.h + i, x * s.stride.w + j);
    return sum;
}

/// A value of the transposed convolution: every input value is asked whether it reaches (y, x).
double transposed(const ConvTranspose2d& l, const Tensor& in, int n, int o, int y, int x) {
    const auto& s = l.spec;
    const int in_group = s.in_channels / s.groups, out_group = s.out_channels / s.groups;
    double sum = l.bias ? static_cast<double>((*l.bias)[static_cast<std::size_t>(o)]) : 0.0;
    for (int c = o / out_group * in_group; c < (o / out_group + 1) * in_group; ++c)
        for (int v = 0; v < in.shape().h; ++v)
            for (int u = 0; u < in.shape().w; ++u)
                for (int i = 0; i < s.kernel_size.h; ++i)
                    for (int j = 0; j < s.kernel_size.w; ++j)
                        if (v * s.stride.h - s.padding.h + i * s.dilation.h == y &&
                            u * s.stride.w - s.padding.w + j * s.dilation.w == x)
                            sum += value_at(*l.weight, c, o % out_group, i, j) * value_at(in, n, c, v, u);
    return sum;
}

double adaptive_max(const AdaptiveMaxPool2d& p, const Tensor& in, int n, int c, int y, int x) {
    const Shape& s = in.shape();
    const int oh = p.output_size.h, ow = p.output_size.w;
    double largest = -std::numeric_limits<double>::infinity();
    for (int v = y * s.h / oh; v * oh < (y + 1) * s.h; ++v)
        for (int u = x * s.w / ow; u * ow < (x + 1) * s.w; ++u) largest = std::max(largest, value_at(in, n, c, v, u));
    return largest;
}

/// Returns the value at a position with the fractional row y and column x, between the four values around it.
double between(const Tensor& in, int n, int c, double y, double x) {
    const int top = static_cast<int>(y), left = static_cast<int>(x), bottom = std::min(top + 1, in.shape().h - 1),
              right = std::min(left + 1, in.shape().w - 1);
    const double v = y - top, u = x - left;
    return (value_at(in, n, c, top, left) * (1 - u) + value_at(in, n, c, top, right) * u) * (1 - v) +
           (value_at(in, n, c, bottom, left) * (1 - u) + value_at(in, n, c, bottom, right) * u) * v;
}

double upsample(const Upsample& p, const Tensor& in, int n, int c, int y, int x) {
    const auto place = [&](int i, int size, int factor) {
        if (p.mode == UpsampleMode::nearest) return std::floor(static_cast<double>(i) / factor);
        if (!p.align_corners) return std::max((i + 0.5) / factor - 0.5, 0.0);
        return size * factor == 1 ? 0.0 : i * (size - 1.0) / (size * factor - 1.0);
    };
    return between(in, n, c, place(y, in.shape().h, p.scale_factor.h), place(x, in.shape().w, p.scale_factor.w));
}

double local_response(const LocalResponseNorm& l, const Tensor& in, int n, int c, int y, int x) {
    double squares = 0;
    for (int i = c - l.size / 2; i <= c + (l.size - 1) / 2; ++i)
        if (i >= 0 && i < in.shape().c) squares += value_at(in, n, i, y, x) * value_at(in, n, i, y, x);
    const double base = static_cast<double>(l.k) + static_cast<double>(l.alpha) * squares / l.size;
    return value_at(in, n, c, y, x) / std::pow(base, static_cast<double>(l.beta));
}

double layer_norm(const LayerNorm2d& l, const Tensor& in, int n, int c, int y, int x) {
    const int channels = in.shape().c;
    double mean = 0, variance = 0;
    for (int i = 0; i < channels; ++i) mean += value_at(in, n, i, y, x) / channels;
    for (int i = 0; i < channels; ++i) variance += std::pow(value_at(in, n, i, y, x) - mean, 2) / channels;
    const auto of = [c](const SharedValues& values, double absent) {
        return values ? static_cast<double>((*values)[static_cast<std::size_t>(c)]) : absent;
    };
    return (value_at(in, n, c, y, x) - mean) / std::sqrt(variance + static_cast<double>(l.spec.eps)) * of(l.weight, 1) +
           of(l.bias, 0);
}

template <PaddingMode mode>
double padded(const Pad2d<mode>& p, const Tensor& in, int n, int c, int y, int x) {
    const int v = reference_source(mode, y - p.top, in.shape().h), u = reference_source(mode, x - p.left, in.shape().w);
    return v < 0 || u < 0 ? 0 : value_at(in, n, c, v, u);
}

double softmax(const Tensor& in, int n, int c, int y, int x) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int k = 0; k < in.shape().c; ++k) largest = std::max(largest, value_at(in, n, k, y, x));
    for (int k = 0; k < in.shape().c; ++k) sum += std::exp(value_at(in, n, k, y, x) - largest);
    return std::exp(value_at(in, n, c, y, x) - largest) / sum;
}

}  // namespace

Reference reference_layer(const Operation& operation, const Tensor& in, const Shape& out) {
    const auto each = [&](auto f) {
        return filled(out, [&](int n, int c, int y, int x) { return f(value_at(in, n, c, y, x)); });
    };
    const auto at_each = [&](const auto& layer, auto f) {
        return filled(out, [&](int n, int c, int y, int x) { return f(layer, in, n, c, y, x); });
    };
    return std::visit(
        Overloaded{
            [&](const Conv2d&) { return assert(false), Reference{}; },
            [&]<class Layer>(const Layer& l) {
                static_assert(PointwiseLayer<Layer>);
                return each([&](double v) { return LayerTraits<Layer>::apply(l, v); });
            },
            [&]<PaddingMode mode>(const Pad2d<mode>& p) { return at_each(p, padded<mode>); },
            [&](const ConvTranspose2d& l) { return at_each(l, transposed); },
            [&](const AdaptiveMaxPool2d& l) { return at_each(l, adaptive_max); },
            [&](const Upsample& l) { return at_each(l, upsample); },
            [&](const LocalResponseNorm& l) { return at_each(l, local_response); },
            [&](const LayerNorm2d& l) { return at_each(l, layer_norm); },
            [&](const PReLU& l) {
                return filled(out, [&](int n, int c, int y, int x) {
                    const double v = value_at(in, n, c, y, x);
                    return v >= 0 ? v : v * static_cast<double>(l.factor(c));
                });
            },
            [&](const PixelShuffle& p) {
                const int r = p.upscale_factor;
                return filled(out, [&](int n, int c, int y, int x) {
                    return value_at(in, n, c * r * r + y % r * r + x % r, y / r, x / r);
                });
            },
            [&](const ReLU&) { return each([](double v) { return std::max(v, 0.0); }); },
            [&](const LeakyReLU& l) {
                return each([&](double v) { return v >= 0 ? v : v * static_cast<double>(l.negative_slope); });
            },
            [&](const Sigmoid&) { return each([](double v) { return 1 / (1 + std::exp(-v)); }); },
            [&](const Tanh&) { return each([](double v) { return std::tanh(v); }); },
            [&](const Dropout&) { return each([](double v) { return v; }); },
            [&](const Add&) { return each([](double v) { return v; }); },
            [&](const Multiply&) { return each([](double v) { return v; }); },
            [&](const Concat&) { return each([](double v) { return v; }); },
            [&](const Flatten&) {
                return filled(out,
                              [&](int n, int c, int, int) { return static_cast<double>(in.plane(n, 0).data()[c]); });
            },
            [&](const MaxPool2d& p) {
                return filled(out, [&](int n, int c, int y, int x) { return max_pool(p, in, n, c, y, x); });
            },
            [&](const AvgPool2d& p) {
                return filled(out, [&](int n, int c, int y, int x) { return avg_pool(p, in, n, c, y, x); });
            },
            [&](const AdaptiveAvgPool2d& p) {
                return filled(out, [&](int n, int c, int y, int x) { return adaptive(p, in, n, c, y, x); });
            },
            [&](const BatchNorm2d& b) {
                return filled(out, [&](int n, int c, int y, int x) {
                    return batch_norm(b, value_at(in, n, c, y, x), static_cast<std::size_t>(c));
                });
            },
            [&](const GroupNorm& g) { return group_norm(g, in, out); },
            [&](const Linear& l) { return filled(out, [&](int n, int c, int, int) { return linear(l, in, n, c); }); },
            [&](const LocallyConnected2d& l) {
                return filled(out, [&](int n, int c, int y, int x) { return local(l, in, n, c, y, x); });
            },
            [&](const Softmax&) {
                return filled(out, [&](int n, int c, int y, int x) { return softmax(in, n, c, y, x); });
            }},
        operation);
}

Reference reference_join(const Operation& operation, std::span<const Tensor* const> inputs, const Shape& out) {
    if (std::holds_alternative<Concat>(operation))
        return filled(out, [&](int n, int c, int y, int x) {
            std::size_t k = 0;
            for (; c >= inputs[k]->shape().c; ++k) c -= inputs[k]->shape().c;
            return value_at(*inputs[k], n, c, y, x);
        });
    const bool product = std::holds_alternative<Multiply>(operation);
    return filled(out, [&](int n, int c, int y, int x) {
        double result = product ? 1 : 0;
        for (const Tensor* input : inputs) {
            const Shape& s = input->shape();
            const double v = value_at(*input, n, std::min(c, s.c - 1), std::min(y, s.h - 1), std::min(x, s.w - 1));
            result = product ? result * v : result + v;
        }
        return result;
    });
}

}  // namespace convlens::reference
