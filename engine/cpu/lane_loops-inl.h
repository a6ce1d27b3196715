/// The vector loops of training, compiled once for each instruction set.
#if defined(CONVLENS_LANE_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_LANE_LOOPS_INL_H_
#undef CONVLENS_LANE_LOOPS_INL_H_
#else
#define CONVLENS_LANE_LOOPS_INL_H_
#endif

#include <array>
#include <limits>
#include <utility>

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/lane_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

static_assert(lane_images % lanes == 0);
constexpr int lane_vectors = lane_images / lanes;  ///< Number of vectors that hold one value of all images of a block.

/// Maximum number of columns of a tile with lane_tile rows (output channels): as many as fit into the registers.
/// Columns are positions in lane_sums() and taps in lane_correlate().
constexpr int lane_columns = many_registers ? lane_tile : 2;

template <int outputs, int places>
HWY_INLINE void sums_tile(const LaneSums& job, int first) {
    const D d;
    for (int part = 0; part < lane_vectors; ++part) {
        V acc[outputs][places];
        CONVLENS_UNROLL
        for (int o = 0; o < outputs; ++o) {
            const V start = job.bias ? hn::Set(d, job.bias[o]) : hn::Zero(d);
            CONVLENS_UNROLL
            for (int p = 0; p < places; ++p) acc[o][p] = start;
        }
        const float* const input = job.input + first * job.input_step + part * lanes;
        const float* weights = job.weights;
        for (int t = 0; t < job.tap_count; ++t, weights += outputs) {
            const float* from = input + job.taps[t];
            V x[places];
            CONVLENS_UNROLL
            for (int p = 0; p < places; ++p) x[p] = hn::Load(d, from + p * job.input_step);
            CONVLENS_UNROLL
            for (int o = 0; o < outputs; ++o) {
                const V w = hn::Set(d, weights[o]);
                CONVLENS_UNROLL
                for (int p = 0; p < places; ++p) acc[o][p] = hn::MulAdd(x[p], w, acc[o][p]);
            }
        }
        CONVLENS_UNROLL
        for (int o = 0; o < outputs; ++o) {
            CONVLENS_UNROLL
            for (int p = 0; p < places; ++p)
                hn::Store(acc[o][p], d,
                          job.output + o * job.output_pitch + (first + p) * job.output_step + part * lanes);
        }
    }
}

template <int outputs, int taps>
HWY_INLINE void correlate_tile(const LaneCorrelation& job) {
    const D d;
    for (int part = 0; part < lane_vectors; ++part) {
        V acc[outputs][taps];
        CONVLENS_UNROLL
        for (int o = 0; o < outputs; ++o) {
            CONVLENS_UNROLL
            for (int t = 0; t < taps; ++t) acc[o][t] = hn::Zero(d);
        }
        std::ptrdiff_t offsets[taps];
        for (int t = 0; t < taps; ++t) offsets[t] = job.taps[t];
        const float* gradient = job.gradient + part * lanes;
        for (int y = 0; y < job.height; ++y) {
            const float* from = job.input + y * job.input_row + part * lanes;
            for (int x = 0; x < job.width; ++x, from += job.input_step, gradient += lane_images) {
                V g[outputs];
                CONVLENS_UNROLL
                for (int o = 0; o < outputs; ++o) g[o] = hn::Load(d, gradient + o * job.gradient_pitch);
                CONVLENS_UNROLL
                for (int t = 0; t < taps; ++t) {
                    const V value = hn::Load(d, from + offsets[t]);
                    CONVLENS_UNROLL
                    for (int o = 0; o < outputs; ++o) acc[o][t] = hn::MulAdd(g[o], value, acc[o][t]);
                }
            }
        }
        CONVLENS_UNROLL
        for (int o = 0; o < outputs; ++o) {
            CONVLENS_UNROLL
            for (int t = 0; t < taps; ++t)
                job.sums[o * job.sums_pitch + t] += hn::GetLane(hn::SumOfLanes(d, acc[o][t]));
        }
    }
}

// There is a function for each size of a tile, so that the rest of a row takes no longer than necessary. The tables are
// indexed by [outputs - 1][columns - 1].
template <int outputs, int... columns>
constexpr auto sums_tiles_of(std::integer_sequence<int, columns...> /*all*/) {
    return std::array<void (*)(const LaneSums&, int), sizeof...(columns)>{&sums_tile<outputs, columns + 1>...};
}
template <int... outputs>
constexpr auto all_sums_tiles(std::integer_sequence<int, outputs...> /*all*/) {
    return std::array{sums_tiles_of<outputs + 1>(std::make_integer_sequence<int, lane_columns>())...};
}
template <int outputs, int... columns>
constexpr auto correlate_tiles_of(std::integer_sequence<int, columns...> /*all*/) {
    return std::array<void (*)(const LaneCorrelation&), sizeof...(columns)>{&correlate_tile<outputs, columns + 1>...};
}
template <int... outputs>
constexpr auto all_correlate_tiles(std::integer_sequence<int, outputs...> /*all*/) {
    return std::array{correlate_tiles_of<outputs + 1>(std::make_integer_sequence<int, lane_columns>())...};
}

