/// The vector loops of a convolution, compiled once for each instruction set.
#if defined(CONVLENS_CONV2D_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_CONV2D_TILES_INL_H_
#undef CONVLENS_CONV2D_TILES_INL_H_
#else
#define CONVLENS_CONV2D_TILES_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <array>
#include <limits>

#include "engine/cpu/conv2d_tiles.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr int lanes = static_cast<int>(hn::MaxLanes(D()));
static_assert(lanes <= max_lanes);
constexpr bool many_registers = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON;  // 32 vector registers, otherwise 16
/// Whether there is a fused multiply-add. Without it, a product needs a register of its own.
constexpr bool fused = HWY_TARGET <= HWY_AVX2 || HWY_TARGET == HWY_NEON;

// Every loop over an array of vectors is fully unrolled; otherwise the compiler keeps the array in memory.
#define CONVLENS_UNROLL HWY_UNROLL(16)

/// Loads min(count, lanes) floats from `from`, count > 0; the other lanes are 0. Accesses no memory past those floats.
HWY_INLINE V load_part(const float* from, int count) {
    const D d;
    if (count >= lanes) return hn::LoadU(d, from);
#if HWY_TARGET <= HWY_AVX2  // here MaskedLoad() does not access the memory of the other lanes
    return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#else
    HWY_ALIGN float part[max_lanes] = {};
    for (int i = 0; i < count; ++i) part[i] = from[i];
    return hn::Load(d, part);
#endif
}

/// Stores min(count, lanes) floats to `to`. Accesses no memory past those floats.
HWY_INLINE void store_part(V v, float* to, int count) {
    const D d;
    if (count >= lanes) {
        hn::StoreU(v, d, to);
    } else if (count > 0) {
#if HWY_TARGET <= HWY_AVX2  // here BlendedStore() does not access the memory of the other lanes
        hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
        return;
#endif
        HWY_ALIGN float part[max_lanes];
        hn::Store(v, d, part);
        for (int i = 0; i < count; ++i) to[i] = part[i];
    }
}

/// Returns a + b, computed with the multiply-add units, which are idle while the adders are busy.
HWY_INLINE V add_anywhere(V a, V b) {
    if constexpr (fused) return hn::MulAdd(b, hn::Set(D(), 1.0F), a);
    return hn::Add(a, b);
}

/// LaneStats in registers.
struct Running {
    V min, max, sum, sum_abs;

    explicit HWY_INLINE Running(const LaneStats& s)
        : min(hn::Load(D(), s.min)),
          max(hn::Load(D(), s.max)),
          sum(hn::Load(D(), s.sum)),
          sum_abs(hn::Load(D(), s.sum_abs)) {}

    HWY_INLINE void add(V v) {
        min = hn::Min(min, v);
        max = hn::Max(max, v);
        sum = add_anywhere(sum, v);
        sum_abs = add_anywhere(sum_abs, hn::Abs(v));
    }

    HWY_INLINE void add_part(V v, int count) {
        if (count >= lanes) {
            add(v);
        } else if (count > 0) {
            const auto there = hn::FirstN(D(), static_cast<std::size_t>(count));
            min = hn::IfThenElse(there, hn::Min(min, v), min);
            max = hn::IfThenElse(there, hn::Max(max, v), max);
            sum = hn::Add(sum, hn::IfThenElseZero(there, v));
            sum_abs = hn::Add(sum_abs, hn::IfThenElseZero(there, hn::Abs(v)));
        }
    }

    HWY_INLINE void store(LaneStats& s) const {
        hn::Store(min, D(), s.min);
        hn::Store(max, D(), s.max);
        hn::Store(sum, D(), s.sum);
        hn::Store(sum_abs, D(), s.sum_abs);
    }
};

void clear_stats(LaneStats& stats) {
    for (int i = 0; i < max_lanes; ++i) {
        stats.min[i] = std::numeric_limits<float>::infinity();
        stats.max[i] = -std::numeric_limits<float>::infinity();
        stats.sum[i] = stats.sum_abs[i] = 0.0F;
    }
}

/// Returns ReLU(v). NaN and -0 stay as they are.
HWY_INLINE V rectify(V v) { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(D())), v); }

/// Stores all values of a tile, or ReLU of them if `rectified`.
template <bool rectified, int out_channels, int vectors>
HWY_INLINE void store_tile(const V (&acc)[out_channels][vectors], bool stream, float* const* outputs, int x) {
    const D d;
    CONVLENS_UNROLL
    for (int o = 0; o < out_channels; ++o) {
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v) {
            const V value = rectified ? rectify(acc[o][v]) : acc[o][v];
            float* const to = outputs[o] + x + v * lanes;
            stream ? hn::Stream(value, d, to) : hn::StoreU(value, d, to);
        }
    }
}

