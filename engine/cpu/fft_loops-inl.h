/// The vector loops of Fourier transforms, compiled once for each instruction set.
#if defined(CONVLENS_FFT_LOOPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVLENS_FFT_LOOPS_INL_H_
#undef CONVLENS_FFT_LOOPS_INL_H_
#else
#define CONVLENS_FFT_LOOPS_INL_H_
#endif

#include "engine/cpu/conv2d_tiles-inl.h"
#include "engine/cpu/fft_loops.h"

HWY_BEFORE_NAMESPACE();
namespace convlens {
namespace HWY_NAMESPACE {

/// A vector of complex numbers.
struct Complexes {
    V re, im;

    // Constructors that the compiler makes are not for the instruction set of this namespace.
    HWY_INLINE Complexes() {}
    HWY_INLINE Complexes(V real, V imaginary) : re(real), im(imaginary) {}
};

HWY_INLINE Complexes operator+(const Complexes& a, const Complexes& b) {
    return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)};
}
HWY_INLINE Complexes operator-(const Complexes& a, const Complexes& b) {
    return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)};
}
/// Returns -i a, or i a.
template <bool inverse>
HWY_INLINE Complexes quarter(const Complexes& a) {
    if constexpr (inverse) return {hn::Neg(a.im), a.re};
    return {a.im, hn::Neg(a.re)};
}
/// Returns a times the factor, or times its conjugate.
template <bool inverse>
HWY_INLINE Complexes times(const Complexes& a, const Complexes& factor) {
    if constexpr (inverse)
        return {hn::MulAdd(a.im, factor.im, hn::Mul(a.re, factor.re)),
                hn::NegMulAdd(a.re, factor.im, hn::Mul(a.im, factor.re))};
    return {hn::NegMulAdd(a.im, factor.im, hn::Mul(a.re, factor.re)),
            hn::MulAdd(a.re, factor.im, hn::Mul(a.im, factor.re))};
}

/// A strip, whose real parts begin at `re` and whose imaginary parts begin at `im`.
struct Strip {
    float *re, *im;

    HWY_INLINE Complexes load(std::ptrdiff_t i) const {
        const D d;
        return {hn::Load(d, re + i * 2 * lanes), hn::Load(d, im + i * 2 * lanes)};
    }
    HWY_INLINE void store(std::ptrdiff_t i, const Complexes& v) const {
        const D d;
        hn::Store(v.re, d, re + i * 2 * lanes);
        hn::Store(v.im, d, im + i * 2 * lanes);
    }
};

/// The transform of `radix` numbers.
template <bool inverse>
HWY_INLINE void small_transform(Complexes (&x)[2]) {
    const Complexes a = x[0];
    x[0] = a + x[1];
    x[1] = a - x[1];
}
template <bool inverse>
HWY_INLINE void small_transform(Complexes (&x)[3]) {
    const D d;
    const V half = hn::Set(d, -0.5F), root = hn::Set(d, 0.86602540378443865F);
    const Complexes sum = x[1] + x[2], difference = x[1] - x[2];
    const Complexes middle{hn::MulAdd(sum.re, half, x[0].re), hn::MulAdd(sum.im, half, x[0].im)};
    const Complexes turned = quarter<inverse>({hn::Mul(difference.re, root), hn::Mul(difference.im, root)});
    x[0] = x[0] + sum;
    x[1] = middle + turned;
    x[2] = middle - turned;
}
template <bool inverse>
HWY_INLINE void small_transform(Complexes (&x)[4]) {
    const Complexes a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], e = quarter<inverse>(x[1] - x[3]);
    x[0] = a + c;
    x[1] = b + e;
    x[2] = a - c;
    x[3] = b - e;
}

/// Transforms numbers i, i + part, ... of a strip. In the inverse, factors come first. `factors` is null for 1.
template <int radix, bool inverse>
HWY_INLINE void butterfly(const Strip& strip, std::ptrdiff_t i, std::ptrdiff_t part, const Complexes* factors) {
    Complexes x[radix];
    CONVLENS_UNROLL
    for (int k = 0; k < radix; ++k) x[k] = strip.load(i + k * part);
    if (inverse && factors) {
        CONVLENS_UNROLL
        for (int k = 1; k < radix; ++k) x[k] = times<true>(x[k], factors[k - 1]);
    }
    small_transform<inverse>(x);
    if (!inverse && factors) {
        CONVLENS_UNROLL
        for (int k = 1; k < radix; ++k) x[k] = times<false>(x[k], factors[k - 1]);
    }
    CONVLENS_UNROLL
    for (int k = 0; k < radix; ++k) strip.store(i + k * part, x[k]);
}

template <int radix, bool inverse>
HWY_INLINE void fft_step(const FftSteps::Step& step, int length, const Strip& strip) {
    const D d;
    const std::ptrdiff_t part = step.length / radix;
    for (std::ptrdiff_t i = 0; i < length; i += step.length) butterfly<radix, inverse>(strip, i, part, nullptr);
    const float* factor = step.factors.data() + 2 * (radix - 1);
    for (std::ptrdiff_t j = 1; j < part; ++j, factor += 2 * (radix - 1)) {
        Complexes factors[radix - 1];
        CONVLENS_UNROLL
        for (int k = 0; k < radix - 1; ++k) factors[k] = {hn::Set(d, factor[2 * k]), hn::Set(d, factor[2 * k + 1])};
        for (std::ptrdiff_t i = j; i < length; i += step.length) butterfly<radix, inverse>(strip, i, part, factors);
    }
}

