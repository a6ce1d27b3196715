/// Why one value of the output is what it is: every term of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/nn/breakdown.h"
#include "engine/nn/taps.h"

namespace convlens {

/// A layer that changes each value by itself.
struct PointwiseStep {
    std::string layer;
    std::string formula;  ///< "max(x, 0)"
    double value = 0;     ///< What comes out.
    bool beyond = false;  ///< Behind the layer that was asked about.
};

/// All that there is to say about a value: how the layer that made it did so, and what became of it.
struct Explanation : Breakdown {
    PixelPosition position;   ///< The value, in the layer that was asked about.
    std::string asked_layer;  ///< Its name.
    std::string layer;  ///< The layer that made it: that one, or one before it with only pointwise layers between.
    std::string type;   ///< "Conv2d"
    std::vector<PointwiseStep> steps;  ///< What became of the total, in order.
    double result = 0;                 ///< The total after all steps that aren't beyond.
    float shown = 0;                   ///< The value as the back end computed it, in single precision.
    /// receptive_boxes() of what `layer` made, on the network's input first; behind `layer` the value's own places.
    /// What a pointwise layer takes from elsewhere, such as a mean, is in its formula.
    std::vector<Rect> boxes;
    std::size_t depth = 0;  ///< boxes[depth] is the window in `layer`'s input.
};

/// True where a layer changes each value by itself, or only its place, so that it is explained as a step.
bool pointwise(const Operation& operation);

/// The layer whose terms a value of layer `layer` is made of: that one, or the last one before it that does not work on
/// each value by itself; 0 where there is none.
int making_layer(const Network& network, int layer);

/// Explains value `position` of batch item `item` in the output of layer `layer`. `backend` must be the one that ran
/// `network` on `input` (its results are read, nothing is computed again). Fails when the spot is not there, or when
/// canceled.
Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const PixelPosition& position, Backend& backend, const Cancel& cancel);

/// The explanation as plain text, for the clipboard: the terms of each channel as "value x weight", subtotals, bias and
/// total.
std::string to_text(const Explanation& explanation);

}  // namespace convlens
