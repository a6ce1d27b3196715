/// The kernel strip, and what is known of the marked channel.
#pragma once

#include <vector>

namespace convlens {

struct Frame;

/// How many values of a channel lie in each of equal parts from its minimum to its maximum.
struct Histogram {
    int channel = 0;
    std::vector<float> counts;
};

void kernels_panel(Frame& frame);

}  // namespace convlens
