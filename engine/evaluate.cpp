/// Input, network, forward pass: a document's way to its activations.
#include "engine/evaluate.h"

#include <chrono>
#include <new>

namespace convlens {
namespace {

Expected<Output> run(const Document& document, Backend& backend, const Cancel& cancel, const Output* previous) {
    Output output;
    output.document = document;

    const bool same_input = previous && previous->document.input == document.input &&
                            effective_normalize(previous->document) == effective_normalize(document);
    if (same_input) {
        output.input = previous->input;
    } else {
        auto input = input_tensor(document, cancel);
        if (!input) return tl::unexpected(input.error());
        output.input = std::move(*input);
    }

    const bool same_network = previous && previous->input->shape().c == output.input->shape().c &&
                              previous->document.kernels == document.kernels && previous->document.conv == document.conv;
    if (same_network) {
        output.network = previous->network;
    } else {
        auto network = build_network(document, output.input->shape().c);
        if (!network) return tl::unexpected(network.error());
        output.network = std::move(*network);
    }

    const auto start = std::chrono::steady_clock::now();
    const int last = static_cast<int>(output.network.layers.size()) - 1;
    auto activations = backend.forward(output.network, output.input, last, cancel);
    if (!activations) return tl::unexpected(activations.error());
    output.activations = std::move(*activations);
    output.forward_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (previous && previous->activations == output.activations) output.forward_ms = previous->forward_ms;

    Shape shape = output.input->shape();
    for (const Layer& layer : output.network.layers) {
        const Shape next = output_shape(layer, shape).value();  // forward() has accepted it
        output.multiply_accumulates += multiply_accumulates(spec_of(layer.operation), shape, next);
        shape = next;
    }
    return output;
}

}  // namespace

Expected<Output> evaluate(const Document& document, Backend& backend, const Cancel& cancel, const Output* previous) {
    try {
        return run(document, backend, cancel, previous);
    } catch (const std::bad_alloc&) {
        return fail("there is not enough memory for this: use a smaller image, fewer channels or a larger stride");
    }
}

}  // namespace convlens
