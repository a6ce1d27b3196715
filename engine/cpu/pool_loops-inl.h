/// The vector loops of max pooling, compiled once for each instruction set.
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

void max_windows(const float* from, int kernel, int stride, int dilation, int width, float* to) {
    const D d;
    int x = 0;
    if (stride == 1) {
        for (; x + lanes <= width; x += lanes) {
            V best = hn::LoadU(d, from + x);
            for (int k = 1; k < kernel; ++k) best = larger(best, hn::LoadU(d, from + x + k * dilation));
            hn::StoreU(best, d, to + x);
        }
    } else if (stride == 2 && dilation == 1) {
        for (; x + lanes <= width; x += lanes) {
            V best, even, odd;
            hn::LoadInterleaved2(d, from + 2 * x, best, odd);
            if (kernel > 1) best = larger(best, odd);
            for (int k = 2; k < kernel; k += 2) {
                hn::LoadInterleaved2(d, from + 2 * x + k, even, odd);
                best = larger(best, even);
                if (k + 1 < kernel) best = larger(best, odd);
            }
            hn::StoreU(best, d, to + x);
        }
    }
    for (; x < width; ++x) {
        const float* const window = from + static_cast<std::ptrdiff_t>(x) * stride;
        float best = window[0];
        for (int k = 1; k < kernel; ++k) best = larger(best, window[static_cast<std::ptrdiff_t>(k) * dilation]);
        to[x] = best;
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_POOL_LOOPS_INL_H_
