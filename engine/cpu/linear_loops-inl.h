/// The vector loops of Linear, compiled once for each instruction set.
#if defined(CONVLENS_LINEAR_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_LINEAR_LOOPS_INL_H_
#undef CONVLENS_LINEAR_LOOPS_INL_H_
#else
#define CONVLENS_LINEAR_LOOPS_INL_H_
#endif

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/linear_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

constexpr int linear_items = many_registers ? 6
                             : fused        ? 3
                                     : 2;  ///< Batch items per tile: sums, inputs and a weight fit into the registers.

/// Adds the inner products of values [begin, end) of the rows and of `items` batch items, from `item` on, to the sums.
template <int items>
void linear_tile(const LinearJob& job, std::ptrdiff_t begin, std::ptrdiff_t end, int item) {
    const D d;
    const float* weights[linear_rows];
    for (int r = 0; r < linear_rows; ++r) weights[r] = job.weights + HWY_MIN(r, job.rows - 1) * job.length;
    const float* const from = job.items + item * job.length;
    V acc[linear_rows][items];
    CONVLENS_UNROLL
    for (int r = 0; r < linear_rows; ++r) {
        CONVLENS_UNROLL
        for (int n = 0; n < items; ++n) acc[r][n] = hn::Zero(d);
    }
    std::ptrdiff_t i = begin;
    for (; i + lanes <= end; i += lanes) {
        V in[items];
        CONVLENS_UNROLL
        for (int n = 0; n < items; ++n) in[n] = hn::LoadU(d, from + n * job.length + i);
        CONVLENS_UNROLL
        for (int r = 0; r < linear_rows; ++r) {
            const V w = hn::LoadU(d, weights[r] + i);
            CONVLENS_UNROLL
            for (int n = 0; n < items; ++n) acc[r][n] = hn::MulAdd(w, in[n], acc[r][n]);
        }
    }
    CONVLENS_UNROLL
    for (int r = 0; r < linear_rows; ++r) {
        CONVLENS_UNROLL
        for (int n = 0; n < items; ++n) {
            if (r >= job.rows) continue;
            float sum = hn::GetLane(hn::SumOfLanes(d, acc[r][n]));
            for (std::ptrdiff_t rest = i; rest < end; ++rest) sum += weights[r][rest] * from[n * job.length + rest];
            job.sums[(item + n) * job.sums_pitch + r] += sum;
        }
    }
}

void add_products(const LinearJob& job) {
    using Tile = void (*)(const LinearJob&, std::ptrdiff_t, std::ptrdiff_t, int);
    constexpr Tile tiles[] = {
        &linear_tile<1>,
        &linear_tile<2>,
#if HWY_TARGET <= HWY_AVX2 || HWY_TARGET == HWY_NEON
        &linear_tile<3>,
#endif
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON
        &linear_tile<4>,
        &linear_tile<5>,
        &linear_tile<6>,
#endif
    };
    static_assert(std::size(tiles) == linear_items);
    for (std::ptrdiff_t begin = job.begin; begin < job.end; begin += linear_part) {
        const std::ptrdiff_t end = HWY_MIN(begin + linear_part, job.end);
        for (int item = 0; item < job.item_count; item += linear_items)
            tiles[HWY_MIN(linear_items, job.item_count - item) - 1](job, begin, end, item);
    }
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_LINEAR_LOOPS_INL_H_
