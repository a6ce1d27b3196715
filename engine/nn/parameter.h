/// The arrays of a layer, one by one: what is known before there are values, and the values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

using SharedValues = std::shared_ptr<const std::vector<float>>;

/// One array of a layer, as PyTorch's state_dict has it.
struct ParameterSpec {
    std::string name;                 ///< "weight", "bias", "running_mean", "running_var".
    std::vector<std::int64_t> shape;  ///< Outermost first; all sizes at least 1 in a layer that can run.
    bool learned = true;              ///< False for the statistics of a BatchNorm2d, which PyTorch calls buffers.
};

/// Values of one array, shared and immutable. One axis: `values`; more: `tensor`, whose four extents are the array's
/// own (two axes (A, B, 1, 1), three (1, A, B, C), six (A, B, C*D, E*F)). The other pointer is null.
struct Parameter {
    std::vector<std::int64_t> shape;
    std::shared_ptr<const Tensor> tensor;
    SharedValues values;

    std::span<const float> data() const { return tensor ? tensor->values() : std::span<const float>(*values); }
};

/// `values` as a parameter of `shape`, which has 1, 2, 3, 4 or 6 axes and as many values.
Parameter make_parameter(std::vector<std::int64_t> shape, std::vector<float> values);

}  // namespace convlens
