/// Conv2d on the CPU: choice of loops, packing, tiling, threads.
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

/// Working memory of plans. The first access to newly allocated memory costs more than the computation, so all plans
/// share one Conv2dMemory and use it in turn.
struct Conv2dMemory;
std::shared_ptr<Conv2dMemory> make_conv2d_memory();

/// A convolution prepared for inputs of one shape: the loop is chosen and the weights are in its order. Keep it to run
/// it again. Plans that share one memory must run one at a time.
class Conv2dPlan {
  public:
    /// Prepares all output channels of `layer`, or only `channels` (ascending). output_shape(layer, input) must not
    /// fail.
    Conv2dPlan(const Conv2d& layer, const Shape& input, const Simd& simd, std::shared_ptr<Conv2dMemory> memory,
               std::vector<int> channels = {});
    ~Conv2dPlan();

    /// Returns true if the plan was made for all channels of exactly this layer and for this input shape.
    bool fits(const Conv2d& layer, const Shape& input) const;

    /// Computes the channels into `output`, whose shape is output_shape(layer, input); other channels keep their
    /// values. Runs on the threads of the calling task_arena. Values and statistics are bit-identical for any number of
    /// threads, and do not depend on which other channels are computed. `stats` receives the statistics; it has
    /// output.n * output.c entries, or none. `rectified` receives ReLU(output) unless it is null; it has the shape of
    /// `output`. Returns false when canceled; the values of the channels and their entries of `stats` are then
    /// unspecified.
    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified = nullptr);

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// Returns the output channels whose weights or bias differ; nullopt if the layers differ in anything else.
std::optional<std::vector<int>> changed_channels(const Conv2d& before, const Conv2d& after);

/// Computes layer(input) into `output`, whose shape is output_shape(layer, input). Makes a plan and runs it once.
/// Returns false when canceled.
bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output);

}  // namespace convlens
