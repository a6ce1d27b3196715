/// layer_forward(), and the loops of layers that process each value, each position or each group of channels
/// separately.
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <type_traits>
#include <vector>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/point_step.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

constexpr std::size_t tile_values = std::size_t{1} << 16U;  ///< Number of values for which tanh() takes about 1 ms.

/// Calls body(begin, end) on several threads for ranges that cover [0, count). Returns false when canceled.
template <class Body>
bool for_each_range(std::size_t count, const Cancel& cancel, const Body& body) {
    const auto tiles = static_cast<std::ptrdiff_t>((count + tile_values - 1) / tile_values);
    return for_each_tile(tiles, cancel, [&](std::ptrdiff_t tile) {
        const std::size_t begin = static_cast<std::size_t>(tile) * tile_values;
        body(begin, std::min(begin + tile_values, count));
    });
}

/// Sets each value of `output` to f of the input value at the same index. Returns false when canceled.
template <class Function>
bool map_values(const Tensor& input, const Cancel& cancel, Tensor& output, const Function& f) {
    return for_each_range(input.size(), cancel,
                          [&, from = input.data(), to = output.data()](std::size_t begin, std::size_t end) {
                              for (std::size_t i = begin; i < end; ++i) to[i] = f(from[i]);
                          });
}

bool copy_values(const Tensor& input, const Cancel& cancel, Tensor& output) {
    return map_values(input, cancel, output, [](float x) { return x; });
}

/// A layer with several inputs that has one: passes it on.
template <class Layer>
requires JoinLayer<SpecOf<Layer>>
bool run_on_cpu(const Layer& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return copy_values(input, cancel, output);
}

bool run_on_cpu(const LeakyReLU& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return map_values(input, cancel, output, [slope = layer.negative_slope](float x) { return x < 0 ? x * slope : x; });
}

bool run_on_cpu(const Sigmoid& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return map_values(input, cancel, output, [](float x) { return 1.0F / (1.0F + std::exp(-x)); });
}

bool run_on_cpu(const Tanh& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return map_values(input, cancel, output, [](float x) { return std::tanh(x); });
}

template <class Layer>
constexpr bool has_point_step = std::is_same_v<Layer, ReLU> || std::is_same_v<Layer, ReLU6> ||
                                std::is_same_v<Layer, Hardtanh> || std::is_same_v<Layer, BatchNorm2d>;

template <PointwiseLayer Layer>
requires(!has_point_step<Layer>) bool run_on_cpu(const Layer& layer, const Simd& /*simd*/, const Tensor& input,
                                                 const Cancel& cancel, Tensor& output) {
    return map_values(input, cancel, output, [&](float x) { return LayerTraits<Layer>::apply(layer, x); });
}

bool run_on_cpu(const PReLU& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Shape& s = input.shape();
    return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(tile / s.c), channel = static_cast<int>(tile % s.c);
        const auto from = input.plane(n, channel);
        const auto to = output.plane(n, channel);
        const float factor = layer.factor(channel);
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i] < 0 ? from[i] * factor : from[i];
    });
}

bool run_on_cpu(const Dropout& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return copy_values(input, cancel, output);
}

bool run_on_cpu(const Flatten& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return copy_values(input, cancel, output);  // NCHW is already flat
}

/// Large planes are divided.
template <class Layer>
requires has_point_step<Layer>
bool run_on_cpu(const Layer& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const PointStep step = PointStep::of(layer).value();
    const Shape& s = input.shape();
    const std::size_t plane = s.plane(), parts = (plane + tile_values - 1) / tile_values;
    return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c * static_cast<std::ptrdiff_t>(parts), cancel,
                         [&](std::ptrdiff_t tile) {
                             const auto index = static_cast<std::size_t>(tile) / parts,
                                        first = static_cast<std::size_t>(tile) % parts * tile_values;
                             const int n = static_cast<int>(index) / s.c, c = static_cast<int>(index) % s.c;
                             step.run(simd, c, input.plane(n, c).data() + first, std::min(tile_values, plane - first),
                                      output.plane(n, c).data() + first);
                         });
}

