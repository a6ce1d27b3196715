/// Learned parameters of layers: names, shapes, initial values, and their assignment to layers.
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

/// Returns the arrays of a layer in the order of the state dict; none for most layers.
std::vector<ParameterSpec> parameters_of(const OperationSpec& spec);

/// Returns the number of learned values of a layer: PyTorch's sum(p.numel() for p in parameters()). The largest size_t
/// if it does not fit.
std::size_t parameter_count(const OperationSpec& spec);

/// Parameters by their names in the state dict: "conv1.weight".
using ParameterMap = std::map<std::string, Parameter>;

/// Returns initial values of a layer by parameter name, as PyTorch initializes it: weight and bias uniform in
/// +-1/sqrt(fan_in), those of a BatchNorm2d 1 and 0. The random stream depends only on `seed` and the layer's name and
/// is the same on every machine.
ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed);

/// Returns the layer with the parameters that carry its name. Returns nothing if one is missing or has another shape.
std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters);

/// Returns every array of the network by its name in the state dict.
ParameterMap parameters_of(const Network& network);

}  // namespace convlens
