/// The table of a network's layers as CSV.
#pragma once

#include <span>
#include <string>

#include "engine/document/plan.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/measure_layers.h"

namespace convlens {

/// Returns a table with one row per layer: its name, type, the layers that it reads (separated by spaces; "input" is
/// the network's input), output shape, parameters, multiply-accumulates, bytes of the output, receptive field and jump;
/// and its time, its dead channels and the quantiles of its values if `measured` is not empty. Fields of layers that
/// can't run are empty.
std::string network_csv(const NetworkPlan& plan, const NetworkNumbers& numbers,
                        std::span<const LayerMeasurement> measured);

}  // namespace convlens
