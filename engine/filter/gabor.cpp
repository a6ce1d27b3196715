/// Least squares by Levenberg and Marquardt: Press et al., Numerical Recipes, section 15.5.
#include "engine/filter/gabor.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

#include "engine/filter/response.h"

namespace convlens {
namespace {

constexpr double pi = std::numbers::pi;
constexpr std::size_t min_values = 16, max_values = 4096;
constexpr int response_size = 64, max_steps = 60;
constexpr double enough = 1e-7;  ///< The fit ends when a step improves the sum of squares by less than this part.

/// The parameters: the wave is even cos(2 pi f u) + odd sin(2 pi f u), the Gaussian has the logarithms of its sigmas.
enum Parameter : std::size_t { even, odd, center_x, center_y, angle, frequency, log_u, log_v, parameters };
using Vector = std::array<double, parameters>;
using Matrix = std::array<Vector, parameters>;

/// The function and, unless `slopes` is null, its derivatives at a position.
double value_at(const Vector& p, double y, double x, Vector* slopes) {
    const double c = std::cos(p[angle]), s = std::sin(p[angle]), dx = x - p[center_x], dy = y - p[center_y];
    const double u = dx * c - dy * s, v = dx * s + dy * c;
    const double uu = u * u * std::exp(-2 * p[log_u]), vv = v * v * std::exp(-2 * p[log_v]);
    const double envelope = std::exp(-(uu + vv) / 2), turn = 2 * pi * p[frequency];
    const double wave_cos = std::cos(turn * u), wave_sin = std::sin(turn * u);
    const double wave = p[even] * wave_cos + p[odd] * wave_sin, value = envelope * wave;
    if (!slopes) return value;
    const double turned = envelope * (p[odd] * wave_cos - p[even] * wave_sin);  // by 2 pi f u
    const double by_u = turn * turned - value * u * std::exp(-2 * p[log_u]),
                 by_v = -value * v * std::exp(-2 * p[log_v]);
    *slopes = {envelope * wave_cos, envelope * wave_sin, -c * by_u - s * by_v, s * by_u - c * by_v,
               u * by_v - v * by_u, turned * 2 * pi * u, value * uu,           value * vv};
    return value;
}

/// Solves A x = b for the first `count` rows of a positive definite matrix (Cholesky). Returns false if it is not one.
bool solve(Matrix a, Vector b, std::size_t count, Vector& x) {
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = a[i][j];
            for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
            if (i == j && !(sum > 0)) return false;
            a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
        }
        for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (std::size_t i = count; i-- > 0;) {
        for (std::size_t k = i + 1; k < count; ++k) b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
    x = b;
    return true;
}

/// A kernel to fit to.
struct Problem {
    std::span<const float> kernel;
    Size2 size;

    double error(const Vector& p) const {
        double sum = 0;
        for (int y = 0, i = 0; y < size.h; ++y)
            for (int x = 0; x < size.w; ++x, ++i) {
                const double difference =
                    static_cast<double>(kernel[static_cast<std::size_t>(i)]) - value_at(p, y, x, nullptr);
                sum += difference * difference;
            }
        return sum;
    }

    /// Fills the normal equations of the first `count` parameters' slopes and of the differences.
    void normal(const Vector& p, std::size_t count, Matrix& products, Vector& right) const {
        products = {};
        right = {};
        Vector slopes;
        for (int y = 0, n = 0; y < size.h; ++y)
            for (int x = 0; x < size.w; ++x, ++n) {
                const double difference =
                    static_cast<double>(kernel[static_cast<std::size_t>(n)]) - value_at(p, y, x, &slopes);
                for (std::size_t i = 0; i < count; ++i) {
                    right[i] += slopes[i] * difference;
                    for (std::size_t j = 0; j <= i; ++j) products[i][j] += slopes[i] * slopes[j];
                }
            }
    }

    /// Keeps the function within the kernel, where the data say something about it.
    void limit(Vector& p) const {
        const double side = std::max(size.h, size.w);
        p[center_x] = std::clamp(p[center_x], -0.5, size.w - 0.5);
        p[center_y] = std::clamp(p[center_y], -0.5, size.h - 0.5);
        p[frequency] = std::clamp(p[frequency], 0.0, std::numbers::sqrt2 / 2);
        for (const std::size_t i : {log_u, log_v}) p[i] = std::clamp(p[i], std::log(0.4), std::log(4 * side));
    }