template <bool inverse>
HWY_INLINE void fft_any_step(const FftSteps::Step& step, int length, const Strip& strip) {
    if (step.radix == 4)
        fft_step<4, inverse>(step, length, strip);
    else if (step.radix == 3)
        fft_step<3, inverse>(step, length, strip);
    else
        fft_step<2, inverse>(step, length, strip);
}

HWY_INLINE Strip strip_of(float* numbers, bool swapped) {
    return swapped ? Strip{numbers + lanes, numbers} : Strip{numbers, numbers + lanes};
}

void fft_forward(const FftSteps& steps, float* numbers, bool swapped) {
    const Strip strip = strip_of(numbers, swapped);
    for (const FftSteps::Step& step : steps.steps()) fft_any_step<false>(step, steps.length(), strip);
}

void fft_backward(const FftSteps& steps, float* numbers, bool swapped) {
    const Strip strip = strip_of(numbers, swapped);
    for (std::size_t i = steps.steps().size(); i-- > 0;) fft_any_step<true>(steps.steps()[i], steps.length(), strip);
}

void fft_load(const float* real, const float* imaginary, std::ptrdiff_t pitch, int height, float* strip) {
    const D d;
    for (int y = 0; y < height; ++y, real += pitch, imaginary += pitch, strip += 2 * lanes) {
        hn::Store(hn::LoadU(d, real), d, strip);
        hn::Store(hn::LoadU(d, imaginary), d, strip + lanes);
    }
}

void fft_turn(const float* strip, const int* rows, float* to) {
    const D d;
    for (int part = 0; part < 2; ++part) {
        V r[lanes];
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i)
            r[i] = hn::Load(d, strip + static_cast<std::ptrdiff_t>(rows[i]) * 2 * lanes + part * lanes);
        transpose(r);
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i) hn::Store(r[i], d, to + (2 * i + part) * lanes);
    }
}

void fft_turn_back(const float* numbers, const int* rows, float* to) {
    const D d;
    for (int part = 0; part < 2; ++part) {
        V r[lanes];
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i) r[i] = hn::Load(d, numbers + (2 * i + part) * lanes);
        transpose(r);
        CONVLENS_UNROLL
        for (int i = 0; i < lanes; ++i)
            hn::Store(r[i], d, to + static_cast<std::ptrdiff_t>(rows[i]) * 2 * lanes + part * lanes);
    }
}

template <bool conjugate>
HWY_INLINE void products_of(const FftProducts& job) {
    for (std::ptrdiff_t i = 0; i < job.length; ++i) {
        const D d;
        const std::ptrdiff_t at = i * 2 * lanes;
        Complexes sum{hn::Zero(d), hn::Zero(d)};
        const float *x = job.spectra + at, *w = job.kernels + at;
        for (int c = 0; c < job.channels; ++c, x += job.spectrum_pitch, w += job.kernel_pitch) {
            const V xr = hn::Load(d, x), xi = hn::Load(d, x + lanes), wr = hn::Load(d, w), wi = hn::Load(d, w + lanes);
            sum.re = hn::MulAdd(xr, wr, sum.re);
            sum.im = hn::MulAdd(xi, wr, sum.im);
            if constexpr (conjugate) {
                sum.re = hn::MulAdd(xi, wi, sum.re);
                sum.im = hn::NegMulAdd(xr, wi, sum.im);
            } else {
                sum.re = hn::NegMulAdd(xi, wi, sum.re);
                sum.im = hn::MulAdd(xr, wi, sum.im);
            }
        }
        hn::Store(sum.re, d, job.to + at);
        hn::Store(sum.im, d, job.to + at + lanes);
    }
}

void fft_products(const FftProducts& job) {
    if (job.conjugate)
        products_of<true>(job);
    else
        products_of<false>(job);
}

void fft_store(const float* strip, bool imaginary, const FftOutput& output, LaneStats* stats) {
    const D d;
    const V bias = hn::Set(d, output.bias), zero = hn::Zero(d);
    const int count = HWY_MIN(output.columns, lanes);
    const auto inside = hn::FirstN(d, static_cast<std::size_t>(count));
    V low = zero, high = zero, sum = zero, sum_abs = zero;
    if (stats) {
        low = hn::Load(d, stats->min);
        high = hn::Load(d, stats->max);
        sum = hn::Load(d, stats->sum);
        sum_abs = hn::Load(d, stats->sum_abs);
    }
    const float* from = strip + (imaginary ? lanes : 0);
    for (int y = 0; y < output.height; ++y, from += 2 * lanes) {
        const V v = hn::Add(hn::Load(d, from), bias);
        store_part(v, output.rows + y * output.pitch, count);
        if (output.rectified) store_part(hn::Max(v, zero), output.rectified + y * output.pitch, count);
        if (!stats) continue;
        low = hn::Min(low, hn::IfThenElse(inside, v, low));
        high = hn::Max(high, hn::IfThenElse(inside, v, high));
        const V counted = hn::IfThenElseZero(inside, v);
        sum = hn::Add(sum, counted);
        sum_abs = hn::Add(sum_abs, hn::Abs(counted));
    }
    if (!stats) return;
    hn::Store(low, d, stats->min);
    hn::Store(high, d, stats->max);
    hn::Store(sum, d, stats->sum);
    hn::Store(sum_abs, d, stats->sum_abs);
}

FftLoops fft_loops() {
    return {&fft_forward, &fft_backward, &fft_load, &fft_turn, &fft_turn_back, &fft_products, &fft_store};
}

}  // namespace HWY_NAMESPACE
}  // namespace convlens
HWY_AFTER_NAMESPACE();

#endif
