/// Plans of KissFFT's transforms, which free themselves.
#pragma once

#include <kiss_fft.h>
#include <kiss_fftr.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace convlens {

struct FreeFftPlan {
    void operator()(void* plan) const { std::free(plan); }  // as KissFFT's documentation says
};
/// A transform of complex numbers, and one between real numbers and half of their spectrum.
using FftPlan = std::unique_ptr<kiss_fft_state, FreeFftPlan>;
using RealFftPlan = std::unique_ptr<kiss_fftr_state, FreeFftPlan>;

/// Returns a plan for `length` numbers, even for a RealFftPlan. The inverse transform is not divided by the length.
inline FftPlan fft_plan(int length, bool inverse) {
    FftPlan plan(kiss_fft_alloc(length, inverse ? 1 : 0, nullptr, nullptr));
    if (!plan) throw std::bad_alloc();
    return plan;
}
inline RealFftPlan real_fft_plan(int length, bool inverse) {
    RealFftPlan plan(kiss_fftr_alloc(length, inverse ? 1 : 0, nullptr, nullptr));
    if (!plan) throw std::bad_alloc();
    return plan;
}

}  // namespace convlens
