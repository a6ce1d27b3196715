/// The numbers that a layer learns: their names, shapes, first values, and how they join a layer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/network.h"
#include "engine/nn/parameter.h"

namespace convlens {

/// The arrays of a layer in state_dict's order; none for most layers.
std::vector<ParameterSpec> parameters_of(const OperationSpec& spec);

/// Learned numbers of a layer: PyTorch's sum(p.numel() for p in parameters()). The largest size_t where it doesn't fit.
std::size_t parameter_count(const OperationSpec& spec);

/// Parameters by their names in state_dict: "conv1.weight".
using ParameterMap = std::map<std::string, Parameter>;

/// Fresh values of a layer by parameter name, as PyTorch initializes it: weight and bias uniform in +-1/sqrt(fan_in),
/// those of a BatchNorm2d 1 and 0. The stream depends on `seed` and the layer's name only, and is the same everywhere.
ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed);

/// The layer with those of `parameters` that bear its name. None when one is missing or has another shape.
std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters);

/// The other way round: every array of the network by its name in state_dict.
ParameterMap parameters_of(const Network& network);

}  // namespace convlens
