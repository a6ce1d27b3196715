/// The layers of a network without their weights.
#include "engine/nn/network_specs.h"

namespace convlens {

std::vector<LayerSpec> specs_of(const Network& network) {
    std::vector<LayerSpec> specs;
    for (const Layer& layer : network.layers) {
        OperationSpec spec = spec_of(layer.operation);
        specs.push_back({layer.name, std::move(spec), layer.inputs});
    }
    return specs;
}

}  // namespace convlens
