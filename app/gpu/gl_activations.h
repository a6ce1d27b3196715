/// Results on the GPU: statistics, grids and exact values.
#pragma once

#include <memory>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Returns the statistics of all channels of all batch items: entry n * C + c for channel c of item n.
/// ChannelStats::min is NaN for a channel that contains a NaN.
Expected<std::vector<ChannelStats>> stats_gl(GlDevice& device, const GlValues& values, const Cancel& cancel);

/// Returns a copy of all values of a tensor in host memory.
Expected<Tensor> read_all(GlDevice& device, const GlValues& values);

/// Reads `values` back, runs `layer` on them with the CPU backend, and returns the result. For work whose buffers the
/// driver can't bind.
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
