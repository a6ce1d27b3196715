/// Results on the card: statistics, grid, exact values.
#pragma once

#include <memory>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Statistics of all items' channels, item by item; min is a NaN for a channel that has one.
Expected<std::vector<ChannelStats>> stats_gl(GlDevice& device, const GlValues& values, const Cancel& cancel);

/// All of a tensor.
Expected<Tensor> read_all(GlDevice& device, const GlValues& values);

/// What the CPU back end makes of `layer` and the values, which are read back for it: for what shaders can't
/// do.
Expected<std::shared_ptr<const Activations>> on_cpu(GlDevice& device, const Layer& layer, const GlValues& values,
                                                    const Cancel& cancel);

/// Activations whose values stay on the card.
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
