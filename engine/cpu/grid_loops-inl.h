/// The vector loops that draw the grid, compiled once for each instruction set.
#if defined(CONVLENS_GRID_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_GRID_LOOPS_INL_H_
#undef CONVLENS_GRID_LOOPS_INL_H_
#else
#define CONVLENS_GRID_LOOPS_INL_H_
#endif

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/grid_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

void weigh_rows(const float* rows, std::ptrdiff_t pitch, int count, float first_weight, float last_weight, int width,
                float* to) {
    const D d;
    const V first = hn::Set(d, first_weight), last = hn::Set(d, last_weight);
    const float* const last_row = rows + (count - 1) * pitch;
    int x = 0;
    for (; x + lanes <= width; x += lanes) {
        V sum = hn::Mul(hn::LoadU(d, rows + x), first);
        for (const float* row = rows + pitch; row < last_row; row += pitch) sum = hn::Add(sum, hn::LoadU(d, row + x));
        if (count > 1) sum = hn::MulAdd(hn::LoadU(d, last_row + x), last, sum);
        hn::StoreU(sum, d, to + x);
    }
    for (; x < width; ++x) {
        float sum = rows[x] * first_weight;
        for (const float* row = rows + pitch; row < last_row; row += pitch) sum += row[x];
        to[x] = count > 1 ? sum + last_row[x] * last_weight : sum;
    }
}

void paint(const float* values, int count, float lo, float width, const std::uint32_t* colors, std::uint32_t* pixels) {
    const D d;
    const hn::Rebind<std::int32_t, D> di;
    const V low = hn::Set(d, lo), range = hn::Set(d, width), steps = hn::Set(d, 256.0F), top = hn::Set(d, 255.0F);
    HWY_ALIGN std::int32_t index[max_lanes];
    for (int x = 0; x < count; x += lanes) {
        const int here = HWY_MIN(count - x, lanes);
        const V t = hn::Mul(hn::Div(hn::Sub(load_part(values + x, here), low), range), steps);
        hn::Store(hn::ConvertTo(di, hn::Min(hn::Max(t, hn::Zero(d)), top)), di, index);
        for (int i = 0; i < here; ++i) pixels[x + i] = colors[index[i]];
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_GRID_LOOPS_INL_H_
