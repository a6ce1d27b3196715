/// The kernel strip and the statistics of the marked channel.
#pragma once

#include <vector>

namespace convlens {

struct Frame;

/// Number of values of a channel in each of equal bins from its minimum to its maximum.
struct Histogram {
    int channel = 0;
    std::vector<float> counts;
};

void kernels_panel(Frame& frame);

}  // namespace convlens
