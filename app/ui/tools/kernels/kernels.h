/// The kernel strip and the statistics of the selected channel.
#pragma once

#include <vector>

namespace convlens {

struct Frame;

/// Histogram of a channel's values, with bins of equal width from the channel's minimum to its maximum.
struct Histogram {
    int channel = 0;
    std::vector<float> counts;
};

void kernels_panel(Frame& frame);

}  // namespace convlens