/// Returns f(0) + f(1) + ... + f(count - 1), always added in the same order. There are eight partial sums, so that an
/// addition does not wait for the previous one.
template <class F>
double sum_of(std::size_t count, const F& f) {
    std::array<double, 8> sums{};
    std::size_t i = 0;
    for (; i + sums.size() <= count; i += sums.size())
        for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += f(i + lane);
    double sum = 0;
    for (const double s : sums) sum += s;
    for (; i < count; ++i) sum += f(i);
    return sum;
}

/// Computes the mean of each group, then the variance, then the output values. Each channel is divided into parts,
/// which do not depend on the number of threads, and the sums of the parts are added in order.
bool run_on_cpu(const GroupNorm& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape& s = input.shape();
    const std::size_t plane = s.plane(), planes = static_cast<std::size_t>(s.n) * static_cast<std::size_t>(s.c),
                      parts = (plane + tile_values - 1) / tile_values,
                      of_group = static_cast<std::size_t>(layer.spec.channels_of_group()) * parts;
    std::vector<double> sums(planes * parts);
    // Calls body(part, index of the first value, number of values) for all parts. This is one third of the work.
    const auto for_parts = [&](int third, const auto& body) {
        const Cancel step = cancel.part(static_cast<float>(third) / 3.0F, static_cast<float>(third + 1) / 3.0F);
        return for_each_tile(static_cast<std::ptrdiff_t>(sums.size()), step, [&](std::ptrdiff_t tile) {
            const auto part = static_cast<std::size_t>(tile);
            const std::size_t begin = part % parts * tile_values;
            body(part, part / parts * plane + begin, std::min(tile_values, plane - begin));
        });
    };
    const auto group_means = [&] {
        std::vector<double> means(sums.size() / of_group);
        for (std::size_t i = 0; i < sums.size(); ++i) means[i / of_group] += sums[i];
        for (double& m : means) m /= static_cast<double>(of_group / parts * plane);
        return means;
    };
    if (!for_parts(0, [&](std::size_t part, std::size_t first, std::size_t count) {
            const float* from = input.data() + first;
            sums[part] = sum_of(count, [&](std::size_t i) { return static_cast<double>(from[i]); });
        }))
        return false;
    const std::vector<double> means = group_means();
    if (!for_parts(1, [&](std::size_t part, std::size_t first, std::size_t count) {
            const float* from = input.data() + first;
            const double mean = means[part / of_group];
            sums[part] = sum_of(count, [&](std::size_t i) {
                const double difference = static_cast<double>(from[i]) - mean;
                return difference * difference;
            });
        }))
        return false;
    const std::vector<double> variances = group_means();
    return for_parts(2, [&](std::size_t part, std::size_t first, std::size_t count) {
        const auto c = part / parts % static_cast<std::size_t>(s.c);
        const double weight = layer.weight ? static_cast<double>((*layer.weight)[c]) : 1.0,
                     bias = layer.bias ? static_cast<double>((*layer.bias)[c]) : 0.0;
        const double mean = means[part / of_group],
                     scale = weight / std::sqrt(variances[part / of_group] + static_cast<double>(layer.spec.eps));
        const float* from = input.data() + first;
        float* to = output.data() + first;
        for (std::size_t i = 0; i < count; ++i)
            to[i] = static_cast<float>((static_cast<double>(from[i]) - mean) * scale + bias);
    });
}

