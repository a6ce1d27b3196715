/// Cholesky's decomposition.
#include "engine/filter/normal_equations.h"

#include <array>
#include <cmath>

namespace convlens {

double dot(const double* a, const double* b, std::size_t count) {
    // Four sums, so that the additions do not wait for each other.
    std::array<double, 4> sums{};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
    for (; i < count; ++i) sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

bool solve_normal_equations(std::vector<double>& a, std::vector<double>& b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) a[i * n + j] = (a[i * n + j] - dot(&a[i * n], &a[j * n], j)) / a[j * n + j];
        const double pivot = a[i * n + i] - dot(&a[i * n], &a[i * n], i);
        if (!(pivot > 0)) return false;
        a[i * n + i] = std::sqrt(pivot);
        b[i] = (b[i] - dot(&a[i * n], b.data(), i)) / a[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        b[i] /= a[i * n + i];
        for (std::size_t j = 0; j < i; ++j) b[j] -= a[i * n + j] * b[i];
    }
    return true;
}

}  // namespace convlens
