/// The loops of layers with several inputs: sums, products, and channels one after the other.
#include <algorithm>
#include <cassert>
#include <functional>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

constexpr std::size_t tile_values = std::size_t{1} << 15U;  ///< Small enough for the caches between two inputs.

/// Copies the channels of all inputs, a plane at a time.
bool concat(std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output) {
    const Shape& s = output.shape();
    std::vector<std::pair<const Tensor*, int>> sources;  // of each channel
    for (const Tensor* input : inputs)
        for (int c = 0; c < input->shape().c; ++c) sources.emplace_back(input, c);
    return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(tile / s.c), c = static_cast<int>(tile % s.c);
        const auto [input, channel] = sources[static_cast<std::size_t>(c)];
        std::ranges::copy(input->plane(n, channel), output.plane(n, c).begin());
    });
}

/// Sets to[i] to f(to[i], from[i]), or only to from[i] for the first input.
template <class F>
void combine(const float* from, std::size_t count, bool first, float* to, const F& f) {
    if (first) {
        std::copy_n(from, count, to);
    } else {
        for (std::size_t i = 0; i < count; ++i) to[i] = f(to[i], from[i]);
    }
}

/// Like combine(), for `count` equal values.
template <class F>
void combine(float from, std::size_t count, bool first, float* to, const F& f) {
    if (first) {
        std::fill_n(to, count, from);
    } else {
        for (std::size_t i = 0; i < count; ++i) to[i] = f(to[i], from);
    }
}

/// Combines inputs of equal shapes.
template <class F>
bool combine_equal(std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output, const F& f) {
    const std::size_t size = output.size();
    const auto tiles = static_cast<std::ptrdiff_t>((size + tile_values - 1) / tile_values);
    return for_each_tile(tiles, cancel, [&](std::ptrdiff_t tile) {
        const std::size_t begin = static_cast<std::size_t>(tile) * tile_values,
                          count = std::min(tile_values, size - begin);
        float* const to = output.data() + begin;
        const float *a = inputs[0]->data() + begin, *b = inputs[1]->data() + begin;
        for (std::size_t i = 0; i < count; ++i) to[i] = f(a[i], b[i]);
        for (const Tensor* input : inputs.subspan(2)) combine(input->data() + begin, count, false, to, f);
    });
}

/// Combines inputs whose extents are those of the output or 1, a plane at a time.
template <class F>
bool combine_broadcast(std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output, const F& f) {
    const Shape& s = output.shape();
    const auto wide = static_cast<std::size_t>(s.w);
    return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c, cancel, [&](std::ptrdiff_t tile) {
        const int n = static_cast<int>(tile / s.c), c = static_cast<int>(tile % s.c);
        float* const to = output.plane(n, c).data();
        bool first = true;
        for (const Tensor* input : inputs) {
            const Shape& from = input->shape();
            const float* plane = input->plane(n, from.c == 1 ? 0 : c).data();
            if (from.h == s.h && from.w == s.w) {
                combine(plane, s.plane(), first, to, f);
            } else {
                for (int y = 0; y < s.h; ++y) {
                    const float* row = plane + static_cast<std::ptrdiff_t>(from.h == 1 ? 0 : y) * from.w;
                    float* const target = to + static_cast<std::ptrdiff_t>(y) * s.w;
                    if (from.w == 1 && s.w > 1) {
                        combine(*row, wide, first, target, f);
                    } else {
                        combine(row, wide, first, target, f);
                    }
                }
            }
            first = false;
        }
    });
}

template <class F>
bool combine_all(std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output, const F& f) {
    const bool equal = std::ranges::all_of(inputs, [&](const Tensor* t) { return t->shape() == output.shape(); });
    return equal ? combine_equal(inputs, cancel, output, f) : combine_broadcast(inputs, cancel, output, f);
}

}  // namespace

bool join_on_cpu(JoinRule rule, std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output) {
    assert(rule != JoinRule::none && inputs.size() > 1);
    if (rule == JoinRule::concat) return concat(inputs, cancel, output);
    if (rule == JoinRule::sum) return combine_all(inputs, cancel, output, std::plus<float>());
    return combine_all(inputs, cancel, output, std::multiplies<float>());
}

}  // namespace convlens