bool run_on_cpu(const Softmax& /*layer*/, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape& s = input.shape();
    const std::size_t plane = s.plane(), channels = static_cast<std::size_t>(s.c);
    // Positions per tile. A tile has fewer values than those of other layers, because exp() is slow.
    const std::size_t places = std::max<std::size_t>(1, tile_values / 64 / channels);
    const std::size_t tiles_each = (plane + places - 1) / places;
    return for_each_tile(static_cast<std::ptrdiff_t>(tiles_each) * s.n, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(static_cast<std::size_t>(tile) / tiles_each);
        const std::size_t begin = static_cast<std::size_t>(tile) % tiles_each * places,
                          count = std::min(places, plane - begin);
        const float* from = input.plane(n, 0).data() + begin;
        float* to = output.plane(n, 0).data() + begin;
        std::vector<float> largest(from, from + count);
        std::vector<double> sum(count, 0.0);
        for (std::size_t c = 1; c < channels; ++c)
            for (std::size_t i = 0; i < count; ++i) largest[i] = std::max(largest[i], from[c * plane + i]);
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t i = 0; i < count; ++i) {
                to[c * plane + i] = std::exp(from[c * plane + i] - largest[i]);
                sum[i] += static_cast<double>(to[c * plane + i]);
            }
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t i = 0; i < count; ++i)
                to[c * plane + i] = static_cast<float>(static_cast<double>(to[c * plane + i]) / sum[i]);
    });
}

bool run_on_cpu(const LocalResponseNorm& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape& s = input.shape();
    return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(tile / s.c), channel = static_cast<int>(tile % s.c);
        const ChannelRange around = layer.around(channel, s.c);
        std::vector<double> squares(s.plane(), 0.0);
        for (int c = around.first; c < around.first + around.count; ++c) {
            const auto values = input.plane(n, c);
            for (std::size_t i = 0; i < squares.size(); ++i)
                squares[i] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
        }
        const auto from = input.plane(n, channel);
        const auto to = output.plane(n, channel);
        for (std::size_t i = 0; i < to.size(); ++i)
            to[i] = static_cast<float>(static_cast<double>(from[i]) / layer.divisor(squares[i]));
    });
}

bool run_on_cpu(const LayerNorm2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape& s = input.shape();
    const std::size_t plane = s.plane(), channels = static_cast<std::size_t>(s.c);
    const std::size_t places = std::max<std::size_t>(1, tile_values / channels);  // positions per tile
    const std::size_t tiles_each = (plane + places - 1) / places;
    return for_each_tile(static_cast<std::ptrdiff_t>(tiles_each) * s.n, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(static_cast<std::size_t>(tile) / tiles_each);
        const std::size_t begin = static_cast<std::size_t>(tile) % tiles_each * places,
                          count = std::min(places, plane - begin);
        const float* from = input.plane(n, 0).data() + begin;
        float* to = output.plane(n, 0).data() + begin;
        std::vector<double> mean(count, 0.0), scale(count, 0.0);
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t i = 0; i < count; ++i) mean[i] += static_cast<double>(from[c * plane + i]);
        for (double& m : mean) m /= static_cast<double>(channels);
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t i = 0; i < count; ++i) {
                const double difference = static_cast<double>(from[c * plane + i]) - mean[i];
                scale[i] += difference * difference;
            }
        for (double& v : scale)
            v = 1 / std::sqrt(v / static_cast<double>(channels) + static_cast<double>(layer.spec.eps));
        for (std::size_t c = 0; c < channels; ++c) {
            const double weight = layer.weight ? static_cast<double>((*layer.weight)[c]) : 1.0,
                         bias = layer.bias ? static_cast<double>((*layer.bias)[c]) : 0.0;
            for (std::size_t i = 0; i < count; ++i)
                to[c * plane + i] =
                    static_cast<float>((static_cast<double>(from[c * plane + i]) - mean[i]) * scale[i] * weight + bias);
        }
    });
}

/// Must not be called: a Conv2dPlan runs convolutions.
bool run_on_cpu(const Conv2d& /*layer*/, const Simd& /*simd*/, const Tensor& /*input*/, const Cancel& /*cancel*/,
                Tensor& /*output*/) {
    assert(false);
    return false;
}

}  // namespace

bool layer_forward(const Operation& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                   Tensor& output) {
    return std::visit([&](const auto& kind) { return run_on_cpu(kind, simd, input, cancel, output); }, layer);
}

bool layer_forward(const Operation& layer, const Simd& simd, std::span<const Tensor* const> inputs,
                   const Cancel& cancel, Tensor& output) {
    if (inputs.size() == 1) return layer_forward(layer, simd, *inputs.front(), cancel, output);
    return join_on_cpu(join_of(spec_of(layer)), inputs, cancel, output);
}

}  // namespace convlens
