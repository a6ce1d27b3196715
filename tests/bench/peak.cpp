/// Multiply-adds in registers, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/bench/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "tests/bench/peak.h"

HWY_BEFORE_NAMESPACE();
namespace convlens::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// `rounds` times as many multiply-adds as there are chains; returns how many floating-point operations that
/// are.
double multiply_adds(int rounds, float* result) {
    const hn::ScalableTag<float> d;
    constexpr int chains = 12;  // latency times throughput of what there is, and few enough for 16 registers
    hn::Vec<decltype(d)> acc[chains];
    const auto factor = hn::Set(d, 0.999F), term = hn::Set(d, 0.001F);
    HWY_UNROLL(12)
    for (int i = 0; i < chains; ++i) acc[i] = hn::Set(d, static_cast<float>(i));
    for (int r = 0; r < rounds; ++r) {
        HWY_UNROLL(12)
        for (int i = 0; i < chains; ++i) acc[i] = hn::MulAdd(acc[i], factor, term);
    }
    auto sum = acc[0];
    HWY_UNROLL(12)
    for (int i = 1; i < chains; ++i) sum = hn::Add(sum, acc[i]);
    *result = hn::GetLane(hn::SumOfLanes(d, sum));
    return 2.0 * chains * rounds * static_cast<double>(hn::Lanes(d));
}

const char* name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace convlens::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <chrono>
#include <cstdint>

namespace convlens::bench {
HWY_EXPORT(multiply_adds);
HWY_EXPORT(name);

double peak_gflops(std::string_view isa) {
    using Clock = std::chrono::steady_clock;
    double best = 0;
    const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
    for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
        hwy::ChosenTarget chosen;
        chosen.Update(rest & -rest);
        if (isa != HWY_DISPATCH_TABLE(name)[chosen.GetIndex()]()) continue;
        for (int i = 0; i < 40; ++i) {
            volatile float result = 0;
            float value = 0;
            const auto start = Clock::now();
            const double operations = HWY_DISPATCH_TABLE(multiply_adds)[chosen.GetIndex()](300'000, &value);
            const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
            result = value;
            static_cast<void>(result);
            best = std::max(best, operations * 1e-9 / seconds);
        }
    }
    return best;
}

}  // namespace convlens::bench
#endif