/// Adds a channel's vectors to its statistics, two statistics at a time. More at a time would need more registers than
/// are free beside the sums of the tile.
template <int vectors>
HWY_INLINE void add_to_stats(const V (&acc)[vectors], LaneStats& stats) {
    const D d;
    V min = hn::Load(d, stats.min), max = hn::Load(d, stats.max);
    CONVLENS_UNROLL
    for (int v = 0; v < vectors; ++v) {
        min = hn::Min(min, acc[v]);
        max = hn::Max(max, acc[v]);
    }
    hn::Store(min, d, stats.min);
    hn::Store(max, d, stats.max);
    V sum = hn::Load(d, stats.sum), sum_abs = hn::Load(d, stats.sum_abs);
    CONVLENS_UNROLL
    for (int v = 0; v < vectors; ++v) {
        sum = add_anywhere(sum, acc[v]);
        sum_abs = add_anywhere(sum_abs, hn::Abs(acc[v]));
    }
    hn::Store(sum, d, stats.sum);
    hn::Store(sum_abs, d, stats.sum_abs);
}

/// Stores the first `valid` columns of the tile at the end of a row, and ReLU of them if job.rectified is not null.
/// Adds them to `stats` unless that is null. `values` is [channel][vector].
HWY_NOINLINE void finish_last_tile(const float* values, int out_channels, int vectors, int valid, const RowJob& job,
                                   float* const* outputs, int x, LaneStats* stats) {
    const D d;
    LaneStats none;
    clear_stats(none);
    for (int o = 0; o < out_channels; ++o, values += vectors * lanes) {
        LaneStats& found = stats ? stats[o] : none;
        Running running(found);
        for (int v = 0, left = valid; left > 0; ++v, left -= lanes) {
            const V value = hn::Load(d, values + v * lanes);
            const int at = x + v * lanes;
            store_part(value, outputs[o] + at, left);
            if (job.rectified) store_part(rectify(value), job.rectified[o] + at, left);
            running.add_part(value, left);
        }
        running.store(found);
    }
}

/// Computes and stores the columns [x, x + vectors * lanes) of out_channels channels.
template <int out_channels, int vectors>
HWY_INLINE void columns_tile(const RowJob& job, const Segment& segment, int x, float* const* outputs,
                             LaneStats* stats) {
    const D d;
    const int valid = segment.end - x;
    V acc[out_channels][vectors];
    CONVLENS_UNROLL
    for (int o = 0; o < out_channels; ++o) {
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v)
            acc[o][v] = job.bias ? hn::Set(d, job.bias[o]) : load_part(outputs[o] + x + v * lanes, valid - v * lanes);
    }

    if (!job.stream) {  // prefetches the memory to which the next tile is stored
        CONVLENS_UNROLL
        for (int o = 0; o < out_channels; ++o) {
            CONVLENS_UNROLL
            for (int v = 0; v < vectors; ++v) hwy::Prefetch(outputs[o] + x + (vectors + v) * lanes);
        }
    }
    const float* weights = job.weights;
    const float* input = segment.input + (job.first_channel * segment.pitch + (x - segment.origin));
    for (int c = 0; c < job.channels; ++c, input += segment.pitch, weights += job.skipped_weights) {
        for (std::ptrdiff_t t = 0; t < job.taps; ++t, weights += out_channels) {
            const float* from = input + segment.taps[t];
            V in[vectors];
            CONVLENS_UNROLL
            for (int v = 0; v < vectors; ++v) in[v] = hn::LoadU(d, from + v * lanes);
            CONVLENS_UNROLL
            for (int o = 0; o < out_channels; ++o) {
                const V w = hn::Set(d, weights[o]);
                CONVLENS_UNROLL
                for (int v = 0; v < vectors; ++v) acc[o][v] = hn::MulAdd(in[v], w, acc[o][v]);
            }
        }
    }

    if (valid < vectors * lanes) {
        HWY_ALIGN float values[out_channels * vectors * lanes];
        CONVLENS_UNROLL
        for (int o = 0; o < out_channels; ++o) {
            CONVLENS_UNROLL
            for (int v = 0; v < vectors; ++v) hn::Store(acc[o][v], d, values + (o * vectors + v) * lanes);
        }
        return finish_last_tile(values, out_channels, vectors, valid, job, outputs, x, stats);
    }
    job.stream ? store_tile<false>(acc, true, outputs, x) : store_tile<false>(acc, false, outputs, x);
    if (job.rectified) store_tile<true>(acc, job.stream, job.rectified, x);
    if (!stats) return;
    CONVLENS_UNROLL
    for (int o = 0; o < out_channels; ++o) add_to_stats(acc[o], stats[o]);
}

