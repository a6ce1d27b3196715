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
    /// Draws each value uniformly between -1/sqrt(fan_in) and +1/sqrt(fan_in). All drawn arrays of a layer have the
    /// same fan_in.
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
    bool learned = true;  ///< True for a parameter; false for the running statistics of a BatchNorm2d, which PyTorch
                          ///< calls buffers.
};

/// Returns "weight" and, if `has_bias`, "bias", both uniform in +-1/sqrt(fan_in), as PyTorch initializes Conv2d and
/// Linear layers.
std::vector<ParameterSpec> weight_and_bias(std::vector<std::int64_t> weight, std::vector<std::int64_t> bias,
                                           bool has_bias, std::uint64_t fan_in);

/// Returns "weight" 1 and "bias" 0 with `channels` values each, as PyTorch initializes layers with `affine`. Returns an
/// empty vector if `affine` is false.
std::vector<ParameterSpec> scale_and_shift(int channels, bool affine);

/// Values of one array, shared and immutable. The values of an array with one axis are in `values`, those of an array
/// with more axes in `tensor`; the other pointer is null. The shape of `tensor` is (A, B, 1, 1) for two axes, (1, A, B,
/// C) for three, (A, B, C*D, E*F) for six.
struct Parameter {
    std::vector<std::int64_t> shape;
    std::shared_ptr<const Tensor> tensor;
    SharedValues values;

    std::span<const float> data() const { return tensor ? tensor->values() : std::span<const float>(*values); }
};

/// Returns `values` as a parameter of `shape`, which has 1, 2, 3, 4 or 6 axes. The number of values must be the product
/// of `shape`.
Parameter make_parameter(std::vector<std::int64_t> shape, std::vector<float> values);

}  // namespace convlens
