/// Interface of the vector loops of pooling.
#pragma once

#include <cstddef>

namespace convlens {

/// Number of values past the last needed input value that PoolLoops::max_windows and PoolLoops::mean_windows may read.
inline constexpr int pool_slack = 2;

/// The loops for one instruction set. In a maximum, NaN is larger than any number. Of equal values (0 and -0), the
/// first one is kept, where values are compared down each column, one column after the other.
struct PoolLoops {
    /// Sets to[x] to the largest of rows[0][x], ..., rows[count - 1][x] for 0 <= x < width; count >= 1.
    void (*max_rows)(const float* const* rows, int count, int width, float* to);

    /// Sets to[x] to the largest of rows[i][first + x * stride + k * dilation] over 0 <= i < count and 0 <= k < kernel,
    /// for 0 <= x < width; count >= 1, kernel >= 1.
    void (*max_windows)(const float* const* rows, int count, std::ptrdiff_t first, int kernel, int stride, int dilation,
                        int width, float* to);

    /// Adds rows[0][x], ..., rows[count - 1][x] to to[x], in this order, for 0 <= x < width.
    void (*add_rows)(const float* const* rows, int count, int width, double* to);

    /// Sets to[x] = (from[x * stride] + ... + from[x * stride + kernel - 1]) / divisor for 0 <= x < width.
    void (*mean_windows)(const double* from, int kernel, int stride, double divisor, int width, float* to);
};

}  // namespace convlens
