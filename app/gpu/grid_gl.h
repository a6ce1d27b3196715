/// Draws the grid on the GPU.
#pragma once

#include <span>

#include "app/gpu/gl_device.h"
#include "engine/core/image.h"
#include "engine/view/display_options.h"
#include "engine/view/grid.h"

namespace convlens {

/// Implements Activations::render_grid() for values on the GPU. Only the finished picture is read back. `stats` has one
/// entry per channel of batch item display.item.
Expected<Image> render_grid_gl(GlDevice& device, const GlValues& values, std::span<const ChannelStats> stats,
                               const DisplayOptions& display, const Cancel& cancel, Image&& memory);

}  // namespace convlens
