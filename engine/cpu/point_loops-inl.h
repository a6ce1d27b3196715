/// The vector loops of layers that compute each value by itself, compiled once for each instruction set.
#if defined(CONVLENS_POINT_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_POINT_LOOPS_INL_H_
#undef CONVLENS_POINT_LOOPS_INL_H_
#else
#define CONVLENS_POINT_LOOPS_INL_H_
#endif

#include <cstddef>

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/point_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

/// Sets to[i] = f(from[i]) for 0 <= i < count.
template <class F>
HWY_INLINE void for_vectors(const float* from, std::size_t count, float* to, const F& f) {
    const D d;
    constexpr auto step = static_cast<std::size_t>(lanes);
    std::size_t i = 0;
    for (; i + step <= count; i += step) hn::StoreU(f(hn::LoadU(d, from + i)), d, to + i);
    const int left = static_cast<int>(count - i);
    if (left > 0) store_part(f(load_part(from + i, left)), to + i, left);
}

void scale_values(const float* from, std::size_t count, float mean, float scale, float bias, float* to) {
    const V m = hn::Set(D(), mean), s = hn::Set(D(), scale), b = hn::Set(D(), bias);
    for_vectors(from, count, to, [&](V v) { return hn::MulAdd(hn::Sub(v, m), s, b); });
}

void clamp_values(const float* from, std::size_t count, float low, float high, float* to) {
    const V least = hn::Set(D(), low), most = hn::Set(D(), high);
    for_vectors(from, count, to,
                [&](V v) { return hn::IfThenElse(hn::Lt(v, least), least, hn::IfThenElse(hn::Gt(v, most), most, v)); });
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_POINT_LOOPS_INL_H_
