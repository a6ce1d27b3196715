/// Evaluates a document: from input to activations.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/document/document.h"
#include "engine/document/plan.h"
#include "engine/nn/backend.h"
#include "engine/nn/layer_numbers.h"

namespace convlens {

/// Result of evaluating a document.
struct Output {
    Document document;                    ///< The evaluated document.
    std::shared_ptr<const Tensor> input;  ///< The tensor that entered the network.
    NetworkPlan plan;  ///< All layers of the network, including those that can't run, and the index of the shown layer.
    Network network;   ///< The first plan.runnable layers, with their weights.
    NetworkNumbers numbers;  ///< Cost and receptive field of every layer that can run on the input's shape.
    std::shared_ptr<const Activations> activations;  ///< Output of the shown layer, plan.layer.
    double forward_ms = 0;  ///< Wall-clock time of the forward pass that computed the activations, in milliseconds.
    std::uint64_t multiply_accumulates = 0;  ///< Multiply-accumulate operations (MACs) of the whole batch, summed over
                                             ///< the layers up to and including plan.layer.
};

/// Prepares the input, builds the network and runs it on `backend` up to the shown layer. The window, the command line
/// and the tests all call this function. `previous` is an earlier result from the same backend, or null: parts of it
/// that the changes of the document do not affect are reused. Fails with one sentence for the user, also if the machine
/// is out of memory; fails with Error::canceled set if `cancel` requests it. Must be called on the thread of `backend`.
/// `memory` is that of input_tensor().
Expected<Output> evaluate(const Document& document, Backend& backend, const Cancel& cancel,
                          const Output* previous = nullptr, ObjectPool<Tensor>* memory = nullptr);

}  // namespace convlens
