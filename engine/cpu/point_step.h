/// Layers that compute each value from the value at the same place with the loops of PointLoops.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/nn/layers.h"

namespace convlens {

struct Simd;

/// Batch normalization, or a range to which values are limited (ReLU, ReLU6, Hardtanh).
class PointStep {
  public:
    /// Returns nullopt if `layer` is neither.
    static std::optional<PointStep> of(const Operation& layer);

    /// Computes `count` values of channel `channel`. `from` and `to` may be the same memory.
    void run(const Simd& simd, int channel, const float* from, std::size_t count, float* to) const;

  private:
    struct Scale {
        float mean, factor, bias;
    };
    std::vector<Scale> channels_;  ///< One per channel, or none.
    float low_ = 0, high_ = 0;     ///< Without channels_: the least and the largest value.
};

/// Layers that follow another one and are computed while its values are still in the caches.
struct PointTail {
    std::vector<PointStep> steps;
    std::vector<Tensor*> outputs;  ///< One for each step, of the shape of the layer's output.

    /// Runs all steps on `count` values of channel `channel` of batch item n, from value `first` of the plane; these
    /// values of `from`, the output of the layer, have been computed.
    void run(const Simd& simd, const Tensor& from, int n, int channel, std::size_t first, std::size_t count) const;
    bool empty() const { return steps.empty(); }
};

}  // namespace convlens