constexpr int max_columns_block = many_registers ? 8 : 4;

/// Returns the number of vectors per tile of columns_row(). Sums, inputs and a weight must fit into the registers.
constexpr int columns_vectors(int out_channels) {
    constexpr int few[] = {8, many_registers ? 8 : 5, many_registers ? 6 : 3};
    if (out_channels <= 3) return few[out_channels - 1];
    return out_channels == 4 && many_registers ? 6 : fused ? 3 : 2;
}

/// Calls columns_tile() for `count` vectors, 1 <= count <= vectors.
template <int out_channels, int vectors>
HWY_INLINE void columns_rest(const RowJob& job, const Segment& segment, int x, int count, float* const* outputs,
                             LaneStats* stats) {
    if constexpr (vectors > 1) {
        if (count < vectors) return columns_rest<out_channels, vectors - 1>(job, segment, x, count, outputs, stats);
    }
    columns_tile<out_channels, vectors>(job, segment, x, outputs, stats);
}

template <int out_channels>
void columns_row(const RowJob& job, float* const* outputs, LaneStats* stats) {
    constexpr int most = columns_vectors(out_channels);
    for (const Segment& segment : job.segments) {
        int x = segment.begin;
        for (int left = (segment.end - x + lanes - 1) / lanes; left > 0;) {
            // Two medium tiles rather than a large and a very small one.
            const int count = left >= 2 * most || left <= most ? HWY_MIN(left, most) : (left + 1) / 2;
            columns_rest<out_channels, most>(job, segment, x, count, outputs, stats);
            x += count * lanes;
            left -= count;
        }
    }
}

void convolve_columns(const RowJob& job, int out_channels, float* const* outputs, LaneStats* stats) {
    using Row = void (*)(const RowJob&, float* const*, LaneStats*);
    constexpr Row rows[] = {
        &columns_row<1>,
        &columns_row<2>,
        &columns_row<3>,
        &columns_row<4>,
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON
        &columns_row<5>,
        &columns_row<6>,
        &columns_row<7>,
        &columns_row<8>,
#endif
    };
    static_assert(std::size(rows) == max_columns_block);
    rows[out_channels - 1](job, outputs, stats);
    if (job.stream) hwy::FlushStream();
}

constexpr int line_floats = 16;  // floats in a cache line
/// How far ahead weights are prefetched, in taps: the weights of deep layers do not fit into the caches.
constexpr int weights_ahead = 24;

/// Maximum number of channel vectors per tile.
constexpr int max_channels_vectors = !many_registers && fused ? 4 : 2;

/// Returns the maximum number of columns of a tile with `vectors` vectors of channels. Sums, weights and an input, or
/// sums, inputs and a weight, must fit into the registers.
constexpr int max_positions(int vectors) {
    constexpr int few[] = {12, 6, 4, 3};
    return many_registers ? 14 : few[vectors - 1];
}

/// Makes the compiler load v into a register once. Otherwise GCC reads v from memory in each multiplication, and the
/// multiplications wait for the loads, because a CPU has only as many load units as multiply units.
HWY_INLINE void keep_in_register([[maybe_unused]] V& v) {
#if HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL && HWY_TARGET <= HWY_SSE4
    asm("" : "+v"(v.raw));
#endif
}

/// Adds the products of one tap to a tile's sums; `from` points to the inputs of the tile's columns.
template <int vectors, int positions>
HWY_INLINE void channels_tap(const float* from, const float* weights, V (&acc)[positions][vectors]) {
    const D d;
    if constexpr (vectors <= positions) {
        V w[vectors];
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v) {
            w[v] = hn::LoadU(d, weights + v * lanes);
            keep_in_register(w[v]);
        }
        CONVLENS_UNROLL
        for (int p = 0; p < positions; ++p) {
            const V in = hn::Set(d, from[p]);
            CONVLENS_UNROLL
            for (int v = 0; v < vectors; ++v) acc[p][v] = hn::MulAdd(in, w[v], acc[p][v]);
        }
    } else {
        V in[positions];
        CONVLENS_UNROLL
        for (int p = 0; p < positions; ++p) {
            in[p] = hn::Set(d, from[p]);
            keep_in_register(in[p]);
        }
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v) {
            V w = hn::LoadU(d, weights + v * lanes);
            keep_in_register(w);
            CONVLENS_UNROLL
            for (int p = 0; p < positions; ++p) acc[p][v] = hn::MulAdd(in[p], w, acc[p][v]);
        }
    }
}

