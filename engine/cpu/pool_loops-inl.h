/// The vector loops of pooling, compiled once for each instruction set.
#if defined(CONVLENS_POOL_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_POOL_LOOPS_INL_H_
#undef CONVLENS_POOL_LOOPS_INL_H_
#else
#define CONVLENS_POOL_LOOPS_INL_H_
#endif

#include <cstddef>

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/pool_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

/// Return the larger of a and b: a if they are equal, b if it is NaN.
HWY_INLINE float larger(float a, float b) { return b > a || b != b ? b : a; }
HWY_INLINE V larger(V a, V b) { return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a); }

void max_rows(const float* const* rows, int count, int width, float* to) {
    const D d;
    int x = 0;
    for (; x + lanes <= width; x += lanes) {
        V best = hn::LoadU(d, rows[0] + x);
        for (int i = 1; i < count; ++i) best = larger(best, hn::LoadU(d, rows[i] + x));
        hn::StoreU(best, d, to + x);
    }
    for (; x < width; ++x) {
        float best = rows[0][x];
        for (int i = 1; i < count; ++i) best = larger(best, rows[i][x]);
        to[x] = best;
    }
}

/// Returns the maximum over `count` rows for each of the columns [x, x + lanes).
HWY_INLINE V max_down(const float* const* rows, int count, std::ptrdiff_t x) {
    const D d;
    V best = hn::LoadU(d, rows[0] + x);
    for (int i = 1; i < count; ++i) best = larger(best, hn::LoadU(d, rows[i] + x));
    return best;
}

void max_windows(const float* const* rows, int count, std::ptrdiff_t first, int kernel, int stride, int dilation,
                 int width, float* to) {
    int x = 0;
#if HWY_TARGET != HWY_SCALAR
    const D d;
    if (stride == 1) {
        for (; x + lanes <= width; x += lanes) {
            V best = max_down(rows, count, first + x);
            for (int k = 1; k < kernel; ++k)
                best = larger(best, max_down(rows, count, first + x + std::ptrdiff_t{k} * dilation));
            hn::StoreU(best, d, to + x);
        }
    } else if (stride == 2 && dilation == 1) {
        for (; x + lanes <= width; x += lanes) {
            V best = hn::Zero(d);
            for (int k = 0; k < kernel; k += 2) {
                const std::ptrdiff_t at = first + 2 * std::ptrdiff_t{x} + k;
                const V low = max_down(rows, count, at), high = max_down(rows, count, at + lanes);
                const V even = hn::ConcatEven(d, high, low);
                best = k == 0 ? even : larger(best, even);
                if (k + 1 < kernel) best = larger(best, hn::ConcatOdd(d, high, low));
            }
            hn::StoreU(best, d, to + x);
        }
    }
#endif
    for (; x < width; ++x) {
        const std::ptrdiff_t at = first + std::ptrdiff_t{x} * stride;
        float best = rows[0][at];
        for (int k = 0; k < kernel; ++k)
            for (int i = 0; i < count; ++i) best = larger(best, rows[i][at + std::ptrdiff_t{k} * dilation]);
        to[x] = best;
    }
}

void add_rows(const float* const* rows, int count, int width, double* to) {
    int x = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::Half<D> narrow;
    const hn::Repartition<double, D> wide;
    constexpr int step = lanes / 2;
    for (; x + step <= width; x += step) {
        auto sum = hn::LoadU(wide, to + x);
        for (int i = 0; i < count; ++i) sum = hn::Add(sum, hn::PromoteTo(wide, hn::LoadU(narrow, rows[i] + x)));
        hn::StoreU(sum, wide, to + x);
    }
#endif
    for (; x < width; ++x) {
        for (int i = 0; i < count; ++i) to[x] += static_cast<double>(rows[i][x]);
    }
}

void mean_windows(const double* from, int kernel, int stride, double divisor, int width, float* to) {
    int x = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::Half<D> narrow;
    const hn::Repartition<double, D> wide;
    constexpr int step = lanes / 2;
    const auto divisors = hn::Set(wide, divisor);
    if (stride == 1) {
        for (; x + step <= width; x += step) {
            auto sum = hn::LoadU(wide, from + x);
            for (int k = 1; k < kernel; ++k) sum = hn::Add(sum, hn::LoadU(wide, from + x + k));
            hn::StoreU(hn::DemoteTo(narrow, hn::Div(sum, divisors)), narrow, to + x);
        }
    } else if (stride == 2) {
        for (; x + step <= width; x += step) {
            auto sum = hn::Zero(wide);
            for (int k = 0; k < kernel; k += 2) {
                const double* const at = from + 2 * std::ptrdiff_t{x} + k;
                const auto low = hn::LoadU(wide, at), high = hn::LoadU(wide, at + step);
                sum = hn::Add(sum, hn::ConcatEven(wide, high, low));
                if (k + 1 < kernel) sum = hn::Add(sum, hn::ConcatOdd(wide, high, low));
            }
            hn::StoreU(hn::DemoteTo(narrow, hn::Div(sum, divisors)), narrow, to + x);
        }
    }
#endif
    for (; x < width; ++x) {
        double sum = 0;
        for (int k = 0; k < kernel; ++k) sum += from[std::ptrdiff_t{x} * stride + k];
        to[x] = static_cast<float>(sum / divisor);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_POOL_LOOPS_INL_H_
