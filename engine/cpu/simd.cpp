/// Convolution rows and channel statistics in Highway, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/simd.cpp"
// SSSE3, AVX3_DL and AVX3_ZEN4 bring nothing to these float loops; arrays of vectors need a size known to the compiler.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/cpu/simd.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A tile is block x 3 vectors: with 32 registers 24 accumulators, with 16 registers 12.
constexpr int block = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 8 : 4;
constexpr int tile_vectors = 3;

/// vectors * lanes outputs of `block` channels from x on. Every loop over acc is unrolled whole, or it lives in memory.
template <int vectors>
HWY_INLINE void convolve_tile(const RowJob& job, const float* weights, const float* bias, float* output, int x, int channels) {
    const D d;
    const int lanes = static_cast<int>(hn::Lanes(d));
    V acc[block][vectors];
    HWY_UNROLL(8)
    for (int o = 0; o < block; ++o)
    HWY_UNROLL(4)
        for (int v = 0; v < vectors; ++v) acc[o][v] = hn::Set(d, bias[o]);

    for (int r = 0; r < job.row_count; ++r) {
        const float* row = job.rows[r] + x;
        for (int k = 0; k < job.column_count; ++k, weights += block) {
            const float* from = row + job.columns[k];
            V in[vectors];
    HWY_UNROLL(4)
            for (int v = 0; v < vectors; ++v) in[v] = hn::LoadU(d, from + v * lanes);
    HWY_UNROLL(8)
            for (int o = 0; o < block; ++o) {
                const V w = hn::Set(d, weights[o]);
    HWY_UNROLL(4)
                for (int v = 0; v < vectors; ++v) acc[o][v] = hn::MulAdd(in[v], w, acc[o][v]);
            }
        }
    }

    const int valid = job.width - x;
    output += x;
    HWY_UNROLL(8)
    for (int o = 0; o < block; ++o) {
        float* to = output + static_cast<std::size_t>(o) * job.plane;
    HWY_UNROLL(4)
        for (int v = 0; v < vectors; ++v) {
            if (o >= channels) continue;
            if (valid >= (v + 1) * lanes) {
                hn::StoreU(acc[o][v], d, to + v * lanes);
            } else {
                HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)];
                hn::Store(acc[o][v], d, rest);
                for (int i = 0; i < valid - v * lanes; ++i) to[v * lanes + i] = rest[i];
            }
        }
    }
}

void convolve_row(const RowJob& job) {
    const int lanes = static_cast<int>(hn::Lanes(D()));
    const std::size_t block_weights = static_cast<std::size_t>(job.row_count) * static_cast<std::size_t>(job.column_count) * block;
    for (int first = 0; first < job.channels; first += block) {
        const float* weights = job.weights + static_cast<std::size_t>(first / block) * block_weights;
        const float* bias = job.bias + first;
        float* output = job.output + static_cast<std::size_t>(first) * job.plane;
        const int channels = job.channels - first;
        int x = 0;
        for (; job.width - x > 2 * lanes; x += tile_vectors * lanes)
            convolve_tile<tile_vectors>(job, weights, bias, output, x, channels);
        for (; job.width - x > lanes; x += 2 * lanes) convolve_tile<2>(job, weights, bias, output, x, channels);
        for (; job.width - x > 0; x += lanes) convolve_tile<1>(job, weights, bias, output, x, channels);
    }
}

ChannelStats plane_stats(std::span<const float> values) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    constexpr std::size_t chunk = 4096;  // float sums run this far, then go on in double
    const std::size_t whole = values.size() / lanes * lanes;
    ChannelStats stats{values[0], values[0], 0.0F, 0.0F};
    double sum = 0, sum_abs = 0;
    for (std::size_t begin = 0; begin < whole; begin += chunk) {
        const std::size_t end = HWY_MIN(begin + chunk, whole);
        V low = hn::LoadU(d, &values[begin]), high = low, total = hn::Zero(d), total_abs = hn::Zero(d);
        for (std::size_t i = begin; i < end; i += lanes) {
            const V v = hn::LoadU(d, &values[i]);
            low = hn::Min(low, v);
            high = hn::Max(high, v);
            total = hn::Add(total, v);
            total_abs = hn::Add(total_abs, hn::Abs(v));
        }
        stats.min = HWY_MIN(stats.min, hn::GetLane(hn::MinOfLanes(d, low)));
        stats.max = HWY_MAX(stats.max, hn::GetLane(hn::MaxOfLanes(d, high)));
        sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, total)));
        sum_abs += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, total_abs)));
    }
    for (const float v : values.subspan(whole)) {
        stats.min = HWY_MIN(stats.min, v);
        stats.max = HWY_MAX(stats.max, v);
        sum += static_cast<double>(v);
        sum_abs += static_cast<double>(v < 0 ? -v : v);
    }
    stats.mean = static_cast<float>(sum / static_cast<double>(values.size()));
    stats.mean_abs = static_cast<float>(sum_abs / static_cast<double>(values.size()));
    return stats;
}

Simd simd_of_target() {
    return {hwy::TargetName(HWY_TARGET), static_cast<int>(hn::Lanes(D())), block, &convolve_row, &plane_stats};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cctype>
#include <cstdint>

namespace convlens {
HWY_EXPORT(simd_of_target);

namespace {

std::vector<Simd> find_available() {
    std::vector<Simd> found;
    const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
    for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {  // Highway's best target is the lowest bit
        hwy::ChosenTarget chosen;
        chosen.Update(rest & -rest);
        found.push_back(HWY_DISPATCH_TABLE(simd_of_target)[chosen.GetIndex()]());
    }
    return found;
}

}  // namespace

std::span<const Simd> available_simd() {
    static const std::vector<Simd> available = find_available();
    return available;
}

Expected<const Simd*> find_simd(std::string_view name) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    std::string names;
    for (const Simd& simd : available_simd()) {
        const std::string_view own = simd.name;
        if (name.empty() || std::equal(own.begin(), own.end(), name.begin(), name.end(), same)) return &simd;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", own);
    }
    return fail("instruction set '{}' is not one of those this machine runs: {}", name, names);
}

}  // namespace convlens
#endif
