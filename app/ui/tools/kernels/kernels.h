/// The kernels tool: shows all kernels of the layer, and statistics of the selected channel.
#pragma once

#include <vector>

namespace convlens {

struct Frame;

/// Histogram of a channel's values, with bins of equal width from the channel's minimum to its maximum.
struct Histogram {
    int channel = 0;
    std::vector<float> counts;  ///< Number of values in each bin.
};

/// Draws the tool in the panel on the right.
void kernels_panel(Frame& frame);

}  // namespace convlens
