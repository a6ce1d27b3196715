/// Frequency responses of kernels, as discrete Fourier transforms of few rows: for the kernels of networks that takes
/// less time than a fast Fourier transform of the plane.
#include "engine/filter/response.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>

namespace convlens {
namespace {

constexpr double pi = std::numbers::pi;
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float most = 0.7F;  ///< See FilterKind.

/// Returns 2 pi times the fraction of k * offset / size, which is exact also for large products.
double angle(int k, int offset, int size) {
    return 2 * pi * static_cast<double>(static_cast<long long>(k) * offset % size) / size;
}

/// Moves along the ray from zero in direction (dy, dx), a unit vector, from frequency `from` in steps of `step` to the
/// first frequency where |H| is less than `limit`. Returns NaN if there is none up to zero or up to the edge.
double first_below(const Magnitudes& m, double dy, double dx, double from, double step, double limit) {
    const double edge = 0.5 / std::max(std::abs(dy), std::abs(dx));
    double before = m.at(from * dy, from * dx);
    for (double f = from + step; f >= 0 && f <= edge; f += step) {
        const double here = m.at(f * dy, f * dx);
        if (here < limit) return f - step * (limit - here) / std::max(before - here, 1e-30);
        before = here;
    }
    return nan;
}

/// Returns the degrees from the angle of the peak, in the direction of `step`, to the first |H| below `limit` on the
/// circle; 90 if there is none.
double degrees_below(const Magnitudes& m, double frequency, double peak_angle, double step, double limit) {
    const auto on_circle = [&](double degrees) {
        const double a = peak_angle + degrees * pi / 180;
        return static_cast<double>(
            m.at(std::clamp(-frequency * std::sin(a), -0.5, 0.5), std::clamp(frequency * std::cos(a), -0.5, 0.5)));
    };
    double before = on_circle(0);
    for (double d = step; std::abs(d) <= 90; d += step) {
        const double here = on_circle(d);
        if (here < limit) return std::abs(d) - std::abs(step) * (limit - here) / std::max(before - here, 1e-30);
        before = here;
    }
    return 90;
}

/// Returns the mean of |H| over all directions, for frequencies i / size, 0 <= i <= size / 2.
std::vector<double> radial_means(const Magnitudes& m) {
    std::vector<double> means;
    for (int i = 0; i <= m.size / 2; ++i) {
        constexpr int directions = 64;
        double sum = 0;
        for (int d = 0; d < directions; ++d) {
            const double a = pi * d / directions, f = static_cast<double>(i) / m.size;
            sum += m.at(f * std::sin(a), f * std::cos(a));
        }
        means.push_back(sum / directions);
    }
    return means;
}

float cutoff_of(const Magnitudes& m) {
    const std::vector<double> means = radial_means(m);
    const double limit = *std::ranges::max_element(means) / std::numbers::sqrt2;
    if (means.back() >= limit) return nan;
    std::size_t i = means.size() - 1;
    while (means[i - 1] < limit) --i;
    const double beyond = (means[i - 1] - limit) / (means[i - 1] - means[i]);
    return static_cast<float>((static_cast<double>(i - 1) + beyond) / m.size);
}

/// Returns where a parabola through three values at -1, 0 and 1, of which the middle one is the largest, has its top.
double top_of(double before, double here, double after) {
    const double curvature = before - 2 * here + after;
    return curvature < 0 ? std::clamp((before - after) / (2 * curvature), -0.5, 0.5) : 0;
}

}  // namespace

ResponsePlan::ResponsePlan(Size2 kernel, int size) : kernel_(kernel), size_(size), columns_(size / 2 + 1) {
    assert(size >= 2 && size % 2 == 0 && kernel.h >= 1 && kernel.w >= 1);
    for (int k = 0; k < kernel.w; ++k)
        for (int x = 0; x < columns_; ++x) {
            const double a = angle(k - (kernel.w - 1) / 2, x, size);
            row_re_.push_back(static_cast<float>(std::cos(a)));
            row_im_.push_back(static_cast<float>(std::sin(a)));
        }
    for (int y = 0; y <= size / 2; ++y)
        for (int k = 0; k < kernel.h; ++k) {
            const double a = angle(k - (kernel.h - 1) / 2, y, size);
            cos_.push_back(static_cast<float>(std::cos(a)));
            sin_.push_back(static_cast<float>(std::sin(a)));
        }
}

FrequencyResponse ResponsePlan::response(std::span<const float> kernel) const {
    FrequencyResponse made;
    response(kernel, made);
    return made;
}

void ResponsePlan::response(std::span<const float> kernel, FrequencyResponse& made) const {
    const auto columns = static_cast<std::size_t>(columns_), rows = static_cast<std::size_t>(kernel_.h),
               width = static_cast<std::size_t>(kernel_.w), size = static_cast<std::size_t>(size_);
    assert(kernel.size() == rows * width);
    // The transforms of the rows, then sums of them with the cosines and sines of each frequency fy, which give the
    // samples at fy and at -fy. Blocks of columns are summed in local arrays, which the compiler keeps in registers.
    constexpr std::size_t block = 8;
    const std::size_t padded = (columns + block - 1) / block * block;
    std::vector<float> re(rows * padded, 0.0F), im(rows * padded, 0.0F);
    for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t j = 0; j < width; ++j) {
            const float w = kernel[k * width + j];
            const float *from_re = &row_re_[j * columns], *from_im = &row_im_[j * columns];
            float *to_re = &re[k * padded], *to_im = &im[k * padded];
            for (std::size_t x = 0; x < columns; ++x) to_re[x] += w * from_re[x];
            for (std::size_t x = 0; x < columns; ++x) to_im[x] += w * from_im[x];
        }
    made.size = size_;
    made.re.resize(size * columns);
    made.im.resize(size * columns);
    for (std::size_t y = 0; y <= size / 2; ++y) {
        const std::size_t up = y * columns, down = (size - y) % size * columns;
        for (std::size_t x = 0; x < columns; x += block) {
            std::array<float, block> cos_re{}, cos_im{}, sin_re{}, sin_im{};
            for (std::size_t k = 0; k < rows; ++k) {
                const float c = cos_[y * rows + k], s = sin_[y * rows + k];
                const float *row_re = &re[k * padded + x], *row_im = &im[k * padded + x];
                for (std::size_t i = 0; i < block; ++i) {
                    cos_re[i] += c * row_re[i];
                    cos_im[i] += c * row_im[i];
                    sin_re[i] += s * row_re[i];
                    sin_im[i] += s * row_im[i];
                }
            }
            const std::size_t count = std::min(block, columns - x);
            for (std::size_t i = 0; i < count; ++i) {
                made.re[down + x + i] = cos_re[i] + sin_im[i];
                made.im[down + x + i] = cos_im[i] - sin_re[i];
            }
            for (std::size_t i = 0; i < count; ++i) {
                made.re[up + x + i] = cos_re[i] - sin_im[i];
                made.im[up + x + i] = cos_im[i] + sin_re[i];
            }
        }
    }
}

