/// Parameters and buffers of layers: names, shapes, initial values, and assignment to layers.
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

/// Returns the descriptions of a layer's parameters and buffers in the order of the state dict. Most types of layers
/// have none.
std::vector<ParameterSpec> parameters_of(const OperationSpec& spec);

/// Returns the number of parameters of a layer, like sum(p.numel() for p in layer.parameters()) in PyTorch.
/// Returns SIZE_MAX on overflow.
std::size_t parameter_count(const OperationSpec& spec);

/// Parameters by their names in the state dict: "conv1.weight".
using ParameterMap = std::map<std::string, Parameter>;

/// Returns initial values of a layer by parameter name, as PyTorch initializes it: weight and bias uniform between
/// -1/sqrt(fan_in) and +1/sqrt(fan_in); in normalization layers, weight 1 and bias 0. The random stream depends only on
/// `seed` and the layer's name and is the same on every machine.
ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed);

/// Returns the layer with those of `parameters` whose names begin with the layer's name. Returns nullopt if one is
/// missing or has another shape.
std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters);

/// Returns every array of the network by its name in the state dict.
ParameterMap parameters_of(const Network& network);

}  // namespace convlens
