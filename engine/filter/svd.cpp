/// One-sided Jacobi.
#include "engine/filter/svd.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace convlens {
namespace {

constexpr int max_sweeps = 60;        ///< Some six are needed.
constexpr double orthogonal = 1e-15;  ///< Cosine of the angle between columns that count as orthogonal.

double dot(const double* a, const double* b, std::size_t count) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

void rotate(double* a, double* b, std::size_t count, double c, double s) {
    for (std::size_t i = 0; i < count; ++i) {
        const double x = a[i];
        a[i] = c * x - s * b[i];
        b[i] = s * x + c * b[i];
    }
}

/// Makes two vectors orthogonal by a rotation, which it applies to `va` and `vb`, too. Returns false if they are.
bool make_orthogonal(double* a, double* b, std::size_t count, double* va, double* vb, std::size_t v_count) {
    const double aa = dot(a, a, count), bb = dot(b, b, count), ab = dot(a, b, count);
    if (std::abs(ab) <= orthogonal * std::sqrt(aa * bb)) return false;
    const double zeta = (bb - aa) / (2 * ab);
    const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::hypot(1.0, zeta));
    const double c = 1 / std::hypot(1.0, t), s = c * t;
    rotate(a, b, count, c, s);
    rotate(va, vb, v_count, c, s);
    return true;
}

}  // namespace

Svd svd(std::span<const double> values, int rows, int columns) {
    assert(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    // Rotates the columns, or the rows if there are fewer: `a` has these vectors one after the other.
    const bool by_rows = rows < columns;
    const auto count = static_cast<std::size_t>(std::min(rows, columns)),
               length = static_cast<std::size_t>(std::max(rows, columns)), width = static_cast<std::size_t>(columns);
    std::vector<double> a(count * length), v(count * count, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < length; ++j)
            a[i * length + j] = by_rows ? values[i * width + j] : values[j * width + i];
        v[i * count + i] = 1;
    }
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < max_sweeps; ++sweep) {
        rotated = false;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = i + 1; j < count; ++j)
                rotated |= make_orthogonal(&a[i * length], &a[j * length], length, &v[i * count], &v[j * count], count);
    }
    std::vector<double> norms;
    for (std::size_t i = 0; i < count; ++i) norms.push_back(std::sqrt(dot(&a[i * length], &a[i * length], length)));
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t i, std::size_t j) { return norms[i] > norms[j]; });

    Svd found{rows, columns, static_cast<int>(count), {}, {}, {}};
    std::vector<double>&longer = by_rows ? found.v : found.u, &shorter = by_rows ? found.u : found.v;
    for (const std::size_t i : order) {
        found.s.push_back(norms[i]);
        for (std::size_t j = 0; j < length; ++j) longer.push_back(norms[i] > 0 ? a[i * length + j] / norms[i] : 0);
        shorter.insert(shorter.end(), &v[i * count], &v[i * count] + count);
    }
    return found;
}

}  // namespace convlens
