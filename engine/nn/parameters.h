/// The numbers that a layer learns: their names, shapes, first values, and how they join a layer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/network.h"

namespace convlens {

/// One array of a layer, as PyTorch's state_dict has it.
struct ParameterSpec {
    std::string name;                 ///< "weight", "bias", "running_mean", "running_var".
    std::vector<std::int64_t> shape;  ///< Outermost first; all sizes at least 1 in a layer that can run.
    bool learned = true;              ///< False for the statistics of a BatchNorm2d, which PyTorch calls buffers.
};

/// The arrays of a layer in state_dict's order; none for most layers.
std::vector<ParameterSpec> parameters_of(const OperationSpec& spec);

/// Learned numbers of a layer: PyTorch's sum(p.numel() for p in parameters()). The largest size_t where it doesn't fit.
std::size_t parameter_count(const OperationSpec& spec);

/// Values of one array, shared and immutable. One axis: `values`; more: `tensor`, whose four extents are the array's
/// own (two axes (A, B, 1, 1), three (1, A, B, C), six (A, B, C*D, E*F)). The other pointer is null.
struct Parameter {
    std::vector<std::int64_t> shape;
    std::shared_ptr<const Tensor> tensor;
    SharedValues values;

    std::span<const float> data() const { return tensor ? tensor->values() : std::span<const float>(*values); }
};

/// Parameters by their names in state_dict: "conv1.weight".
using ParameterMap = std::map<std::string, Parameter>;

/// `values` as a parameter of `shape`, which has 1, 2, 3, 4 or 6 axes and as many values.
Parameter make_parameter(std::vector<std::int64_t> shape, std::vector<float> values);

/// Fresh values of a layer by parameter name, as PyTorch initialises it: weight and bias uniform in +-1/sqrt(fan_in),
/// those of a BatchNorm2d 1 and 0. The stream depends on `seed` and the layer's name only, and is the same everywhere.
ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed);

/// The layer with those of `parameters` that bear its name. None when one is missing or has another shape.
std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters);

/// The other way round: every array of the network by its name in state_dict.
ParameterMap parameters_of(const Network& network);

}  // namespace convlens
