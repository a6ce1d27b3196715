/// Conv2d on the CPU.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/point_step.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

class Conv2dAlgorithm;

/// Working memory of Conv2dPlans. The first access to newly allocated memory takes longer than the computation, so all
/// plans share one Conv2dMemory and use it one after the other.
struct Conv2dMemory;
std::shared_ptr<Conv2dMemory> make_conv2d_memory();

/// A convolution prepared for inputs of one shape: it has chosen the algorithm, and it keeps the weights in the order
/// in which the loops read them. Keep a plan to run the same layer again. Plans that share one Conv2dMemory must not
/// run at the same time.
class Conv2dPlan {
  public:
    /// Prepares the output channels `channels` of `layer` (in ascending order; empty means all channels) for an input
    /// of shape `input`, on which the layer must be able to run. `simd` must outlive the plan.
    Conv2dPlan(const Conv2d& layer, const Shape& input, const Simd& simd, const std::shared_ptr<Conv2dMemory>& memory,
               std::vector<int> channels = {});
    ~Conv2dPlan();

    /// Returns true if the plan was made for all channels of a layer equal to `layer` and for this shape of the input.
    bool fits(const Conv2d& layer, const Shape& input) const;

    /// Computes the plan's channels into `output`, whose shape must be output_shape(layer, input). Other channels keep
    /// their values. `stats` receives the statistics of the plan's channels; it has one entry per batch item and
    /// channel, [n][c], or is empty. `rectified` receives ReLU(output) unless it is null; it has the shape of `output`.
    /// Runs on the threads of the Arena that the caller is in. Values and statistics are bit-identical for any number
    /// of threads, and do not depend on which other channels are computed. Returns false when canceled; the values and
    /// statistics of the plan's channels are then unspecified.
    /// `tail` is run on the plan's channels.
    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified = nullptr, const PointTail& tail = {});

  private:
    bool all_;                                    ///< Whether it computes all channels.
    std::unique_ptr<Conv2dAlgorithm> algorithm_;  ///< The one that takes the least time.
};

/// Returns the output channels whose weights or bias differ between the two layers, in ascending order; nullopt if the
/// layers differ in anything else.
std::optional<std::vector<int>> changed_channels(const Conv2d& before, const Conv2d& after);

/// Computes the output of `layer` for `input` into `output`, whose shape must be output_shape(layer, input). Makes a
/// plan and runs it once. Returns false when canceled.
bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output);

}  // namespace convlens