/// Computes the columns [x, x + positions) of vectors * lanes channels.
template <int vectors, int positions>
void channels_tile(const RowJob& job, const Segment& segment, int x, float* sums) {
    const D d;
    V acc[positions][vectors];
    CONVLENS_UNROLL
    for (int p = 0; p < positions; ++p) {
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v)
            acc[p][v] = hn::LoadU(d, job.bias ? job.bias + v * lanes : sums + (p * vectors + v) * lanes);
    }

    constexpr int width = vectors * lanes;
    const float* weights = job.weights;
    const float* input = segment.input + (job.first_channel * segment.pitch + (x - segment.origin));
    for (int c = 0; c < job.channels; ++c, input += segment.pitch, weights += job.skipped_weights) {
        for (std::ptrdiff_t t = 0; t < job.taps; ++t, weights += width) {
            if constexpr (many_registers) {
                CONVLENS_UNROLL
                for (int v = 0; v < vectors; ++v)
                    if (v * lanes % line_floats == 0) hwy::Prefetch(weights + weights_ahead * width + v * lanes);
            }
            channels_tap<vectors, positions>(input + segment.taps[t], weights, acc);
        }
    }
    CONVLENS_UNROLL
    for (int p = 0; p < positions; ++p) {
        CONVLENS_UNROLL
        for (int v = 0; v < vectors; ++v) hn::StoreU(acc[p][v], d, sums + (p * vectors + v) * lanes);
    }
}

using ChannelsTile = void (*)(const RowJob&, const Segment&, int, float*);

template <int vectors, std::size_t... i>
constexpr std::array<ChannelsTile, sizeof...(i)> channels_tiles(std::index_sequence<i...>) {
    return {&channels_tile<vectors, static_cast<int>(i) + 1>...};
}

template <int vectors>
void channels_row(const RowJob& job, float* sums) {
    constexpr int most = max_positions(vectors);
    static constexpr auto tiles = channels_tiles<vectors>(std::make_index_sequence<most>());
    for (const Segment& segment : job.segments) {
        int x = segment.begin;
        // As few tiles as possible, of sizes as equal as possible.
        for (int left = (segment.end - x + most - 1) / most; left > 0; --left) {
            const int positions = (segment.end - x + left - 1) / left;
            tiles[static_cast<std::size_t>(positions - 1)](job, segment, x,
                                                           sums + static_cast<std::ptrdiff_t>(x) * vectors * lanes);
            x += positions;
        }
    }
}

void convolve_channels(const RowJob& job, int vectors, float* sums) {
    using Row = void (*)(const RowJob&, float*);
    constexpr Row rows[] = {
        &channels_row<1>,
        &channels_row<2>,
#if HWY_TARGET == HWY_AVX2
        &channels_row<3>,
        &channels_row<4>,
#endif
    };
    static_assert(std::size(rows) == max_channels_vectors);
    rows[vectors - 1](job, sums);
}

#if HWY_TARGET != HWY_SCALAR
/// Transposes each square of 4 x 4 values.
HWY_INLINE void transpose_fours(V& r0, V& r1, V& r2, V& r3) {
    const D d;
    const hn::RepartitionToWide<D> pairs;
    const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1)),
               high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
    const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3)),
               high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
    r0 = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
    r1 = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
    r2 = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
    r3 = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

/// Transposes r: lane j of r[i] becomes lane i of r[j].
HWY_INLINE void transpose(V (&r)[lanes]) {
    const D d;
    static_assert(lanes == 4 || lanes == 8 || lanes == 16);
    CONVLENS_UNROLL
    for (int g = 0; g < lanes; g += 4) transpose_fours(r[g], r[g + 1], r[g + 2], r[g + 3]);
        // Now block b (four lanes) of r[4 g + j] has the values for block g of r[4 b + j].
#if HWY_MAX_BYTES == 32
    CONVLENS_UNROLL
    for (int j = 0; j < 4; ++j) {
        const V a = r[j], b = r[4 + j];
        r[j] = hn::ConcatLowerLower(d, b, a);
        r[4 + j] = hn::ConcatUpperUpper(d, b, a);
    }
#elif HWY_MAX_BYTES == 64
    CONVLENS_UNROLL
    for (int j = 0; j < 4; ++j) {
        const V a = r[j], b = r[4 + j], e = r[8 + j], f = r[12 + j];
        const V ab_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(b), a),
                ab_odd = hn::OddEvenBlocks(b, hn::SwapAdjacentBlocks(a));
        const V ef_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(f), e),
                ef_odd = hn::OddEvenBlocks(f, hn::SwapAdjacentBlocks(e));
        r[j] = hn::ConcatLowerLower(d, ef_even, ab_even);
        r[4 + j] = hn::ConcatLowerLower(d, ef_odd, ab_odd);
        r[8 + j] = hn::ConcatUpperUpper(d, ef_even, ab_even);
        r[12 + j] = hn::ConcatUpperUpper(d, ef_odd, ab_odd);
    }
