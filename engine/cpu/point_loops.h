/// Interface of the vector loops of layers that compute each value from the value at the same index.
#pragma once

#include <cstddef>

namespace convlens {

/// The loops for one instruction set. Input and output may be the same memory.
struct PointLoops {
    /// Sets to[i] = (from[i] - mean) * scale + bias for 0 <= i < count.
    void (*scale)(const float* from, std::size_t count, float mean, float scale, float bias, float* to);

    /// Sets to[i] to from[i], but at least `low` and at most `high`; NaN stays NaN, and -0 stays -0 if `low` is 0.
    void (*clamp)(const float* from, std::size_t count, float low, float high, float* to);
};

}  // namespace convlens
