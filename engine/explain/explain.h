/// Explains one output value: all the terms that it is computed from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/nn/breakdown.h"
#include "engine/nn/taps.h"

namespace convlens {

/// A layer that transforms each value separately.
struct PointwiseStep {
    std::string layer;
    std::string formula;  ///< "max(x, 0)"
    double value = 0;     ///< Output of the step.
    bool beyond = false;  ///< Whether the step comes after the layer passed to explain().
};

/// Full explanation of a value: how its layer computed it, and which pointwise steps followed.
struct Explanation : Breakdown {
    PixelPosition position;   ///< Position of the value in the layer passed to explain().
    std::string asked_layer;  ///< Name of the layer passed to explain().
    std::string layer;  ///< The layer that computed the value: `asked_layer`, or an earlier layer followed only by
                        ///< pointwise layers.
    std::string type;   ///< "Conv2d"
    std::vector<PointwiseStep> steps;  ///< Pointwise steps applied to the total, in order.
    double result = 0;                 ///< The total after all steps that are not `beyond`.
    float shown = 0;                   ///< The value as computed by the backend, in single precision.
    /// receptive_boxes() of the output of `layer`, starting with the network's input; for layers after `layer`, the
    /// position of the value itself. Other values that a pointwise layer uses, such as those of a mean, are not in the
    /// boxes but in its formula.
    std::vector<Rect> boxes;
    std::size_t depth = 0;  ///< boxes[depth] is the window in the input of `layer`.
};

/// Returns true if a layer transforms each value separately, or only changes its position. Such a layer is explained as
/// a step.
bool pointwise(const Operation& operation);

/// Returns the layer that computes the terms of a value of layer `layer`: that layer, or the last earlier one that is
/// not pointwise; 0 if there is none.
int making_layer(const Network& network, int layer);

/// Explains the value at `position` of batch item `item` in the output of layer `layer`. `backend` must be the one that
/// ran `network` on `input`: its results are read, nothing is computed again. Fails when the position does not exist,
/// or when canceled.
Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const PixelPosition& position, Backend& backend, const Cancel& cancel);

/// Returns the explanation as plain text, for the clipboard: the terms of each channel as "value x weight", subtotals,
/// bias and total.
std::string to_text(const Explanation& explanation);

}  // namespace convlens
