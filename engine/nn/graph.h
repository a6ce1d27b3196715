/// Networks as graphs: which layers a layer reads, and which layers another one needs.
#pragma once

#include <cassert>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"
#include "engine/nn/network.h"

namespace convlens {

// The layers of a network are in topological order: a layer reads only layers before it. `Kind` is Layer or LayerSpec.

/// Index that stands for the network's input among the inputs of a layer.
inline constexpr int network_input = -1;

/// Maximum number of inputs of a layer.
inline constexpr std::size_t max_layer_inputs = 1000;

/// Returns the indices of the layers whose outputs layer `index` reads; network_input is the network's input.
template <class Kind>
std::vector<int> inputs_of(const std::vector<Kind>& layers, int index) {
    const auto& given = layers[static_cast<std::size_t>(index)].inputs;
    return given.empty() ? std::vector{index - 1} : given;
}

/// Returns what is stored in Layer::inputs so that layer `index` reads `inputs`: nothing if that is the layer before.
inline std::vector<int> stored_inputs(int index, std::vector<int> inputs) {
    return inputs == std::vector{index - 1} ? std::vector<int>() : inputs;
}

/// Returns true if each layer reads only the layer before it.
template <class Kind>
bool is_chain(const std::vector<Kind>& layers) {
    for (const Kind& layer : layers)
        if (!layer.inputs.empty()) return false;
    return true;
}

/// Returns for each layer whether layer `last` is computed from it; `last` itself is, later layers are not.
template <class Kind>
std::vector<bool> needed_for(const std::vector<Kind>& layers, int last) {
    std::vector<bool> needed(layers.size());
    needed[static_cast<std::size_t>(last)] = true;
    for (int i = last; i >= 0; --i)
        if (needed[static_cast<std::size_t>(i)])
            for (const int from : inputs_of(layers, i))
                if (from >= 0) needed[static_cast<std::size_t>(from)] = true;
    return needed;
}

/// Returns the layers that layer `last` needs, with that layer as the last one. In a chain, these are the layers up to
/// `last`.
template <class Kind>
std::vector<Kind> part_for(const std::vector<Kind>& layers, int last) {
    const std::vector<bool> needed = needed_for(layers, last);
    std::vector<int> places(layers.size(), network_input);
    std::vector<Kind> part;
    for (int i = 0; i <= last; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (!needed[at]) continue;
        const int place = static_cast<int>(part.size());
        std::vector<int> inputs = inputs_of(layers, i);
        for (int& from : inputs) from = from < 0 ? from : places[static_cast<std::size_t>(from)];
        places[at] = place;
        part.push_back(layers[at]);
        part.back().inputs = stored_inputs(place, std::move(inputs));
    }
    return part;
}

/// Returns the shapes of the inputs of layer `index`. `shapes` has the shape of the network's input and then those of
/// the outputs of at least the layers that the layer reads.
template <class Kind>
std::vector<Shape> input_shapes(const std::vector<Kind>& layers, int index, std::span<const Shape> shapes) {
    std::vector<Shape> result;
    for (const int from : inputs_of(layers, index)) result.push_back(shapes[static_cast<std::size_t>(from + 1)]);
    return result;
}

/// Returns the shape of the network's input and those of the outputs of all layers that layer `last` needs: entry i + 1
/// is the output of layer i. Entries of other layers are empty. Fails with a message that names the layer if one of
/// them can't run.
template <class Kind>
Expected<std::vector<Shape>> shapes_for(const std::vector<Kind>& layers, const Shape& input, int last) {
    const std::vector<bool> needed = needed_for(layers, last);
    std::vector<Shape> shapes(static_cast<std::size_t>(last) + 2);
    shapes[0] = input;
    for (int i = 0; i <= last; ++i) {
        if (!needed[static_cast<std::size_t>(i)]) continue;
        const auto output = output_shape(layers[static_cast<std::size_t>(i)], input_shapes(layers, i, shapes));
        if (!output) return tl::unexpected(output.error());
        shapes[static_cast<std::size_t>(i) + 1] = *output;
    }
    return shapes;
}

/// Fails with a message that names the layer if a layer reads one that is not before it, more inputs than its type has,
/// or more than max_layer_inputs.
Expected<void> check_inputs(const std::vector<LayerSpec>& layers);

}  // namespace convlens
