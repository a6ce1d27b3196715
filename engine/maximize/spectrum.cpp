/// Real Fourier transforms of planes by KissFFT: of the rows, then of the columns. KissFFT's own transform of several
/// axes (kiss_fftndr, version 131.1.0) can't be made for 128x128.
#include "engine/maximize/spectrum.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include "engine/filter/fft_plan.h"

namespace convlens {

struct Spectrum::Work {
    Size2 size;
    int columns = 0;           ///< Complex numbers in a row of the spectrum.
    std::vector<float> scale;  ///< S(f) / (4 H W): KissFFT's inverse transform is not divided by H W.
    std::vector<bool> passes;  ///< Whether the low-pass filter keeps at least a tenth of a frequency.
    std::vector<kiss_fft_cpx> numbers, column;
    FftPlan columns_inverse, columns_forward;
    RealFftPlan rows_inverse, rows_forward;

    /// Transforms all columns of `numbers`.
    void transform_columns(const FftPlan& plan) {
        for (int x = 0; x < columns; ++x) {
            kiss_fft_stride(plan.get(), &numbers[static_cast<std::size_t>(x)], column.data(), columns);
            for (int y = 0; y < size.h; ++y)
                numbers[static_cast<std::size_t>(y * columns + x)] = column[static_cast<std::size_t>(y)];
        }
    }

    /// Sets `numbers` to the transform of a plane.
    void transform(std::span<const float> plane) {
        assert(plane.size() == static_cast<std::size_t>(size.h * size.w));
        for (int y = 0; y < size.h; ++y)
            kiss_fftr(rows_forward.get(), &plane[static_cast<std::size_t>(y * size.w)],
                      &numbers[static_cast<std::size_t>(y * columns)]);
        transform_columns(columns_forward);
    }
};

Spectrum::Spectrum(Size2 size, float low_pass)
    : work_(new Work{size,
                     size.w / 2 + 1,
                     {},
                     {},
                     {},
                     {},
                     fft_plan(size.h, true),
                     fft_plan(size.h, false),
                     real_fft_plan(size.w, true),
                     real_fft_plan(size.w, false)}) {
    static_assert(sizeof(kiss_fft_scalar) == sizeof(float), "KissFFT must be built for float");
    assert(size.w % 2 == 0);
    const double values = static_cast<double>(size.h) * size.w, least = 1.0 / std::max(size.h, size.w);
    for (int y = 0; y < size.h; ++y)
        for (int x = 0; x < work_->columns; ++x) {
            const double u = static_cast<double>(y <= (size.h - 1) / 2 ? y : y - size.h) / size.h,
                         v = static_cast<double>(x) / size.w, f = std::hypot(u, v);
            const double kept = low_pass > 0 ? std::exp(-std::pow(f / static_cast<double>(low_pass), 4)) : 1.0;
            work_->passes.push_back(kept >= 0.1);
            work_->scale.push_back(static_cast<float>(std::sqrt(values) / std::max(f, least) * kept / (4 * values)));
        }
    work_->numbers.resize(work_->scale.size());
    work_->column.resize(static_cast<std::size_t>(size.h));
}

Spectrum::~Spectrum() = default;
Spectrum::Spectrum(Spectrum&&) noexcept = default;
Spectrum& Spectrum::operator=(Spectrum&&) noexcept = default;

std::size_t Spectrum::count() const { return 2 * work_->scale.size(); }

void Spectrum::to_plane(std::span<const float> spectrum, std::span<float> plane) {
    Work& w = *work_;
    assert(spectrum.size() == count() && plane.size() == static_cast<std::size_t>(w.size.h * w.size.w));
    for (std::size_t i = 0; i < w.scale.size(); ++i)
        w.numbers[i] = {spectrum[2 * i] * w.scale[i], spectrum[2 * i + 1] * w.scale[i]};
    w.transform_columns(w.columns_inverse);
    for (int y = 0; y < w.size.h; ++y)
        kiss_fftri(w.rows_inverse.get(), &w.numbers[static_cast<std::size_t>(y * w.columns)],
                   &plane[static_cast<std::size_t>(y * w.size.w)]);
}

void Spectrum::from_plane(std::span<const float> plane, std::span<float> spectrum) {
    Work& w = *work_;
    assert(spectrum.size() == count());
    w.transform(plane);
    for (std::size_t i = 0; i < w.scale.size(); ++i) {
        const float factor = w.passes[i] ? 1.0F / (w.scale[i] * static_cast<float>(plane.size())) : 0.0F;
        spectrum[2 * i] = w.numbers[i].r * factor;
        spectrum[2 * i + 1] = w.numbers[i].i * factor;
    }
}

void Spectrum::to_gradient(std::span<const float> plane, std::span<float> spectrum) {
    Work& w = *work_;
    assert(spectrum.size() == count());
    w.transform(plane);
    for (std::size_t i = 0; i < w.scale.size(); ++i) {
        // Each column but the first and the last stands for two columns of the complete spectrum.
        const auto x = static_cast<int>(i % static_cast<std::size_t>(w.columns));
        const float factor = w.scale[i] * (x == 0 || x == w.columns - 1 ? 1.0F : 2.0F);
        spectrum[2 * i] = w.numbers[i].r * factor;
        spectrum[2 * i + 1] = w.numbers[i].i * factor;
    }
}

}  // namespace convlens
