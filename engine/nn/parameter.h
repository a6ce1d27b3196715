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

/// How an array of a fresh layer begins.
class FirstValues {
  public:
    /// Each drawn uniformly from +-1/sqrt(fan_in); all drawn arrays of a layer have the same fan_in.
    static FirstValues uniform(std::uint64_t fan_in) { return {fan_in, 0}; }
    static FirstValues all(float value) { return {0, value}; }

    std::uint64_t fan_in() const { return fan_in_; }  ///< 0 where nothing is drawn.
    float value() const { return value_; }

  private:
    FirstValues(std::uint64_t fan_in, float value) : fan_in_(fan_in), value_(value) {}

    std::uint64_t fan_in_;
    float value_;
};

/// One array of a layer, as PyTorch's state_dict has it.
struct ParameterSpec {
    std::string name;                 ///< "weight", "bias", "running_mean", "running_var".
    std::vector<std::int64_t> shape;  ///< Outermost first; all sizes at least 1 in a layer that can run.
    FirstValues first;
    bool learned = true;  ///< False for the statistics of a BatchNorm2d, which PyTorch calls buffers.
};

/// "weight" and, where it has one, "bias", both uniform in +-1/sqrt(fan_in), as PyTorch initializes layers of products.
std::vector<ParameterSpec> weight_and_bias(std::vector<std::int64_t> weight, std::vector<std::int64_t> bias,
                                           bool has_bias, std::uint64_t fan_in);

/// "weight" 1 and "bias" 0 of as many channels, as PyTorch initializes what is `affine`; none where it is not.
std::vector<ParameterSpec> scale_and_shift(int channels, bool affine);

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
