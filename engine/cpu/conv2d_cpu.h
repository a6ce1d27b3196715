/// Conv2d on the CPU: which loop, packing, tiling, threads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// What plans work in. Touching fresh memory costs more than computing in it: one is kept and used by all
/// plans in turn.
struct Conv2dMemory;
std::shared_ptr<Conv2dMemory> make_conv2d_memory();

/// A convolution made ready for inputs of one shape: the loop is chosen, the weights are in its order. To be
/// kept and run again; plans of one memory run one at a time.
class Conv2dPlan {
  public:
    /// For all output channels of `layer`, or for `channels` of them (ascending). output_shape(layer, input)
    /// must not fail.
    Conv2dPlan(const Conv2d& layer, const Shape& input, const Simd& simd, std::shared_ptr<Conv2dMemory> memory,
               std::vector<int> channels = {});
    ~Conv2dPlan();

    /// Whether it was made for all channels of this very layer and this shape.
    bool fits(const Conv2d& layer, const Shape& input) const;

    /// Computes the channels into `output`, which has output_shape(layer, input); other channels stay as they
    /// are. Runs on the calling task_arena's threads. A value is the same to the bit for any number of them
    /// and whether or not other channels are computed with it; so are the statistics. `stats` has output.n *
    /// output.c entries or none. `rectified`, of the same shape, gets what a ReLU makes of `output`, unless it is null.
    /// Returns false when canceled; the channels' values and entries are then unspecified.
    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified = nullptr);

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// The output channels whose weights or bias differ; none where the layers differ in more than that.
std::optional<std::vector<int>> changed_channels(const Conv2d& before, const Conv2d& after);

/// Computes layer(input) into `output`, which has output_shape(layer, input): makes a plan and runs it once.
bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output);

}  // namespace convlens
