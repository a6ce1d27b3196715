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
    NetworkPlan plan;        ///< Every layer of the network, including layers that can't run, and which layer is shown.
    Network network;         ///< The first plan.runnable layers, with their weights.
    NetworkNumbers numbers;  ///< Numbers of every layer whose shapes fit the input.
    std::shared_ptr<const Activations> activations;  ///< Output of layer plan.layer.
    double forward_ms = 0;                           ///< Wall-clock time in milliseconds of the forward pass that
                                                     ///< computed the activations.
    std::uint64_t multiply_accumulates = 0;          ///< Sum over the layers up to plan.layer.
};

/// Prepares the input, builds the network and runs it on `backend` up to the layer that is shown. The window, the
/// command line and the tests all call this function. `previous` (from the same backend, may be null) saves work: its
/// input, its network and the weights of its layers are reused if nothing that they depend on has changed. Fails with
/// one sentence for the user, also if the machine is out of memory; fails with Error::canceled if `cancel` requests it.
Expected<Output> evaluate(const Document& document, Backend& backend, const Cancel& cancel,
                          const Output* previous = nullptr);

}  // namespace convlens
