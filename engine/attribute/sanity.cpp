/// Sobel's kernels and Spearman's rank correlation.
#include "engine/attribute/sanity.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace convlens {
namespace {

/// Returns the ranks of the magnitudes, from 0.
std::vector<double> ranks(const Tensor& map) {
    std::vector<float> magnitudes(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) magnitudes[i] = std::abs(map.data()[i]);
    std::vector<std::size_t> order(map.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return magnitudes[i]; });
    std::vector<double> rank(map.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && magnitudes[order[end]] == magnitudes[order[begin]]) ++end;
        for (std::size_t i = begin; i < end; ++i) rank[order[i]] = static_cast<double>(begin + end - 1) / 2;
    }
    return rank;
}

}  // namespace

Tensor sobel(const Tensor& input) {
    const Shape s = input.shape();
    Tensor gray({1, 1, s.h, s.w}, 0.0F), map({1, 1, s.h, s.w});
    for (int c = 0; c < s.c; ++c)
        for (std::size_t i = 0; i < s.plane(); ++i) gray.data()[i] += input.plane(0, c)[i] / static_cast<float>(s.c);
    const auto at = [&](int y, int x) { return gray.at(0, 0, std::clamp(y, 0, s.h - 1), std::clamp(x, 0, s.w - 1)); };
    for (int y = 0; y < s.h; ++y)
        for (int x = 0; x < s.w; ++x) {
            float across = 0, down = 0;
            for (int i = -1; i <= 1; ++i) {
                const float weight = i == 0 ? 2.0F : 1.0F;
                across += weight * (at(y + i, x + 1) - at(y + i, x - 1));
                down += weight * (at(y + 1, x + i) - at(y - 1, x + i));
            }
            map.at(0, 0, y, x) = std::sqrt(across * across + down * down);
        }
    return map;
}

std::optional<double> rank_correlation(const Tensor& a, const Tensor& b) {
    assert(a.size() == b.size());
    const std::vector<double> of_a = ranks(a), of_b = ranks(b);
    const double mean = (static_cast<double>(a.size()) - 1) / 2;
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < of_a.size(); ++i) {
        ab += (of_a[i] - mean) * (of_b[i] - mean);
        aa += (of_a[i] - mean) * (of_a[i] - mean);
        bb += (of_b[i] - mean) * (of_b[i] - mean);
    }
    if (aa <= 0 || bb <= 0) return std::nullopt;
    return ab / std::sqrt(aa * bb);
}

}  // namespace convlens