void lane_sums(const LaneSums& job) {
    static constexpr auto tiles = all_sums_tiles(std::make_integer_sequence<int, lane_tile>());
    const auto& row = tiles[static_cast<std::size_t>(job.outputs - 1)];
    int rest = (job.places + lane_columns - 1) / lane_columns;  // tiles of sizes as equal as possible
    for (int first = 0; first < job.places; --rest) {
        const int here = (job.places - first + rest - 1) / rest;
        row[static_cast<std::size_t>(here - 1)](job, first);
        first += here;
    }
}

void lane_correlate(const LaneCorrelation& job) {
    static constexpr auto tiles = all_correlate_tiles(std::make_integer_sequence<int, lane_tile>());
    LaneCorrelation part = job;
    for (int first = 0; first < job.tap_count; first += part.tap_count) {
        part.tap_count = HWY_MIN(lane_columns, job.tap_count - first);
        part.taps = job.taps + first;
        part.sums = job.sums + first;
        tiles[static_cast<std::size_t>(job.outputs - 1)][static_cast<std::size_t>(part.tap_count - 1)](part);
    }
}

void lane_relu(float* values, std::ptrdiff_t count) {
    const D d;
    for (std::ptrdiff_t i = 0; i < count; i += lanes) {
        const V x = hn::Load(d, values + i);
        hn::Store(hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x), d, values + i);
    }
}

void lane_relu_backward(const float* output, float* gradient, std::ptrdiff_t count) {
    const D d;
    for (std::ptrdiff_t i = 0; i < count; i += lanes) {
        const auto off = hn::Le(hn::Load(d, output + i), hn::Zero(d));
        hn::Store(hn::IfThenZeroElse(off, hn::Load(d, gradient + i)), d, gradient + i);
    }
}

void lane_window_max(const float* input, const LaneWindow& window, float* output) {
    const D d;
    for (int l = 0; l < lane_images; l += lanes) {
        V best = hn::Set(d, -std::numeric_limits<float>::infinity());
        for (int i = 0; i < window.count; ++i) {
            const V x = hn::Load(d, input + window.offsets[i] + l);
            const auto wins = hn::Or(hn::Gt(x, best), hn::IsNaN(x));
            best = hn::IfThenElse(wins, x, best);
        }
        hn::Store(best, d, output + l);
    }
}

void lane_window_max_backward(const float* input, const LaneWindow& window, const float* output, const float* gradient,
                              float* input_gradient) {
    const D d;
    for (int l = 0; l < lane_images; l += lanes) {
        const V best = hn::Load(d, output + l);
        V rest = hn::Load(d, gradient + l);  // zero for the images whose gradient has been added to a value
        for (int i = 0; i < window.count; ++i) {
            float* to = input_gradient + window.offsets[i] + l;
            const auto here = hn::Eq(hn::Load(d, input + window.offsets[i] + l), best);
            hn::Store(hn::Add(hn::Load(d, to), hn::IfThenElseZero(here, rest)), d, to);
            rest = hn::IfThenZeroElse(here, rest);
        }
    }
}

void lane_outer_sums(const float* input, std::ptrdiff_t inputs, const float* gradient, std::ptrdiff_t outputs,
                     float* output) {
    const D d;
    HWY_ALIGN float turned[lane_images * lane_images];  // transposed input: [image][input]
    for (std::ptrdiff_t begin = 0; begin < inputs; begin += lane_images) {
        const int here = static_cast<int>(HWY_MIN(inputs - begin, std::ptrdiff_t{lane_images}));
        for (int i = 0; i < lane_images; ++i)
            for (int l = 0; l < lane_images; ++l)
                turned[l * lane_images + i] = i < here ? input[(begin + i) * lane_images + l] : 0.0F;
        for (std::ptrdiff_t o = 0; o < outputs; ++o)
            for (int part = 0; part < here; part += lanes) {
                float* const to = output + o * inputs + begin + part;
                V even = hn::Zero(d), odd = hn::Zero(d);  // two independent sums, so that additions overlap
                for (int l = 0; l < lane_images; l += 2) {
                    even = hn::MulAdd(hn::Set(d, gradient[o * lane_images + l]),
                                      hn::Load(d, turned + l * lane_images + part), even);
                    odd = hn::MulAdd(hn::Set(d, gradient[o * lane_images + l + 1]),
                                     hn::Load(d, turned + (l + 1) * lane_images + part), odd);
                }
                const int count = here - part;
                store_part(hn::Add(load_part(to, count), hn::Add(even, odd)), to, count);
            }
    }
}

LaneLoops lane_loops() {
    return {&lane_sums,       &lane_correlate,           &lane_relu,      &lane_relu_backward,
            &lane_window_max, &lane_window_max_backward, &lane_outer_sums};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif  // CONVLENS_LANE_LOOPS_INL_H_
