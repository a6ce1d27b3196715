/// Evaluates a document: input, network, forward pass.
#include "engine/document/evaluate.h"

#include <chrono>
#include <new>

#include "engine/nn/graph.h"

namespace convlens {
namespace {

Expected<Network> network_of(const Document& document, int channels, const Output* previous) {
    if (!previous) return build_network(document, channels);
    const int channels_before = previous->input->shape().c;
    const Document& last = previous->document;
    const bool same = channels_before == channels && last.network == document.network &&
                      last.kernels == document.kernels && last.conv == document.conv;
    if (same) return previous->network;
    const PreviousNetwork before{last, channels_before, previous->network};
    return build_network(document, channels, &before);
}

Expected<Output> run(const Document& document, Backend& backend, const Cancel& cancel, const Output* previous,
                     ObjectPool<Tensor>* memory) {
    Output output;
    output.document = document;

    const bool same_input = previous && previous->document.input == document.input &&
                            effective_normalize(previous->document) == effective_normalize(document) &&
                            effective_resize(previous->document) == effective_resize(document) &&
                            effective_channels(previous->document) == effective_channels(document);
    if (same_input) {
        output.input = previous->input;
    } else {
        auto input = input_tensor(document, cancel, memory);
        if (!input) return tl::unexpected(input.error());
        output.input = std::move(*input);
    }

    const int channels = output.input->shape().c;
    auto plan = plan_network(document, channels);
    if (!plan) return tl::unexpected(plan.error());
    output.plan = std::move(*plan);
    output.numbers = layer_numbers(output.plan.layers, output.input->shape());
    auto network = network_of(document, channels, previous);
    if (!network) return tl::unexpected(network.error());
    output.network = std::move(*network);

    const auto start = std::chrono::steady_clock::now();
    auto activations = backend.forward(output.network, output.input, output.plan.layer, cancel);
    if (!activations) return tl::unexpected(activations.error());
    output.activations = std::move(*activations);
    output.forward_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (previous && previous->activations == output.activations) output.forward_ms = previous->forward_ms;
    if (static_cast<std::size_t>(output.plan.layer) >= output.numbers.layers.size())
        return fail("{}", output.numbers.stopped);  // a layer of another branch can't run
    const std::vector<bool> needed = needed_for(output.plan.layers, output.plan.layer);
    for (int i = 0; i <= output.plan.layer; ++i)
        if (needed[static_cast<std::size_t>(i)])
            output.multiply_accumulates += output.numbers.layers[static_cast<std::size_t>(i)].multiply_accumulates;
    return output;
}

}  // namespace

Expected<Output> evaluate(const Document& document, Backend& backend, const Cancel& cancel, const Output* previous,
                          ObjectPool<Tensor>* memory) {
    try {
        return run(document, backend, cancel, previous, memory);
    } catch (const std::bad_alloc&) {
        return fail("there is not enough memory ({}): use a smaller image, fewer channels or a larger stride",
                    memory_in_words());
    }
}

}  // namespace convlens
