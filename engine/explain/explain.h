/// Why one value of the output is what it is: every term of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/nn/taps.h"

namespace convlens {

/// How a layer makes one value of the values that it reads.
enum class Rule {
    sum,      ///< Products with weights, added up, and a bias: Conv2d, LocallyConnected2d, Linear.
    maximum,  ///< The largest value under the window.
    mean,     ///< The values under the window, added up and divided.
    softmax,  ///< exp(x) of the own channel over the sum of all channels'.
    value,    ///< A value of the network's input as it is: no layer before the pointwise ones.
};

/// One value that takes part.
struct Term {
    Spot from;   ///< Where it lies in the layer's input; y = x = -1 in padding that holds no value.
    int ky = 0;  ///< Its place under the kernel as it is applied, row and column.
    int kx = 0;
    float value = 0;     ///< 0 in padding.
    float weight = 1;    ///< Of a sum: the kernel's; of a mean: what the sum is multiplied with; else 1.
    double product = 0;  ///< value * weight; of a softmax exp(value - largest) / sum.

    bool padding() const { return from.y < 0; }
};

/// A layer that changes each value by itself.
struct PointwiseStep {
    std::string layer;
    std::string formula;  ///< "max(x, 0)"
    double value = 0;     ///< What comes out.
    bool beyond = false;  ///< Behind the layer that was asked about.
};

/// All that there is to say about a value.
struct Explanation {
    Spot spot;                ///< The value, in the layer that was asked about.
    std::string asked_layer;  ///< Its name.
    std::string layer;  ///< The layer that made it: that one, or one before it with only pointwise layers between.
    std::string type;   ///< "Conv2d"
    Rule rule = Rule::sum;
    int first_channel = 0, channels = 0;  ///< Of the layer's input.
    Size2 window;                         ///< Rows and columns of each channel's terms.
    std::vector<Term> terms;              ///< Channel by channel, row by row: channels * window.h * window.w.
    std::vector<double> subtotals;        ///< The sum of each channel's products.
    std::optional<float> bias;
    int winner = -1;  ///< Of a maximum: the index of its term; -1 over nothing but padding, whose maximum is -infinity.
    int divisor = 1;  ///< Of a mean.
    double total = 0;                  ///< In double precision from the terms and the bias.
    std::vector<PointwiseStep> steps;  ///< What became of the total, in order.
    double result = 0;                 ///< The total after all steps that aren't beyond.
    float shown = 0;                   ///< The value as the back end computed it, in single precision.
    std::vector<Rect> boxes;           ///< receptive_boxes() of the value: on the network's input first.
    std::size_t depth = 0;             ///< boxes[depth] is the window in `layer`'s input.

    /// The terms of input channel first_channel + i.
    std::span<const Term> channel(int i) const {
        const auto count = static_cast<std::size_t>(window.h) * static_cast<std::size_t>(window.w);
        return {terms.data() + static_cast<std::size_t>(i) * count, count};
    }
};

/// True where each value is made of one value alone, and so are what Flatten and Dropout make.
bool pointwise(const Operation& operation);

/// The layer whose terms a value of layer `layer` is made of: that one, or the last one before it that does not work on
/// each value by itself; 0 where there is none.
int making_layer(const Network& network, int layer);

/// Explains value `spot` of batch item `item` in the output of layer `layer`. `backend` must be the one that ran
/// `network` on `input` (its results are read, nothing is computed again). Fails when the spot is not there, or when
/// cancelled.
Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const Spot& spot, Backend& backend, const Cancel& cancel);

/// The explanation as plain text, for the clipboard: the terms of each channel as "value x weight", subtotals, bias and
/// total.
std::string to_text(const Explanation& explanation);

}  // namespace convlens
