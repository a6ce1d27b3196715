/// Explains one output value: all terms from which it is computed, and the steps that follow.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/nn/breakdown.h"
#include "engine/nn/taps.h"

namespace convlens {

/// The step of a pointwise layer, which transforms each value separately, such as ReLU.
struct PointwiseStep {
    std::string layer;    ///< Name of the layer: "relu1".
    std::string formula;  ///< The formula for display: "max(x, 0)".
    double value = 0;     ///< The result.
    bool beyond = false;  ///< Whether the layer comes after the layer passed to explain().
};

/// Full explanation of a value: the terms from which a layer computed it, and the pointwise steps that followed.
struct Explanation : Breakdown {
    PixelPosition position;   ///< Position of the value in the output of the layer passed to explain().
    std::string asked_layer;  ///< Name of the layer passed to explain().
    std::string layer;  ///< Name of the layer that computed the value from the terms: `asked_layer` or, if that is
                        ///< pointwise, the last earlier layer that is not (the first layer if all are pointwise).
    std::string type;   ///< Class name of `layer` in torch.nn: "Conv2d".
    /// If `layer` has several inputs, as Add and Multiply have, their names: `channels` counts inputs then, and term i
    /// is the value of input i. Otherwise empty.
    std::vector<std::string> inputs;
    std::vector<PointwiseStep> steps;  ///< Pointwise steps applied to the total, in order.
    double result = 0;                 ///< The total after all steps that are not `beyond`, in double precision.
    float shown = 0;                   ///< The same value as the backend has computed it, in single precision.
    /// For the network's input (entry 0) and the output of each layer i before the one passed to explain() (entry
    /// i + 1), the box of the values on which the value depends: before `layer`, the receptive_boxes(); from `layer`
    /// on, only the value's own position. Empty for layers on which it does not depend. Other values that a pointwise
    /// layer uses, such as those for the mean of a GroupNorm, are not in the boxes.
    std::vector<Rect> boxes;
    std::size_t depth = 0;   ///< Index of `layer` in the network.
    std::size_t source = 0;  ///< Index in `boxes` of the first input of `layer`, whose box is its window.

    /// Returns true if the terms are products of values and weights.
    bool has_weights() const { return rule == TermRule::sum && inputs.empty(); }
};

/// Returns true if the layer is pointwise: it transforms each value separately, or only changes its position, like
/// Flatten. An explanation shows such a layer as a step.
bool pointwise(const Operation& operation);

/// Returns the index of the layer that computes the terms of a value in the output of layer `layer`: going back from
/// `layer`, the first one that is not pointwise or has several inputs; the first layer if there is none.
int making_layer(const Network& network, int layer);

/// Explains the value at `position` of batch item `item` in the output of layer `layer`. `backend` should have run
/// `network` on `input` up to that layer before: then explain() only reads its cached results. Fails if the position
/// does not exist, if `backend` fails, or if canceled.
Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const PixelPosition& position, Backend& backend, const Cancel& cancel);

/// Returns the explanation as plain text with several lines, for the clipboard: the terms of each channel as "value x
/// weight", the subtotals, the bias, the total and the steps.
std::string to_text(const Explanation& explanation);

}  // namespace convlens
