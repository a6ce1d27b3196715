/// The vector loop of a convolution of one channel, and the table of all loops, compiled once for each instruction set.
#if defined(CONVLENS_CONV2D_PLANE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_CONV2D_PLANE_INL_H_
#undef CONVLENS_CONV2D_PLANE_INL_H_
#else
#define CONVLENS_CONV2D_PLANE_INL_H_
#endif

#include "engine/cpu/conv2d_tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

/// Rows of a tile of one vector per row: enough sums to hide the latency of a multiply-add.
constexpr int plane_rows = many_registers ? 8 : 4;

/// Computes the columns [x, x + lanes) of the rows [y, y + rows).
template <int rows>
HWY_INLINE void plane_tile(const PlaneJob& job, int y, int x, Running* running) {
    const D d;
    V acc[rows];
    CONVLENS_UNROLL
    for (int r = 0; r < rows; ++r) acc[r] = hn::Set(d, job.bias);
    const float* const input = job.input + y * job.row_step + x;
    for (std::size_t t = 0; t < job.taps.size(); ++t) {
        const V weight = hn::Set(d, job.weights[t]);
        const float* const from = input + job.taps[t];
        CONVLENS_UNROLL
        for (int r = 0; r < rows; ++r) acc[r] = hn::MulAdd(hn::LoadU(d, from + r * job.row_step), weight, acc[r]);
    }
    const int left = job.columns - x;
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * job.columns + x;
    CONVLENS_UNROLL
    for (int r = 0; r < rows; ++r) {
        store_part(acc[r], job.output + at + static_cast<std::ptrdiff_t>(r) * job.columns, left);
        if (job.rectified)
            store_part(rectify(acc[r]), job.rectified + at + static_cast<std::ptrdiff_t>(r) * job.columns, left);
        if (running) running->add_part(acc[r], left);
    }
}

/// Calls plane_tile() for `count` rows, 1 <= count <= rows.
template <int rows>
HWY_INLINE void plane_rest(const PlaneJob& job, int y, int x, int count, Running* running) {
    if constexpr (rows > 1) {
        if (count < rows) return plane_rest<rows - 1>(job, y, x, count, running);
    }
    plane_tile<rows>(job, y, x, running);
}

void convolve_plane(const PlaneJob& job, LaneStats* stats) {
    LaneStats none;
    clear_stats(none);
    Running running(stats ? *stats : none);
    for (int y = 0; y < job.rows; y += plane_rows)
        for (int x = 0; x < job.columns; x += lanes)
            plane_rest<plane_rows>(job, y, x, HWY_MIN(plane_rows, job.rows - y), stats ? &running : nullptr);
    if (stats) running.store(*stats);
}

ConvLoops conv_loops() {
    return {max_columns_block, columns_vectors(max_columns_block), max_channels_vectors,
            // With many sums, the weights may come from the second-level cache, because the multiplications hide its
            // latency. With few sums, they must stay in the first-level cache.
            (many_registers ? 128 : 16) * 1024LL, &convolve_columns, &convolve_channels, &store_channels,
            &convolve_plane, &deinterleave, &clear_stats, &reduce_stats};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_CONV2D_PLANE_INL_H_
