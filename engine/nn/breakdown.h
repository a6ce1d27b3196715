/// How a layer computes one output value: the input values that it reads, their weights, and the result.
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
    maximum,  ///< The largest value in the window: MaxPool2d.
    mean,     ///< The sum of the values in the window, divided by Breakdown::divisor: AvgPool2d, AdaptiveAvgPool2d.
    softmax,  ///< exp(x) of the value's own channel divided by the sum of exp(x) over all channels: Softmax.
    value,    ///< The network's input value itself. Used if every layer up to the explained one is a StepLayer
              ///< (layer_traits.h).
    product,  ///< The product of one value of each input: Multiply.
};

/// One input value that contributes to the output value.
struct Term {
    PixelPosition from;  ///< Position in the input; y = x = -1 for padding that is not a copy of an input value.
    int ky = 0;          ///< Row in the window, from 0. If the kernel is flipped, this is the row after the flip.
    int kx = 0;          ///< Column in the window, likewise.
    float value = 0;     ///< The input value; 0 for padding that is not a copy of an input value.
    float weight = 1;    ///< The kernel's weight for TermRule::sum, 1 / divisor for TermRule::mean, otherwise 1.
    double product = 0;  ///< value * weight. For TermRule::softmax: exp(value) / sum of exp(value) over all terms.

    /// Returns true if the term is padding that is not a copy of an input value.
    bool padding() const { return from.y < 0; }
};

/// An output value with all terms from which it is computed.
struct Breakdown {
    TermRule rule = TermRule::sum;
    int first_channel = 0, channels = 0;  ///< First channel and number of channels of the layer's input that are read.
    Size2 window;                         ///< Number of rows and columns of the terms of each channel.
    std::vector<Term> terms;              ///< Channel by channel, row by row: channels * window.h * window.w terms.
    std::vector<double> subtotals;        ///< Sum of the products of each channel.
    std::optional<float> bias;            ///< Added to the sum of the products; nullopt if the layer has no bias.
    int winner = -1;   ///< For TermRule::maximum, the index in `terms` of the largest value, or -1 if the
                       ///< window contains only padding (the total is then -infinity). Otherwise -1.
    int divisor = 1;   ///< For TermRule::mean, the number by which the sum is divided.
    double total = 0;  ///< The output value, computed in double precision from the terms and the bias.

    /// Returns the terms of input channel first_channel + i.
    std::span<const Term> channel(int i) const {
        const auto count = static_cast<std::size_t>(window.h) * static_cast<std::size_t>(window.w);
        return {terms.data() + static_cast<std::size_t>(i) * count, count};
    }

    /// Computes the products, `subtotals` and `total` from the values and weights of the terms and the bias.
    void add_up();

    /// Makes this a TermRule::mean: the sum of the values divided by `divisor_`. Computes the weights, products,
    /// `subtotals` and `total`.
    void make_mean(int divisor_);
};

/// The result of applying a layer that transforms each value separately (StepLayer in layer_traits.h) to one value x.
struct Step {
    std::string formula;  ///< The formula for display: "max(x, 0)".
    double value = 0;     ///< The result.
};

/// Returns the Step of a normalization layer: (x - mean) / sqrt(variance + eps) * weight + bias.
Step normalized(double x, double mean, double variance, float eps, double weight, double bias);

/// Access to one batch item of a layer's input, wherever it is stored.
struct LayerInput {
    Shape shape;  ///< Shape of the whole input, with all batch items.
    /// Returns the values in the given channels and area, as a tensor (1, channels, rows, columns).
    std::function<Expected<Tensor>(ChannelRange, Rect)> read;
    const Cancel& cancel;  ///< Must outlive this object.
};

}  // namespace convlens
