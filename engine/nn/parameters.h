/// Parameters and buffers of layers: their names, shapes and initial values, and layers made from them.
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

/// Returns the descriptions of a layer's parameters and buffers, in the order of PyTorch's state dict. Most types of
/// layers have none.
std::vector<ParameterSpec> parameters_of(const OperationSpec& spec);

/// Returns the number of learned values of a layer, like sum(p.numel() for p in layer.parameters()) in PyTorch;
/// SIZE_MAX on overflow.
std::size_t parameter_count(const OperationSpec& spec);

/// Parameters by their names in the state dict: "conv1.weight".
using ParameterMap = std::map<std::string, Parameter>;

/// Returns initial values of all parameters and buffers of a layer, with the distribution that PyTorch uses: weight and
/// bias uniform between -1/sqrt(fan_in) and +1/sqrt(fan_in); in normalization layers weight 1, bias 0, running_mean 0
/// and running_var 1. The random numbers depend only on `seed` and on the layer's name, not on the machine.
ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed);

/// Returns `layer` with its arrays from `parameters`, where their names are those in the state dict, such as
/// "conv1.weight". Returns nullopt if an array is missing or has the wrong shape.
std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters);

/// Returns all arrays of the network by their names in the state dict.
ParameterMap parameters_of(const Network& network);

}  // namespace convlens
