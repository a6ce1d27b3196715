/// The one function that does the work.
#pragma once

#include <memory>

#include "engine/document/document.h"
#include "engine/document/plan.h"
#include "engine/nn/backend.h"
#include "engine/nn/layer_numbers.h"

namespace convlens {

/// What a document comes to.
struct Output {
    Document document;                    ///< What was asked for.
    std::shared_ptr<const Tensor> input;  ///< What entered the network.
    NetworkPlan plan;        ///< Every layer of the network, also those that can't run; which one is shown.
    Network network;         ///< Those with weights: the first plan.runnable layers.
    NetworkNumbers numbers;  ///< Of every layer whose shapes fit the input.
    std::shared_ptr<const Activations> activations;  ///< Of layer plan.layer.
    double forward_ms = 0;                           ///< Wall clock of the network's run that made the activations.
    std::size_t multiply_accumulates = 0;            ///< Of the layers up to plan.layer.
};

/// Prepares the input, builds the network and runs it on `backend` up to the layer that is shown. The window, the
/// command line and the tests all call this. `previous` (of the same backend, may be null) saves work: its input and
/// network are taken over where the document did not change in what they depend on, and so are the weights of single
/// layers. Fails in one sentence for the user, also when memory runs out; Error::canceled when `cancel` asked for it.
Expected<Output> evaluate(const Document& document, Backend& backend, const Cancel& cancel,
                          const Output* previous = nullptr);

}  // namespace convlens
