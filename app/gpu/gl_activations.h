/// Results on the GPU: statistics, grid, exact values.
#pragma once

#include <memory>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Computes the statistics of all channels of all batch items, item by item. ChannelStats::min is NaN for a channel
/// that contains a NaN.
Expected<std::vector<ChannelStats>> stats_gl(GlDevice& device, const GlValues& values, const Cancel& cancel);

/// Reads all values of a tensor.
Expected<Tensor> read_all(GlDevice& device, const GlValues& values);

/// Reads `values` back and runs `layer` on the CPU backend: for operations that shaders can't do.
Expected<std::shared_ptr<const Activations>> on_cpu(GlDevice& device, const Layer& layer, const GlValues& values,
                                                    const Cancel& cancel);

/// Activations whose values stay on the GPU.
class GlActivations final : public Activations {
  public:
    GlActivations(std::shared_ptr<GlDevice> device, GlValues values, std::vector<ChannelStats> stats)
        : device_(std::move(device)), values_(std::move(values)), stats_(std::move(stats)) {}

    Shape shape() const override { return values_.shape; }
    std::span<const ChannelStats> stats(int item) const override;
    Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel, Image&& memory) const override;
    Expected<Tensor> read(int item, ChannelRange channels, Rect area) const override;

  private:
    std::shared_ptr<GlDevice> device_;
    GlValues values_;
    std::vector<ChannelStats> stats_;
};

}  // namespace convlens