#else
    static_cast<void>(d);
#endif
}
#else
HWY_INLINE void transpose(V (&)[lanes]) { static_assert(lanes == 1); }
#endif

/// Stores r[i], which holds consecutive columns of channel i, to outputs[i] + x. Stores only the first `channels`
/// channels and the first `columns` columns.
HWY_INLINE void store_turned(const V (&r)[lanes], int channels, int columns, float* const* outputs, int x) {
    const D d;
    if (channels == lanes && columns >= lanes) {
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i) hn::StoreU(r[i], d, outputs[i] + x);
    } else {
        HWY_ALIGN float turned[lanes * lanes];
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i) hn::Store(r[i], d, turned + i * lanes);
        for (int i = 0; i < channels; ++i) store_part(hn::Load(d, turned + i * lanes), outputs[i] + x, columns);
    }
}

void store_channels(const float* sums, int width, int vectors, int out_channels, float* const* outputs,
                    float* const* rectified, LaneStats* stats) {
    const D d;
    const std::ptrdiff_t pitch = static_cast<std::ptrdiff_t>(vectors) * lanes;
    for (int v = 0; v < vectors; ++v, sums += lanes, out_channels -= lanes) {
        LaneStats none;
        clear_stats(none);
        LaneStats& found = stats ? stats[v] : none;
        Running running(found);
        for (int x = 0; x < width; x += lanes) {
            V r[lanes];
            CONVLENS_UNROLL
            for (int i = 0; i < lanes; ++i) {
                r[i] = hn::LoadU(d, sums + (x + i) * pitch);
                if (x + i < width) running.add(r[i]);
            }
            transpose(r);
            store_turned(r, HWY_MIN(out_channels, lanes), width - x, outputs + v * lanes, x);
            if (!rectified) continue;
            CONVLENS_UNROLL
            for (int i = 0; i < lanes; ++i) r[i] = rectify(r[i]);
            store_turned(r, HWY_MIN(out_channels, lanes), width - x, rectified + v * lanes, x);
        }
        running.store(found);
    }
}

void deinterleave(const float* from, int stride, int count, float* const* to) {
    const D d;
    int done = 0;
    if (stride == 1) {
        for (; done < count; done += lanes)
            store_part(load_part(from + done, count - done), to[0] + done, count - done);
        return;
    }
#if HWY_TARGET != HWY_SCALAR
    if (stride == 2 && count > 0 && count < lanes) {
        const V low = load_part(from, 2 * count);
        const V high = 2 * count > lanes ? load_part(from + lanes, 2 * count - lanes) : hn::Zero(d);
        store_part(hn::ConcatEven(d, high, low), to[0], count);
        store_part(hn::ConcatOdd(d, high, low), to[1], count);
        return;
    }
#endif
    if (stride >= 2 && stride <= 4 && count >= lanes) {
        for (V a, b, c, e; done < count; done += lanes) {
            const int i = HWY_MIN(done, count - lanes);  // the last vector may overlap the previous one
            const float* in = from + static_cast<std::ptrdiff_t>(i) * stride;
            if (stride == 2) {
                hn::LoadInterleaved2(d, in, a, b);
            } else if (stride == 3) {
                hn::LoadInterleaved3(d, in, a, b, c);
                hn::StoreU(c, d, to[2] + i);
            } else {
                hn::LoadInterleaved4(d, in, a, b, c, e);
                hn::StoreU(c, d, to[2] + i);
                hn::StoreU(e, d, to[3] + i);
            }
            hn::StoreU(a, d, to[0] + i);
            hn::StoreU(b, d, to[1] + i);
        }
    }
    for (int i = done; i < count; ++i)
        for (int p = 0; p < stride; ++p) to[p][i] = from[static_cast<std::ptrdiff_t>(i) * stride + p];
}

PartStats reduce_stats(const LaneStats& stats) {
    const D d;
    const Running r(stats);
    return {hn::GetLane(hn::MinOfLanes(d, r.min)), hn::GetLane(hn::MaxOfLanes(d, r.max)),
            hn::GetLane(hn::SumOfLanes(d, r.sum)), hn::GetLane(hn::SumOfLanes(d, r.sum_abs))};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_CONV2D_TILES_INL_H_
