/// The vector loops in Highway, compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/simd.cpp"
// SSSE3 and the variants of AVX3 have no benefit for these float loops. The SVE and RVV targets do not compile, because
// arrays of vectors need a size that is known at compile time.
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_AVX3_DL | AVX3_VARIANTS | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/detect_targets.h>
#ifdef HWY_AVX3_SPR  // Highway 1.0.3 has none of them
#define AVX3_VARIANTS (HWY_AVX3_ZEN4 | HWY_AVX3_SPR)
#else
#define AVX3_VARIANTS 0
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/cpu/conv2d_plane-inl.h"
#include "engine/cpu/fft_loops-inl.h"
#include "engine/cpu/grid_loops-inl.h"
#include "engine/cpu/lane_loops-inl.h"
#include "engine/cpu/linear_loops-inl.h"
#include "engine/cpu/point_loops-inl.h"
#include "engine/cpu/pool_loops-inl.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/winograd_loops-inl.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {
ChannelStats plane_stats(std::span<const float> values) {
    const D d;
    constexpr auto step = static_cast<std::size_t>(lanes);
    constexpr std::size_t chunk = 4096;  // values within a chunk are added in float, the sums of chunks in double
    const std::size_t whole = values.size() / step * step;
    ChannelStats stats{values[0], values[0], 0.0F, 0.0F};
    double sum = 0, sum_abs = 0;
    for (std::size_t begin = 0; begin < whole; begin += chunk) {
        const std::size_t end = HWY_MIN(begin + chunk, whole);
        V low = hn::LoadU(d, &values[begin]), high = low, total = hn::Zero(d), total_abs = hn::Zero(d);
        for (std::size_t i = begin; i < end; i += step) {
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
    return {hwy::TargetName(HWY_TARGET),
            lanes,
            conv_loops(),
            {&weigh_rows, &paint},
            lane_loops(),
            {&max_rows, &max_windows, &add_rows, &mean_windows},
            {&add_products},
            {&scale_values, &clamp_values},
            &plane_stats,
            fft_loops(),
            winograd_loops()};
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
    return fail("instruction set '{}' is not available on this machine: expected one of {}", name, names);
}

}  // namespace convlens
#endif