float Magnitudes::sample(int y, int x) const {
    if (x < 0) x = -x, y = -y;
    return values[static_cast<std::size_t>((y % size + size) % size * (size / 2 + 1) + x)];
}

float Magnitudes::at(double fy, double fx) const {
    const double y = fy * size, x = fx * size, below_y = std::floor(y), below_x = std::floor(x);
    const int half = size / 2, y0 = std::clamp(static_cast<int>(below_y), -half, half),
              x0 = std::clamp(static_cast<int>(below_x), -half, half), y1 = std::min(y0 + 1, half),
              x1 = std::min(x0 + 1, half);
    const auto a = static_cast<float>(y - below_y), b = static_cast<float>(x - below_x);
    return (1 - a) * ((1 - b) * sample(y0, x0) + b * sample(y0, x1)) +
           a * ((1 - b) * sample(y1, x0) + b * sample(y1, x1));
}

Magnitudes magnitudes(const FrequencyResponse& response) { return magnitudes(std::span(&response, 1)); }

Magnitudes magnitudes(std::span<const FrequencyResponse> responses) {
    assert(!responses.empty());
    Magnitudes m{responses.front().size, std::vector<float>(responses.front().re.size(), 0.0F)};
    float* const to = m.values.data();
    for (const FrequencyResponse& r : responses) {
        const float *re = r.re.data(), *im = r.im.data();
        for (std::size_t i = 0; i < m.values.size(); ++i) to[i] += re[i] * re[i] + im[i] * im[i];
    }
    for (std::size_t i = 0; i < m.values.size(); ++i) to[i] = std::sqrt(to[i]);
    return m;
}

