/// Means for which ONNX has no operator, as operators that it has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/nn/layers/avg_pool2d.h"

namespace convlens {

/// Returns the matrix (bins, size) whose product with a column of `size` values is the means of `bins` bins, as those
/// of nn.AdaptiveAvgPool2d; transposed, (size, bins), if `transposed`.
inline std::vector<float> adaptive_means(int size, int bins, bool transposed) {
    std::vector<float> matrix(static_cast<std::size_t>(size) * static_cast<std::size_t>(bins));
    for (std::int64_t bin = 0; bin < bins; ++bin) {
        const std::int64_t begin = bin * size / bins, end = ((bin + 1) * size + bins - 1) / bins;
        for (std::int64_t i = begin; i < end; ++i)
            matrix[static_cast<std::size_t>(transposed ? i * bins + bin : bin * size + i)] =
                1.0F / static_cast<float>(end - begin);
    }
    return matrix;
}

/// Returns the number of values in the kernel divided by the number in the input and its padding, for every output
/// position (out.h, out.w) of an AvgPool2d of an input of `in` rows and columns.
inline std::vector<float> mean_factors(const AvgPool2d& p, Size2 in, Size2 out) {
    const auto inside = [](int i, int size, int kernel, int stride, int padding) {
        return std::min(kernel, size + 2 * padding - i * stride);
    };
    std::vector<float> factors;
    for (int y = 0; y < out.h; ++y)
        for (int x = 0; x < out.w; ++x) {
            const int rows = inside(y, in.h, p.kernel_size.h, p.stride.h, p.padding.h),
                      columns = inside(x, in.w, p.kernel_size.w, p.stride.w, p.padding.w);
            factors.push_back(static_cast<float>(p.kernel_size.h * p.kernel_size.w) /
                              static_cast<float>(rows * columns));
        }
    return factors;
}

}  // namespace convlens
