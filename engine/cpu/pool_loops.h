/// Interface of the vector loops of pooling.
#pragma once

#include <cstddef>

namespace convlens {

/// Number of values past the end of the needed input that PoolLoops::max_windows and PoolLoops::mean_windows may read.
inline constexpr int pool_slack = 2;

/// The loops for one instruction set. NaN is larger than any number. Of equal values, the first one is kept; values are
/// visited down each column, one column after the other.
struct PoolLoops {
    /// to[x] = the largest of rows[0][x], ..., rows[count - 1][x] for 0 <= x < width; count >= 1.
    void (*max_rows)(const float* const* rows, int count, int width, float* to);

    /// to[x] = the largest of rows[i][first + x * stride + k * dilation] for 0 <= i < count, 0 <= k < kernel, for
    /// 0 <= x < width; count >= 1.
    void (*max_windows)(const float* const* rows, int count, std::ptrdiff_t first, int kernel, int stride, int dilation,
                        int width, float* to);

    /// to[x] += rows[0][x] + ... + rows[count - 1][x], added in this order, for 0 <= x < width.
    void (*add_rows)(const float* const* rows, int count, int width, double* to);

    /// to[x] = (from[x * stride] + ... + from[x * stride + kernel - 1]) / divisor for 0 <= x < width.
    void (*mean_windows)(const double* from, int kernel, int stride, double divisor, int width, float* to);
};

}  // namespace convlens
