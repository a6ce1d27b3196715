/// AdaptiveAvgPool2d as two products of matrices, for ONNX, which has no operator for it.
#pragma once

#include <cstdint>
#include <vector>

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

}  // namespace convlens
