/// Checks the inputs of layers.
#include "engine/nn/graph.h"

#include "engine/core/printable.h"
#include "engine/core/sentence.h"

namespace convlens {

Expected<void> check_inputs(const std::vector<LayerSpec>& layers) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerSpec& layer = layers[i];
        const std::size_t count = layer.inputs.size();
        if (count > 1 && !is_join(layer.operation))
            return fail("{}: {} has one input, found {}", layer.name, type_name(layer.operation), count);
        if (count > max_layer_inputs)
            return fail("{}: {} inputs are too many, expected at most {}", layer.name, count, max_layer_inputs);
        for (const int from : layer.inputs) {
            if (from >= static_cast<int>(i) && from < static_cast<int>(layers.size()))
                return fail(
                    "{}: reads {}, expected a layer before it: a network has no cycles", layer.name,
                    from == static_cast<int>(i) ? sentence("itself") : layers[static_cast<std::size_t>(from)].name);
            if (from < network_input || from >= static_cast<int>(layers.size()))
                return fail("{}: reads layer {}, which does not exist", layer.name, from);
        }
    }
    return {};
}

}  // namespace convlens
