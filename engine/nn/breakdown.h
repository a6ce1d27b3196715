/// How a layer makes one value of the values that it reads.
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

/// In one word.
enum class StrategyRule {
    sum,      ///< Products with weights, added up, and a bias: Conv2d, LocallyConnected2d, Linear.
    maximum,  ///< The largest value under the window.
    mean,     ///< The values under the window, added up and divided.
    softmax,  ///< exp(x) of the own channel over the sum of all channels'.
    value,    ///< A value of the network's input as it is: no layer before those that change each value by itself.
};

/// One value that takes part.
struct Term {
    PixelPosition from;  ///< Where it lies in the layer's input; y = x = -1 in padding that holds no value.
    int ky = 0;          ///< Its place under the kernel as it is applied, row and column.
    int kx = 0;
    float value = 0;     ///< 0 in padding.
    float weight = 1;    ///< Of a sum: the kernel's; of a mean: what the sum is multiplied with; else 1.
    double product = 0;  ///< value * weight; of a softmax exp(value - largest) / sum.

    bool padding() const { return from.y < 0; }
};

/// A value with all that it is made of.
struct Breakdown {
    StrategyRule rule = StrategyRule::sum;
    int first_channel = 0, channels = 0;  ///< Of the layer's input.
    Size2 window;                         ///< Rows and columns of each channel's terms.
    std::vector<Term> terms;              ///< Channel by channel, row by row: channels * window.h * window.w.
    std::vector<double> subtotals;        ///< The sum of each channel's products.
    std::optional<float> bias;
    int winner = -1;  ///< Of a maximum: the index of its term; -1 over nothing but padding, whose maximum is -infinity.
    int divisor = 1;  ///< Of a mean.
    double total = 0;  ///< In double precision from the terms and the bias.

    /// The terms of input channel first_channel + i.
    std::span<const Term> channel(int i) const {
        const auto count = static_cast<std::size_t>(window.h) * static_cast<std::size_t>(window.w);
        return {terms.data() + static_cast<std::size_t>(i) * count, count};
    }

    /// Products, subtotals and the total of the terms' values and weights and of the bias.
    void add_up();

    /// Makes it the terms' sum divided by `divisor_`.
    void make_mean(int divisor_);
};

/// What a layer that changes each value by itself makes of one, x.
struct Step {
    std::string formula;  ///< "max(x, 0)"
    double value = 0;     ///< What comes out.
};

/// The step of a normalization: (x - mean) / sqrt(variance + eps) * weight + bias.
Step normalized(double x, double mean, double variance, float eps, double weight, double bias);

/// The values that a layer was given, wherever they are: one batch item.
struct LayerInput {
    Shape shape;
    std::function<Expected<Tensor>(ChannelRange, Rect)> read;  ///< (1, channels, rows, columns) of it.
    const Cancel& cancel;
};

}  // namespace convlens
