/// The layers of a network without their weights.
#pragma once

#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/network.h"

namespace convlens {

/// Returns names and hyper-parameters of all layers, in order.
std::vector<LayerSpec> specs_of(const Network& network);

}  // namespace convlens
