/// How a layer computes one output value from the input values that it reads.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/pixel_position.h"

namespace convlens {

/// How the output value is computed from the terms.
enum class TermRule {
    sum,      ///< The sum of products with weights, plus a bias: Conv2d, LocallyConnected2d, Linear.
    maximum,  ///< The largest value in the window.
    mean,     ///< The sum of the values in the window, divided by Breakdown::divisor.
    softmax,  ///< exp(x) of the value's own channel divided by the sum of exp(x) over all channels.
    value,    ///< A value of the network's input, unchanged; used if all layers are of type StepLayer.
};

/// One input value that contributes to the output value.
struct Term {
    PixelPosition from;  ///< Position in the layer's input; y = x = -1 for padding that holds no value.
    int ky = 0;          ///< Row and column in the kernel as it is applied (after a flip).
    int kx = 0;
    float value = 0;     ///< 0 in padding.
    float weight = 1;    ///< The kernel's weight for a sum, the factor of the sum for a mean, otherwise 1.
    double product = 0;  ///< value * weight; exp(value - largest) / sum for a softmax.

    bool padding() const { return from.y < 0; }
};

/// An output value with all terms that it is computed from.
struct Breakdown {
    TermRule rule = TermRule::sum;
    int first_channel = 0, channels = 0;  ///< Range of channels of the layer's input.
    Size2 window;                         ///< Rows and columns of the terms of each channel.
    std::vector<Term> terms;              ///< Channel by channel, row by row: channels * window.h * window.w terms.
    std::vector<double> subtotals;        ///< Sum of the products of each channel.
    std::optional<float> bias;
    int winner = -1;   ///< Index of the largest term for a maximum; -1 if the window contains only padding, whose
                       ///< maximum is -infinity.
    int divisor = 1;   ///< Number that a mean divides by.
    double total = 0;  ///< The output value, computed in double precision from the terms and the bias.

    /// Returns the terms of input channel first_channel + i.
    std::span<const Term> channel(int i) const {
        const auto count = static_cast<std::size_t>(window.h) * static_cast<std::size_t>(window.w);
        return {terms.data() + static_cast<std::size_t>(i) * count, count};
    }

    /// Computes `product` of each term, `subtotals` and `total` from the values and weights of the terms and the bias.
    void add_up();

    /// Turns this into a mean: the sum of the terms divided by `divisor_`.
    void make_mean(int divisor_);
};

/// The result of applying a layer that transforms each value separately (StepLayer) to one value x.
struct Step {
    std::string formula;  ///< "max(x, 0)"
    double value = 0;     ///< The result.
};

/// Returns the step of a normalization: (x - mean) / sqrt(variance + eps) * weight + bias.
Step normalized(double x, double mean, double variance, float eps, double weight, double bias);

/// Access to the input of a layer, for one batch item, independent of where it is stored.
struct LayerInput {
    Shape shape;
    std::function<Expected<Tensor>(ChannelRange, Rect)>
        read;  ///< Returns the values of a part of the input: (1, channels, rows, columns).
    const Cancel& cancel;
};

}  // namespace convlens
