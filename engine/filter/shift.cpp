/// Runs a network on shifted inputs and compares its layers.
#include "engine/filter/shift.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/parallel.h"
#include "engine/filter/line_filter.h"
#include "engine/nn/receptive_fields.h"

namespace convlens {
namespace {

using std::numbers::pi;

/// Lanczos' kernel with 3 lobes.
double lanczos(double x) {
    if (std::abs(x) < 1e-9) return 1;
    return std::abs(x) >= 3 ? 0 : 3 * std::sin(pi * x) * std::sin(pi * x / 3) / (pi * pi * x * x);
}

/// Interpolates at position p - shift: the first neighbor's index minus p, and the weights.
struct Interpolation {
    int first = 0;
    std::vector<double> weights;
};

Interpolation interpolation(double shift) {
    const double whole = std::round(shift);
    if (std::abs(shift - whole) < 1e-9) return {-static_cast<int>(whole), {1}};
    Interpolation made{static_cast<int>(std::floor(-shift)) - 2, {}};
    double sum = 0;
    for (int i = 0; i < 6; ++i) sum += made.weights.emplace_back(lanczos(-shift - (made.first + i)));
    for (double& w : made.weights) w /= sum;
    return made;
}

/// Rows and columns that are compared.
struct Area {
    int y0 = 0, y1 = 0, x0 = 0, x1 = 0;
};

/// Returns the positions whose receptive field [first + i jump, + size) lies within 0..length; `moved` pixels at the
/// beginning do not count.
std::pair<int, int> inside(int count, int first, int jump, int size, int length, double moved) {
    int begin = 0, end = count;
    while (begin < end && first + begin * jump < moved - 1e-9) ++begin;
    while (end > begin && first + (end - 1) * jump + size > length) --end;
    return {begin, end};
}

Area area_of(const Tensor& map, const ReceptiveFields& fields, const Shape& input, double pixels,
             const ShiftOptions& options) {
    const Shape& s = map.shape();
    const double dy = options.vertical ? pixels : 0, dx = options.vertical ? 0 : pixels;
    if (options.inside) {
        const auto [y0, y1] = inside(s.h, fields.top, fields.jump.h, fields.size.h, input.h, dy);
        const auto [x0, x1] = inside(s.w, fields.left, fields.jump.w, fields.size.w, input.w, dx);
        return {y0, y1, x0, x1};
    }
    const auto first = [](double moved, int jump) { return static_cast<int>(std::ceil(moved / jump - 1e-9)); };
    return {std::min(first(dy, fields.jump.h), s.h), s.h, std::min(first(dx, fields.jump.w), s.w), s.w};
}

/// Returns the cosine similarity of `after` with `before`, which is shifted by `shift` values, within `area`.
double cosine(const Tensor& before, const Tensor& after, double shift, bool vertical, const Area& area) {
    const Shape& s = before.shape();
    const Interpolation between = interpolation(shift);
    struct Sums {
        double product = 0, before = 0, after = 0;
    };
    std::vector<Sums> sums(static_cast<std::size_t>(s.c));
    parallel_for(s.c, [&](int c) {
        Sums& sum = sums[static_cast<std::size_t>(c)];
        const auto from = before.plane(0, c), to = after.plane(0, c);
        for (int y = area.y0; y < area.y1; ++y)
            for (int x = area.x0; x < area.x1; ++x) {
                double value = 0;
                for (std::size_t i = 0; i < between.weights.size(); ++i) {
                    const int step = between.first + static_cast<int>(i);
                    const int sy = vertical ? std::clamp(y + step, 0, s.h - 1) : y,
                              sx = vertical ? x : std::clamp(x + step, 0, s.w - 1);
                    value += between.weights[i] * static_cast<double>(from[static_cast<std::size_t>(sy * s.w + sx)]);
                }
                const auto other = static_cast<double>(to[static_cast<std::size_t>(y * s.w + x)]);
                sum.product += value * other, sum.before += value * value, sum.after += other * other;
            }
    });
    Sums all;
    for (const Sums& sum : sums) all.product += sum.product, all.before += sum.before, all.after += sum.after;
    return all.before > 0 && all.after > 0 ? all.product / std::sqrt(all.before * all.after) : NAN;
}

/// Runs all layers; the first result is the input itself. Returns false if canceled.
Expected<bool> run_all(const Network& network, const Tensor& input, const Cancel& cancel, std::vector<Tensor>& maps) {
    maps.resize(network.layers.size() + 1);
    maps[0] = input.clone();
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const auto ran = run_layer(network.layers[i], maps[i], cancel, maps[i + 1]);
        if (!ran || !*ran || cancel.requested()) return ran ? Expected<bool>(false) : ran;
    }
    return true;
}

}  // namespace

