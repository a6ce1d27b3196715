/// Least squares over the grid of the discrete Fourier transform.
#include "engine/filter/band_filter.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "engine/core/sentence.h"
#include "engine/filter/normal_equations.h"
#include "engine/filter/response.h"

namespace convlens {
namespace {

constexpr int samples = band_samples, half = samples / 2;

/// Sums of the cosines of the frequencies in the band, at offsets of less than `reach` pixels.
class Cosines {
  public:
    Cosines(const std::vector<bool>& wanted, int reach) : reach_(reach) {
        const auto columns = static_cast<std::size_t>(reach);
        std::vector<double> cos_of(samples), sin_of(samples);
        for (std::size_t i = 0; i < samples; ++i) {
            const double a = 2 * std::numbers::pi * static_cast<double>(i) / samples;
            cos_of[i] = std::cos(a), sin_of[i] = std::sin(a);
        }
        const auto turn = [](int frequency, int offset) {
            return static_cast<std::size_t>(((frequency * offset) % samples + samples) % samples);
        };
        // Along the rows of the grid, then along its columns.
        std::vector<double> re(samples * columns), im(samples * columns);
        for (int y = 0; y < samples; ++y)
            for (int x = 0; x < samples; ++x) {
                if (!wanted[static_cast<std::size_t>(y * samples + x)]) continue;
                for (int m = 0; m < reach; ++m) {
                    const auto to = static_cast<std::size_t>(y) * columns + static_cast<std::size_t>(m);
                    re[to] += cos_of[turn(x - half, m)];
                    im[to] += sin_of[turn(x - half, m)];
                }
            }
        for (int n = -reach + 1; n < reach; ++n)
            for (std::size_t m = 0; m < columns; ++m) {
                double sum = 0;
                for (int y = 0; y < samples; ++y) {
                    const auto from = static_cast<std::size_t>(y) * columns + m;
                    sum += cos_of[turn(y - half, n)] * re[from] - sin_of[turn(y - half, n)] * im[from];
                }
                sums_.push_back(sum);
            }
    }

    /// Returns the sum of cos(2 pi (fy y + fx x)).
    double at(int y, int x) const {
        if (x < 0) x = -x, y = -y;
        return sums_[static_cast<std::size_t>((y + reach_ - 1) * reach_ + x)];
    }

  private:
    int reach_;
    std::vector<double> sums_;
};

struct Offset {
    int y, x;
    double count;  ///< Values of the kernel at this offset and at its opposite.
};

/// Returns the middle of the kernel and one of each two opposite offsets.
std::vector<Offset> offsets(int side) {
    std::vector<Offset> all;
    const int reach = side / 2;
    for (int y = 0; y <= reach; ++y)
        for (int x = y == 0 ? 0 : -reach; x <= reach; ++x) all.push_back({y, x, y == 0 && x == 0 ? 1.0 : 2.0});
    return all;
}

}  // namespace

bool Band::contains(double fy, double fx) const {
    const double f = std::hypot(fy, fx);
    if (f < lowest - 1e-9 || f > highest + 1e-9) return false;
    if (spread >= 180 || f == 0) return true;
    const double angle = std::atan2(-fy, fx) * 180 / std::numbers::pi;
    return std::abs(std::remainder(angle - orientation, 180)) <= spread / 2 + 1e-9;
}

Expected<BandFilter> band_filter(const Band& band, int side, double outside) {
    assert(side >= 1 && side <= max_band_kernel && side % 2 == 1 && outside > 0);
    std::vector<bool> wanted;
    for (int y = 0; y < samples; ++y)
        for (int x = 0; x < samples; ++x)
            wanted.push_back(
                band.contains(static_cast<double>(y - half) / samples, static_cast<double>(x - half) / samples));
    BandFilter made;
    made.frequencies = static_cast<int>(std::ranges::count(wanted, true));
    if (made.frequencies == 0)
        return fail("no frequency of {0}x{0} samples lies in the band from {1:.3g} to {2:.3g} cycles per pixel",
                    samples, band.lowest, band.highest);
    const Cosines sums(wanted, side);
    const std::vector<Offset> basis = offsets(side);
    const std::size_t n = basis.size();
    // H = sum over p of v[p] count[p] cos(2 pi f p). The sum of weight cos(f p) cos(f q) is that of the cosines of p -
    // q and p + q, where the weight is `outside` everywhere, which only the offset zero sees, and 1 - outside in the
    // band.
    std::vector<double> a(n * n), values(n);
    const double everywhere = outside * samples * samples;
    for (std::size_t i = 0; i < n; ++i) {
        const Offset& p = basis[i];
        values[i] = p.count * sums.at(p.y, p.x);
        for (std::size_t j = 0; j <= i; ++j) {
            const Offset& q = basis[j];
            double sum = (1 - outside) * (sums.at(p.y - q.y, p.x - q.x) + sums.at(p.y + q.y, p.x + q.x)) / 2;
            if (i == j) sum += everywhere * (i == 0 ? 1 : 0.5);
            a[i * n + j] = p.count * q.count * sum;
        }
    }
    if (!solve_normal_equations(a, values)) return fail("the normal equations of the band have no solution");
    made.kernel = Tensor({1, 1, side, side});
    for (std::size_t i = 0; i < n; ++i)
        for (const int sign : {1, -1})
            made.kernel.at(0, 0, side / 2 + sign * basis[i].y, side / 2 + sign * basis[i].x) =
                static_cast<float>(values[i]);
    const FrequencyResponse h = ResponsePlan({side, side}, samples).response(made.kernel.values());
    double squares = 0;
    for (int y = -half; y < half; ++y)
        for (int x = -half; x < half; ++x) {
            const int sign = x < 0 ? -1 : 1;
            const auto value = static_cast<double>(h.at((sign * y + samples) % samples, sign * x).real());
            const bool in = wanted[static_cast<std::size_t>((y + half) * samples + x + half)];
            squares += in ? (value - 1) * (value - 1) : outside * value * value;
            if (in)
                made.passed += value / made.frequencies;
            else
                made.leaked = std::max(made.leaked, std::abs(value));
        }
    made.error = std::sqrt(squares / made.frequencies);
    return made;
}

Chart band_chart(const Band& band, const BandFilter& filter) {
    Chart chart;
    chart.title = sentence("Response in the direction of {:.3g} degrees", band.orientation);
    const double a = band.orientation * std::numbers::pi / 180, fx = std::cos(a), fy = -std::sin(a),
                 end = 0.5 / std::max(std::abs(fx), std::abs(fy));
    chart.x = {0, end, "frequency (cycles per pixel)"};
    ChartCurve wanted{"wanted", curve_color(0, 2), {}, {}}, reached{"the kernel", curve_color(1, 2), {}, {}};
    const Shape& s = filter.kernel.shape();
    double least = 0, most = 1;
    for (int i = 0; i <= 200; ++i) {
        const double f = end * i / 200;
        double h = 0;
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x)
                h += static_cast<double>(filter.kernel.at(0, 0, y, x)) *
                     std::cos(2 * std::numbers::pi * f * (fy * (y - s.h / 2) + fx * (x - s.w / 2)));
        wanted.x.push_back(f), reached.x.push_back(f);
        wanted.y.push_back(band.contains(f * fy, f * fx) ? 1 : 0), reached.y.push_back(h);
        least = std::min(least, h), most = std::max(most, h);
    }
    chart.y = {std::floor(least * 10) / 10, std::ceil(most * 10 + 0.2) / 10, "H"};
    chart.curves = {std::move(wanted), std::move(reached)};
    return chart;
}

}  // namespace convlens
