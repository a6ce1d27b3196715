/// Fourier transforms of lines by KissFFT.
#include "engine/filter/line_filter.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/filter/fft_plan.h"

namespace convlens {
namespace {

using std::numbers::pi;

/// Where the lines of a plane are.
struct Lines {
    int length, count;
    std::size_t pitch, next;  ///< From value to value of a line, and from line to line.
};

Lines lines_of(const Shape& s, bool vertical) {
    const auto w = static_cast<std::size_t>(s.w);
    return vertical ? Lines{s.h, s.w, w, 1} : Lines{s.w, s.h, 1, w};
}

}  // namespace

Tensor line_filtered(const Tensor& planes, bool vertical, const std::function<std::complex<double>(int k)>& factor) {
    const Shape& s = planes.shape();
    const Lines lines = lines_of(s, vertical);
    std::vector<kiss_fft_cpx> factors;
    for (int i = 0; i < lines.length; ++i) {
        const int k = 2 * i <= lines.length ? i : i - lines.length;
        const std::complex<double> f = factor(k) / static_cast<double>(lines.length);
        factors.push_back({static_cast<float>(f.real()), 2 * i == lines.length ? 0.0F : static_cast<float>(f.imag())});
    }
    Tensor made(s);
    parallel_for(s.n * s.c, [&](int p) {
        const FftPlan forward = fft_plan(lines.length, false), inverse = fft_plan(lines.length, true);
        std::vector<kiss_fft_cpx> line(factors.size()), spectrum(factors.size());
        for (int j = 0; j < lines.count; ++j) {
            const float* from = planes.plane(p / s.c, p % s.c).data() + static_cast<std::size_t>(j) * lines.next;
            float* to = made.plane(p / s.c, p % s.c).data() + static_cast<std::size_t>(j) * lines.next;
            for (std::size_t i = 0; i < line.size(); ++i) line[i] = {from[i * lines.pitch], 0};
            kiss_fft(forward.get(), line.data(), spectrum.data());
            for (std::size_t i = 0; i < line.size(); ++i) {
                const kiss_fft_cpx a = spectrum[i], b = factors[i];
                spectrum[i] = {a.r * b.r - a.i * b.i, a.r * b.i + a.i * b.r};
            }
            kiss_fft(inverse.get(), spectrum.data(), line.data());
            for (std::size_t i = 0; i < line.size(); ++i) to[i * lines.pitch] = line[i].r;
        }
    });
    return made;
}

Tensor shifted(const Tensor& planes, double pixels, bool vertical) {
    const Shape& s = planes.shape();
    const Lines lines = lines_of(s, vertical);
    const double whole = std::round(pixels);
    if (std::abs(pixels - whole) >= 1e-9)
        return line_filtered(planes, vertical,
                             [&](int k) { return std::polar(1.0, -2 * pi * k * pixels / lines.length); });
    const int by = static_cast<int>(std::fmod(std::fmod(whole, lines.length) + lines.length, lines.length));
    Tensor made(s);
    for (int p = 0; p < s.n * s.c; ++p)
        for (int j = 0; j < lines.count; ++j) {
            const float* from = planes.plane(p / s.c, p % s.c).data() + static_cast<std::size_t>(j) * lines.next;
            float* to = made.plane(p / s.c, p % s.c).data() + static_cast<std::size_t>(j) * lines.next;
            for (int i = 0; i < lines.length; ++i)
                to[static_cast<std::size_t>((i + by) % lines.length) * lines.pitch] =
                    from[static_cast<std::size_t>(i) * lines.pitch];
        }
    return made;
}

Tensor band_limited(const Tensor& planes, int stride) {
    const auto kept = [&](int length) {
        return [=](int k) {
            const int twice = 2 * stride * std::abs(k);
            return std::complex<double>(twice < length ? 1 : twice == length ? 0.5 : 0);
        };
    };
    return line_filtered(line_filtered(planes, false, kept(planes.shape().w)), true, kept(planes.shape().h));
}

}  // namespace convlens
