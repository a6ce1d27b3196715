/// Receptive fields, layer by layer.
#include "engine/nn/receptive_fields.h"

#include "engine/nn/graph.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/network_specs.h"

namespace convlens {

ReceptiveFields receptive_fields(const Network& network, const Shape& input, int layer) {
    const std::vector<LayerSpec> specs = part_for(specs_of(network), layer);
    const LayerNumbers last = layer_numbers(specs, input).layers.back();
    return {last.receptive_field, last.jump, last.top, last.left};
}

}  // namespace convlens
