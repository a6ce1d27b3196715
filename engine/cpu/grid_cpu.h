/// Drawing of the grid on the CPU.
#pragma once

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/tensor.h"
#include "engine/view/display_options.h"
#include "engine/view/grid_picture.h"

namespace convlens {

struct Simd;

/// Implements draw_grid() for `values` in memory. `stats` and `versions` have one entry per channel of
/// batch item display.item, which must exist. Reads and draws only the part inside display.region. Runs on the threads
/// of the Arena that the caller is in.
Expected<void> draw_grid_cpu(const Tensor& values, std::span<const ChannelStats> stats, const ChannelVersions& versions,
                             const DisplayOptions& display, const Simd& simd, const Cancel& cancel,
                             GridPicture& picture);

}  // namespace convlens
