/// What all algorithms of a convolution share.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/point_step.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// An algorithm that computes some output channels of a convolution, prepared for inputs of one shape. See Conv2dPlan,
/// which chooses one.
class Conv2dAlgorithm {
  public:
    /// The layer must be able to run on an input of this shape. `channels` are in ascending order, at least one. `simd`
    /// must outlive it.
    Conv2dAlgorithm(const Conv2d& layer, const Shape& input, const Simd& simd, std::vector<int> channels)
        : layer_(layer),
          input_shape_(input),
          shape_(output_shape(layer, input).value()),
          simd_(simd),
          pad_(resolve_padding(layer.params, layer.kernel_size())),
          channels_(std::move(channels)) {}
    virtual ~Conv2dAlgorithm() = default;
    Conv2dAlgorithm(const Conv2dAlgorithm&) = delete;
    Conv2dAlgorithm& operator=(const Conv2dAlgorithm&) = delete;

    /// Returns true if it was made for a layer equal to `layer` and for this shape of the input.
    bool fits(const Conv2d& layer, const Shape& input) const { return layer == layer_ && input == input_shape_; }

    /// Computes like Conv2dPlan::run().
    virtual bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
                     Tensor* rectified, const PointTail& tail) = 0;

  protected:
    /// Returns the number of input channels per group.
    int in_channels() const { return layer_.weight->shape().c; }

    const Conv2d layer_;
    const Shape input_shape_, shape_;  ///< Shapes of the input and of the output.
    const Simd& simd_;
    const Padding pad_;
    const std::vector<int> channels_;  ///< Channels to compute.
};

}  // namespace convlens
