/// Arrays of a layer: their descriptions and their values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"

namespace convlens {

/// Immutable values of an array with one axis, shared by all layers that use them.
using SharedValues = std::shared_ptr<const std::vector<float>>;

/// How an array of a new layer is initialized: with random values or with a constant.
class FirstValues {
  public:
    /// Random values, uniformly distributed between -1/sqrt(fan_in) and +1/sqrt(fan_in). All random arrays of a layer
    /// must have the same fan_in.
    static FirstValues uniform(std::uint64_t fan_in) { return {fan_in, 0}; }
    /// The same value everywhere.
    static FirstValues all(float value) { return {0, value}; }

    std::uint64_t fan_in() const { return fan_in_; }  ///< 0 if the values are not random.
    float value() const { return value_; }            ///< The constant; 0 if the values are random.

  private:
    FirstValues(std::uint64_t fan_in, float value) : fan_in_(fan_in), value_(value) {}

    std::uint64_t fan_in_;
    float value_;
};

/// Description of one array of a layer, as in PyTorch's state dict.
struct ParameterSpec {
    std::string name;                 ///< "weight", "bias", "running_mean", "running_var".
    std::vector<std::int64_t> shape;  ///< Sizes of the axes, outermost first; at least 1 in a layer that can run.
    FirstValues first;                ///< Initial values.
    bool learned = true;  ///< True for a parameter; false for the running statistics of a BatchNorm2d, which PyTorch
                          ///< calls buffers.
};

/// Returns the descriptions of "weight" with the shape `weight` and, if `has_bias`, of "bias" with the shape `bias`.
/// Both are initialized like Conv2d and Linear in PyTorch: uniformly between -1/sqrt(fan_in) and +1/sqrt(fan_in).
std::vector<ParameterSpec> weight_and_bias(std::vector<std::int64_t> weight, std::vector<std::int64_t> bias,
                                           bool has_bias, std::uint64_t fan_in);

/// Returns the descriptions of "weight" and "bias" with `channels` values each. The weight is initialized with 1 and
/// the bias with 0, like normalization layers in PyTorch. Returns an empty vector if `affine` is false.
std::vector<ParameterSpec> scale_and_shift(int channels, bool affine);

/// Values of one array, shared and immutable. The values of an array with one axis are in `values`, those of an array
/// with more axes in `tensor`; the other pointer is null. The shape of `tensor` is (A, B, 1, 1) for an array of shape
/// (A, B), (1, A, B, C) for (A, B, C), and (A, B, C*D, E*F) for (A, B, C, D, E, F). Four axes are unchanged.
struct Parameter {
    std::vector<std::int64_t> shape;       ///< Shape of the array in PyTorch.
    std::shared_ptr<const Tensor> tensor;  ///< Values of an array with several axes, otherwise null.
    SharedValues values;                   ///< Values of an array with one axis, otherwise null.

    /// Returns all values of the array in row-major order.
    std::span<const float> data() const { return tensor ? tensor->values() : std::span<const float>(*values); }
};

/// Returns `values`, in row-major order, as a Parameter of shape `shape`, which must have 1, 2, 3, 4 or 6 axes. The
/// number of values must be the product of the sizes in `shape`.
Parameter make_parameter(std::vector<std::int64_t> shape, std::vector<float> values);

}  // namespace convlens
