/// nn.LocalResponseNorm.
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.LocalResponseNorm: x / (k + alpha * mean)^beta, where `mean` is the mean of the squares of the values at the same
/// position in `size` channels around x; channels that do not exist count as 0. (A. Krizhevsky and others: ImageNet
/// Classification with Deep Convolutional Neural Networks, 2012)
struct LocalResponseNorm {
    int size = 5;  ///< Number of channels: size / 2 before that of x, (size - 1) / 2 after it.
    float alpha = 1e-4F, beta = 0.75F, k = 1;
    friend bool operator==(const LocalResponseNorm&, const LocalResponseNorm&) = default;

    /// Returns the channels around `channel` that exist.
    ChannelRange around(int channel, int channels) const {
        const int first = std::max(channel - size / 2, 0), last = std::min(channel + (size - 1) / 2, channels - 1);
        return {first, last - first + 1};
    }
    /// Returns the number by which x is divided; `squares` is the sum of the squares.
    double divisor(double squares) const {
        return std::pow(static_cast<double>(k) + static_cast<double>(alpha) * squares / size,
                        static_cast<double>(beta));
    }
};

template <>
struct LayerTraits<LocalResponseNorm> : Elementwise<LocalResponseNorm>, NoArrays<LocalResponseNorm> {
    static constexpr std::string_view name = "LocalResponseNorm", stem = "lrn";
    static constexpr Role role = Role::normalization;
    static constexpr bool exact = false;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        const LocalResponseNorm standard;
        visit.required("size", s.size, "Number of neighboring channels whose squares are averaged");
        visit.optional("alpha", s.alpha, standard.alpha, "Factor of the mean of the squares");
        visit.optional("beta", s.beta, standard.beta, "Exponent of the divisor");
        visit.optional("k", s.k, standard.k, "Added to the mean of the squares");
    }
    static Expected<Shape> output_shape(const LocalResponseNorm& s, const Shape& input) {
        if (s.size < 1 || s.size > max_hyper_parameter)
            return fail("size is {}: expected 1 to {}", s.size, max_hyper_parameter);
        return input;
    }
    static Taps taps(const LocalResponseNorm& layer, const Shape& input, const PixelPosition& at) {
        const ChannelRange around = layer.around(at.channel, input.c);
        return {around.first, around.count, {at.y}, {at.x}};
    }
    static LocalResponseNorm example(const Shape& /*input*/) { return {}; }
    static LocalResponseNorm random(Random& random, Shape& /*input*/) {
        return {random.whole(1, 6), 0.125F * static_cast<float>(random.whole(1, 16)), 0.75F, 1};
    }
    static Expected<Step> step(const LocalResponseNorm& layer, double x, const PixelPosition& at,
                               const LayerInput& input) {
        const ChannelRange around = layer.around(at.channel, input.shape.c);
        const auto values = input.read(around, {at.x, at.y, 1, 1});
        if (!values) return tl::unexpected(values.error());
        double squares = 0;
        for (const float v : values->values()) squares += static_cast<double>(v) * static_cast<double>(v);
        return Step{
            fmt::format("x / ({:g} + {:g} * {:.4g} / {})^{:g}, squares of channels {} to {}", layer.k, layer.alpha,
                        squares, layer.size, layer.beta, around.first, around.first + around.count - 1),
            x / layer.divisor(squares)};
    }
    static TorchCode torch(const LocalResponseNorm& s, const std::string& /*layer*/) {
        using python::text;
        return {"nn.LocalResponseNorm(" + text(s.size) + ", alpha=" + text(s.alpha) + ", beta=" + text(s.beta) +
                ", k=" + text(s.k) + ")"};
    }
    static Expected<NumpyCode> numpy(const LocalResponseNorm& s, const std::string& /*layer*/) {
        static constexpr std::string_view function = R"(
def local_response_norm(x, size, alpha, beta, k):
    squares = np.pad(x**2, ((0, 0), (size // 2, (size - 1) // 2), (0, 0), (0, 0)))
    return x / (k + alpha / size * sum(squares[:, i:i + x.shape[1]] for i in range(size)))**beta
)";
        using python::text;
        return NumpyCode{"local_response_norm(y, " + text(s.size) + ", " + text(s.alpha) + ", " + text(s.beta) + ", " +
                             text(s.k) + ")",
                         {function}};
    }
};

}  // namespace convlens
