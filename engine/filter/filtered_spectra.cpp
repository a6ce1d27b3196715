/// Fourier transforms of windowed parts of pictures by KissFFT.
#include "engine/filter/filtered_spectra.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/filter/fft_plan.h"

namespace convlens {
namespace {

using Spectrum = std::vector<std::complex<double>>;

/// Returns the transform of a square plane times `window` along both axes, in the order of a FrequencyResponse, divided
/// by the sum of the window.
Spectrum transformed(std::span<const float> plane, const std::vector<double>& window) {
    const std::size_t n = window.size(), columns = n / 2 + 1;
    assert(plane.size() == n * n && n % 2 == 0);
    const RealFftPlan rows = real_fft_plan(static_cast<int>(n), false);
    const FftPlan down = fft_plan(static_cast<int>(n), false);
    std::vector<kiss_fft_cpx> numbers(n * columns), column(n);
    std::vector<float> row(n);
    for (std::size_t y = 0; y < n; ++y) {
        for (std::size_t x = 0; x < n; ++x) row[x] = plane[y * n + x] * static_cast<float>(window[y] * window[x]);
        kiss_fftr(rows.get(), row.data(), &numbers[y * columns]);
    }
    double sum = 0;
    for (const double w : window) sum += w;
    Spectrum made(n * columns);
    for (std::size_t x = 0; x < columns; ++x) {
        kiss_fft_stride(down.get(), &numbers[x], column.data(), static_cast<int>(columns));
        for (std::size_t y = 0; y < n; ++y)
            made[y * columns + x] =
                std::complex(static_cast<double>(column[y].r), static_cast<double>(column[y].i)) / (sum * sum);
    }
    return made;
}

Magnitudes magnitudes_of(const Spectrum& spectrum, int size) {
    Magnitudes m{size, {}};
    for (const auto& v : spectrum) m.values.push_back(static_cast<float>(std::abs(v)));
    return m;
}

double in_decibels(double value) { return value > 0 ? 20 * std::log10(value) : -INFINITY; }

/// Returns the root mean squares over rings of one step of frequency, from 1 / size to 0.5.
std::vector<double> radial(const Magnitudes& m) {
    const int half = m.size / 2;
    std::vector<double> squares(static_cast<std::size_t>(half) + 1), counts(squares.size());
    for (int y = -half; y < half; ++y)
        for (int x = -half; x < half; ++x) {
            const auto ring = static_cast<std::size_t>(std::lround(std::hypot(y, x)));
            if (ring >= squares.size()) continue;
            squares[ring] += std::pow(static_cast<double>(m.sample(y, x)), 2);
            counts[ring] += 1;
        }
    std::vector<double> means;
    for (std::size_t i = 1; i < squares.size(); ++i) means.push_back(std::sqrt(squares[i] / counts[i]));
    return means;
}

}  // namespace

std::optional<Expected<FilteredSpectra>> filtered_spectra(const Tensor& input, const Tensor& kernel, const Simd& simd,
                                                          const Cancel& cancel) {
    const Shape &s = input.shape(), &k = kernel.shape();
    assert(s.c == k.c);
    FilteredSpectra made;
    made.picture = {s.h, s.w};
    made.side = std::min({s.h - k.h + 1, s.w - k.w + 1, max_spectrum_side}) / 2 * 2;
    if (made.side < 8)
        return fail("a picture of {}x{} is too small for the spectra of a kernel of {}x{}, expected at least {}x{}",
                    s.h, s.w, k.h, k.w, k.h + 7, k.w + 7);
    const int n = made.side, h = n + k.h - 1, w = n + k.w - 1, cy = (k.h - 1) / 2, cx = (k.w - 1) / 2;
    Tensor part({1, s.c, h, w});
    made.before = Tensor({1, s.c, n, n});
    for (int c = 0; c < s.c; ++c) {
        double sum = 0;
        for (int y = 0; y < h; ++y)
            for (int x = 0; x < w; ++x) {
                part.at(0, c, y, x) = input.at(0, c, (s.h - h) / 2 + y, (s.w - w) / 2 + x);
                sum += static_cast<double>(part.at(0, c, y, x));
            }
        const auto mean = static_cast<float>(sum / static_cast<double>(part.shape().plane()));
        for (float& v : part.plane(0, c)) v -= mean;
        for (int y = 0; y < n; ++y)
            for (int x = 0; x < n; ++x) made.before.at(0, c, y, x) = part.at(0, c, y + cy, x + cx);
    }
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(kernel.clone());
    made.after = Tensor({1, 1, n, n});
    if (!conv2d_forward(conv, part, simd, cancel, made.after)) return std::nullopt;
    std::vector<double> window;
    for (int i = 0; i < n; ++i) window.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / n));
    const ResponsePlan plan({k.h, k.w}, n);
    const Spectrum output = transformed(made.after.plane(0, 0), window);
    Spectrum product(output.size());
    std::vector<double> squares(output.size());
    for (int c = 0; c < s.c; ++c) {
        if (cancel.requested()) return std::nullopt;
        const Spectrum x = transformed(made.before.plane(0, c), window);
        const FrequencyResponse response = plan.response(kernel.plane(0, c));
        for (std::size_t i = 0; i < x.size(); ++i) {
            squares[i] += std::norm(x[i]);
            product[i] += x[i] * std::complex(static_cast<double>(response.re[i]), static_cast<double>(response.im[i]));
        }
    }
    made.input.size = n;
    for (const double v : squares) made.input.values.push_back(static_cast<float>(std::sqrt(v)));
    made.product = magnitudes_of(product, n);
    made.output = magnitudes_of(output, n);
    double all = 0, different = 0;
    for (std::size_t i = 0; i < output.size(); ++i)
        all += std::norm(output[i]), different += std::norm(output[i] - product[i]);
    made.difference = all > 0 ? std::sqrt(different / all) : 0;
    return made;
}

Chart spectra_chart(const FilteredSpectra& spectra, const Magnitudes& h) {
    Chart chart;
    chart.title = "Spectra before and after the kernel, over all directions";
    chart.x = {0, 0.5, "frequency (cycles per pixel)"};
    chart.y = {-80, 5, "root mean square (dB)"};
    const double input = *std::ranges::max_element(spectra.input.values), gain = *std::ranges::max_element(h.values);
    const struct {
        const char* name;
        const Magnitudes& m;
        double largest;
    } rows[] = {{"input", spectra.input, input},
                {"response", h, gain},
                {"input x response", spectra.product, input * gain},
                {"output", spectra.output, input * gain}};
    for (const auto& row : rows) {
        ChartCurve curve{row.name, curve_color(static_cast<int>(chart.curves.size()), 4), {}, {}};
        const std::vector<double> means = radial(row.m);
        for (int i = 1; i <= spectra.side / 2; ++i) {
            // Rings of the response have other frequencies than those of the spectra.
            const double f = static_cast<double>(i) / spectra.side, at = f * row.m.size - 1;
            const auto below = static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(means.size() - 1))),
                       above = std::min(below + 1, means.size() - 1);
            const double part = std::clamp(at - static_cast<double>(below), 0.0, 1.0);
            curve.x.push_back(f);
            curve.y.push_back(in_decibels(((1 - part) * means[below] + part * means[above]) / row.largest));
        }
        chart.curves.push_back(std::move(curve));
    }
    return chart;
}

}  // namespace convlens
