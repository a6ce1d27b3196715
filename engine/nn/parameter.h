/// Arrays of a layer: their descriptions and their values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

using SharedValues = std::shared_ptr<const std::vector<float>>;

/// Initial values of an array of a new layer.
class FirstValues {
  public:
    /// Each value is drawn uniformly from +-1/sqrt(fan_in); all drawn arrays of a layer have the same fan_in.
    static FirstValues uniform(std::uint64_t fan_in) { return {fan_in, 0}; }
    static FirstValues all(float value) { return {0, value}; }

    std::uint64_t fan_in() const { return fan_in_; }  ///< 0 if the values are not random.
    float value() const { return value_; }

  private:
    FirstValues(std::uint64_t fan_in, float value) : fan_in_(fan_in), value_(value) {}

    std::uint64_t fan_in_;
    float value_;
};

/// One array of a layer, as in PyTorch's state dict.
struct ParameterSpec {
    std::string name;                 ///< "weight", "bias", "running_mean", "running_var".
    std::vector<std::int64_t> shape;  ///< Outermost axis first; all sizes are at least 1 in a layer that can run.
    FirstValues first;
    bool learned = true;  ///< False for the statistics of a BatchNorm2d, which PyTorch calls buffers.
};

/// Returns "weight" and, if `has_bias`, "bias", both uniform in +-1/sqrt(fan_in), as PyTorch initializes layers with
/// products.
std::vector<ParameterSpec> weight_and_bias(std::vector<std::int64_t> weight, std::vector<std::int64_t> bias,
                                           bool has_bias, std::uint64_t fan_in);

/// Returns "weight" 1 and "bias" 0 with `channels` values each, as PyTorch initializes layers with `affine`; nothing if
/// not affine.
std::vector<ParameterSpec> scale_and_shift(int channels, bool affine);

/// Values of one array, shared and immutable. With one axis they are in `values`, with more axes in `tensor`, whose
/// four extents follow from the array's own: (A, B, 1, 1) for two axes, (1, A, B, C) for three, (A, B, C*D, E*F) for
/// six. The other pointer is null.
struct Parameter {
    std::vector<std::int64_t> shape;
    std::shared_ptr<const Tensor> tensor;
    SharedValues values;

    std::span<const float> data() const { return tensor ? tensor->values() : std::span<const float>(*values); }
};

/// Returns `values` as a parameter of `shape`, which has 1, 2, 3, 4 or 6 axes and as many values.
Parameter make_parameter(std::vector<std::int64_t> shape, std::vector<float> values);

}  // namespace convlens
