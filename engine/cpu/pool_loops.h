/// What the vector loops of max pooling work on.
#pragma once

namespace convlens {

/// Floats behind the last one needed that PoolLoops::max_windows may read.
inline constexpr int pool_slack = 2;

/// The loops, for one instruction set. NaN is larger than any number; of equal values the first stays.
struct PoolLoops {
    /// to[x] = the largest of rows[0][x], ..., rows[count - 1][x] for 0 <= x < width; count >= 1.
    void (*max_rows)(const float* const* rows, int count, int width, float* to);

    /// to[x] = the largest of from[x * stride + k * dilation] for 0 <= k < kernel, for 0 <= x < width.
    void (*max_windows)(const float* from, int kernel, int stride, int dilation, int width, float* to);
};

}  // namespace convlens