    /// Improves `p`, and returns the sum of the squares of its differences.
    double fit(Vector& p) const {
        double best = error(p), damping = 1e-2;
        for (int step = 0; step < max_steps; ++step) {
            Matrix products;
            Vector right;
            normal(p, parameters, products, right);
            bool better = false;
            for (int attempt = 0; attempt < 8 && !better; ++attempt, damping *= 5) {
                Matrix damped = products;
                for (std::size_t i = 0; i < parameters; ++i)
                    damped[i][i] += damping * std::max(products[i][i], 1e-12 * best);
                Vector change;
                if (!solve(damped, right, parameters, change)) continue;
                Vector next = p;
                for (std::size_t i = 0; i < parameters; ++i) next[i] += change[i];
                limit(next);
                const double found = error(next);
                if (!(found < best)) continue;
                better = true;
                const bool done = best - found < enough * best;
                p = next;
                best = found;
                damping /= 50;  // 10 after the loop's factor
                if (done) return best;
            }
            if (!better) return best;
        }
        return best;
    }
};

}  // namespace

std::vector<double> gabor_values(const Gabor& g, Size2 size) {
    const double phase = g.phase * pi / 180;
    const Vector p{g.amplitude * std::cos(phase),
                   -g.amplitude * std::sin(phase),
                   g.center_x,
                   g.center_y,
                   g.orientation * pi / 180,
                   1 / g.wavelength,
                   std::log(g.sigma_u),
                   std::log(g.sigma_v)};
    std::vector<double> values;
    for (int y = 0; y < size.h; ++y)
        for (int x = 0; x < size.w; ++x) values.push_back(value_at(p, y, x, nullptr));
    return values;
}

std::optional<Gabor> fit_gabor(std::span<const float> kernel, Size2 size) {
    assert(kernel.size() == static_cast<std::size_t>(size.h) * static_cast<std::size_t>(size.w));
    double energy = 0, sum_y = 0, sum_x = 0;
    for (int y = 0, i = 0; y < size.h; ++y)
        for (int x = 0; x < size.w; ++x, ++i) {
            const auto value = static_cast<double>(kernel[static_cast<std::size_t>(i)]);
            energy += value * value;
            sum_y += value * value * y;
            sum_x += value * value * x;
        }
    if (!(energy > 0) || kernel.size() < min_values || kernel.size() > max_values) return std::nullopt;
    const FilterNumbers numbers = read_off(magnitudes(ResponsePlan(size, response_size).response(kernel)));
    const Problem problem{kernel, size};
    const double side = std::max(size.h, size.w);
    Vector best{};
    double error = 2 * energy;
    for (const double sigma : {0.12, 0.22, 0.4}) {
        Vector p{0, 0, sum_x / energy, sum_y / energy, 0, 0, std::log(sigma * side), std::log(sigma * side)};
        p[angle] = static_cast<double>(numbers.orientation) * pi / 180;
        p[frequency] = std::max(static_cast<double>(numbers.frequency), 0.25 / side);
        problem.limit(p);
        Matrix products;
        Vector right, start;
        problem.normal(p, 2, products, right);  // the function depends linearly on the first two
        for (const std::size_t i : {even, odd}) products[i][i] += 1e-9 * energy;
        if (solve(products, right, 2, start)) p[even] = start[even], p[odd] = start[odd];
        if (const double found = problem.fit(p); found < error) error = found, best = p;
    }
    Gabor g;
    g.amplitude = std::hypot(best[even], best[odd]);
    g.wavelength = 1 / std::max(best[frequency], 1e-6);
    double degrees = std::fmod(best[angle] * 180 / pi, 360), phase = std::atan2(-best[odd], best[even]) * 180 / pi;
    if (degrees < 0) degrees += 360;
    if (degrees >= 180) degrees -= 180, phase = -phase;  // the same wave, seen from the other side
    g.orientation = degrees;
    g.phase = phase;
    g.sigma_u = std::exp(best[log_u]);
    g.sigma_v = std::exp(best[log_v]);
    g.center_x = best[center_x];
    g.center_y = best[center_y];
    g.residual = std::sqrt(std::min(error / energy, 1.0));
    return g;
}

}  // namespace convlens