double ShiftCurves::mean(const std::vector<double>& values) {
    double sum = 0;
    int count = 0;
    for (const double v : values)
        if (std::isfinite(v)) sum += v, ++count;
    return count > 0 ? sum / count : NAN;
}

std::optional<Expected<ShiftCurves>> shift_curves(const Network& original, const Tensor& input,
                                                  const ShiftOptions& options, int channel, const Cancel& cancel) {
    const Network network = downsampled(original, input.shape().c, options.down);
    std::vector<Tensor> before, after;
    auto ran = run_all(network, input, cancel, before);
    if (!ran) return tl::unexpected(ran.error());
    if (!*ran) return std::nullopt;
    ShiftCurves curves;
    std::vector<ReceptiveFields> fields{ReceptiveFields{{1, 1}, {1, 1}, 0, 0}};
    for (std::size_t i = 0; i < network.layers.size(); ++i)
        fields.push_back(receptive_fields(network, input.shape(), static_cast<int>(i)));
    for (std::size_t i = 0; i < fields.size(); ++i)
        curves.layers.push_back({i == 0 ? "input" : network.layers[i - 1].name,
                                 before[i].shape(),
                                 options.vertical ? fields[i].jump.h : fields[i].jump.w,
                                 {},
                                 {}});
    const int count = static_cast<int>(std::floor(options.reach * options.steps_per_pixel + 1e-9)) + 1;
    const Shape& last = before.back().shape();
    if (channel < 0 || channel >= last.c)
        return fail("channel {} does not exist: {} has channels 0 to {}", channel, curves.layers.back().name,
                    last.c - 1);
    curves.maps = Tensor({count, 1, last.h, last.w});
    for (int k = 0; k < count; ++k) {
        const double pixels = static_cast<double>(k) / options.steps_per_pixel;
        curves.shifts.push_back(pixels);
        ran = run_all(network, shifted(input, pixels, options.vertical), cancel, after);
        if (!ran) return tl::unexpected(ran.error());
        if (!*ran) return std::nullopt;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            ShiftedLayer& layer = curves.layers[i];
            if (cancel.requested()) return std::nullopt;
            layer.consistency.push_back(cosine(before[i], after[i], pixels / layer.jump, options.vertical,
                                               area_of(after[i], fields[i], input.shape(), pixels, options)));
            layer.invariance.push_back(
                cosine(before[i], after[i], 0, options.vertical, {0, layer.shape.h, 0, layer.shape.w}));
        }
        std::ranges::copy(after.back().plane(0, channel), curves.maps.plane(k, 0).begin());
        cancel.report(static_cast<float>(k + 1) / static_cast<float>(count));
    }
    return curves;
}

Chart shift_chart(const ShiftCurves& curves, const ShiftOptions& options, bool invariance) {
    Chart chart;
    chart.title = invariance ? "Similarity of the outputs for the shifted and for the unshifted image"
                             : "Similarity of the output for the shifted image and the shifted output";
    chart.x = {0, options.reach, "shift of the image (pixels)"};
    double least = 1;
    const int count = static_cast<int>(curves.layers.size());
    for (int i = 0; i < count; ++i) {
        const ShiftedLayer& layer = curves.layers[static_cast<std::size_t>(i)];
        const auto& values = invariance ? layer.invariance : layer.consistency;
        for (const double v : values)
            if (std::isfinite(v)) least = std::min(least, v);
        chart.curves.push_back({layer.name, curve_color(i, count), curves.shifts, values});
    }
    chart.y = {std::max(-1.0, std::floor((least - 0.02) * 20) / 20), 1.005, "cosine similarity"};
    return chart;
}

}  // namespace convlens