Magnitudes magnitudes(const ResponsePlan& plan, std::span<const float> kernels) {
    const auto plane = static_cast<std::size_t>(plan.kernel().h * plan.kernel().w);
    assert(!kernels.empty() && kernels.size() % plane == 0);
    Magnitudes m{plan.size(), {}};
    FrequencyResponse r;
    for (std::size_t from = 0; from < kernels.size(); from += plane) {
        plan.response(kernels.subspan(from, plane), r);
        m.values.resize(r.re.size());
        float* const to = m.values.data();
        const float *re = r.re.data(), *im = r.im.data();
        for (std::size_t i = 0; i < m.values.size(); ++i) to[i] += re[i] * re[i] + im[i] * im[i];
    }
    for (float& v : m.values) v = std::sqrt(v);
    return m;
}

const char* to_string(FilterKind kind) {
    constexpr const char* names[] = {"none", "all-pass", "low-pass", "high-pass", "band-pass"};
    return names[static_cast<int>(kind)];
}

FilterNumbers read_off(const Magnitudes& m) {
    FilterNumbers n;
    const int half = m.size / 2;
    int y = 0, x = 0;
    float least = m.sample(0, 0);
    double sum = 0, sum_cos = 0, sum_sin = 0;
    // The largest sample; of equal ones, that of the lowest frequency.
    for (int i = 0; i <= half; ++i)
        for (int j = -half; j < half; ++j) {
            if (i == 0 && j < 0) continue;  // the same as (0, -j)
            const float here = m.sample(i, j);
            if (const float best = m.sample(y, x);
                here > best * 1.00001F || (here > best * 0.99999F && i * i + j * j < y * y + x * x))
                y = i, x = j;
            least = std::min(least, here);
            if (i == 0 && j == 0) continue;
            const double power = static_cast<double>(here) * static_cast<double>(here), square = i * i + j * j;
            sum += power;
            sum_cos += power * (j * j - i * i) / square;  // cos and sin of twice the angle, where y counts upward
            sum_sin += power * -2 * i * j / square;
        }
    n.peak = m.sample(y, x);
    n.dc = m.sample(0, 0);
    if (n.peak <= 0) return n;
    n.selectivity = static_cast<float>(std::hypot(sum_cos, sum_sin) / std::max(sum, 1e-30));
    double fy = 0, fx = 0;
    if (y != 0 || x != 0) {
        const auto next = [&](int i, int j) {  // the plane repeats beyond the edges
            const int a = (i + half + m.size) % m.size - half, b = (j + half + m.size) % m.size - half;
            return static_cast<double>(m.sample(a, b));
        };
        const auto peak = static_cast<double>(n.peak);
        fy = std::clamp((y + top_of(next(y - 1, x), peak, next(y + 1, x))) / m.size, -0.5, 0.5);
        fx = std::clamp((x + top_of(next(y, x - 1), peak, next(y, x + 1))) / m.size, -0.5, 0.5);
    }
    const double frequency = std::hypot(fy, fx), direction = std::atan2(-fy, fx), limit = n.peak / 2.0,
                 step = 0.25 / m.size;
    n.frequency = static_cast<float>(frequency);
    if (frequency > 0) {
        n.orientation = static_cast<float>(std::fmod(direction * 180 / pi + 360, 180));
        if (n.orientation >= 179.995F) n.orientation = 0;
        const double dy = fy / frequency, dx = fx / frequency;
        const double low = first_below(m, dy, dx, frequency, -step, limit),
                     high = first_below(m, dy, dx, frequency, step, limit);
        n.bandwidth = low > 0 ? static_cast<float>(std::log2(high / low)) : nan;
        n.spread = static_cast<float>(std::min(180.0, degrees_below(m, frequency, direction, 1, limit) +
                                                          degrees_below(m, frequency, direction, -1, limit)));
    } else {
        n.bandwidth = nan;
        n.spread = 180;
    }
    n.cutoff = cutoff_of(m);
    if (least >= most * n.peak) {
        n.kind = FilterKind::all_pass;
    } else if (n.dc >= most * n.peak) {
        n.kind = FilterKind::low_pass;
    } else {
        const double edge = 0.5 / std::max(std::abs(fy), std::abs(fx));
        n.kind = m.at(edge * fy, edge * fx) >= most * n.peak ? FilterKind::high_pass : FilterKind::band_pass;
    }
    return n;
}

}  // namespace convlens
