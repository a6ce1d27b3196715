/// Reduces maps with periodic borders.
#include "engine/filter/aliasing.h"

#include <algorithm>
#include <cmath>

#include "engine/filter/downsampling.h"
#include "engine/filter/line_filter.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, reductions> names{"stride", "max pooling", "mean pooling", "BlurPool",
                                                         "MaxBlurPool"};

int wrapped(int i, int size) { return (i % size + size) % size; }

/// Returns for every position the maximum or the mean of the s x s values that begin there.
Tensor windowed(const Tensor& planes, int s, bool mean) {
    const Shape& shape = planes.shape();
    Tensor made(shape);
    for (int c = 0; c < shape.c; ++c)
        for (int y = 0; y < shape.h; ++y)
            for (int x = 0; x < shape.w; ++x) {
                float most = -INFINITY, sum = 0;
                for (int i = 0; i < s; ++i)
                    for (int j = 0; j < s; ++j) {
                        const float v = planes.at(0, c, wrapped(y + i, shape.h), wrapped(x + j, shape.w));
                        most = std::max(most, v);
                        sum += v;
                    }
                made.at(0, c, y, x) = mean ? sum / static_cast<float>(s * s) : most;
            }
    return made;
}

/// Applies the binomial filter along one axis.
Tensor blurred(const Tensor& planes, int taps, bool vertical) {
    const Shape& shape = planes.shape();
    const std::vector<double> filter = binomial(taps);
    Tensor made(shape);
    for (int c = 0; c < shape.c; ++c)
        for (int y = 0; y < shape.h; ++y)
            for (int x = 0; x < shape.w; ++x) {
                double sum = 0;
                for (int i = 0; i < taps; ++i) {
                    const int by = i - taps / 2;
                    sum += filter[static_cast<std::size_t>(i)] *
                           static_cast<double>(planes.at(0, c, wrapped(y + (vertical ? by : 0), shape.h),
                                                         wrapped(x + (vertical ? 0 : by), shape.w)));
                }
                made.at(0, c, y, x) = static_cast<float>(sum);
            }
    return made;
}

Tensor every(const Tensor& planes, int s) {
    const Shape& shape = planes.shape();
    Tensor made({1, shape.c, shape.h / s, shape.w / s});
    for (int c = 0; c < shape.c; ++c)
        for (int y = 0; y < shape.h / s; ++y)
            for (int x = 0; x < shape.w / s; ++x) made.at(0, c, y, x) = planes.at(0, c, y * s, x * s);
    return made;
}

double mean_of(const Tensor& t) {
    double sum = 0;
    for (const float v : t.values()) sum += static_cast<double>(v);
    return sum / static_cast<double>(t.size());
}

/// Returns the sum of the products of two tensors without their means.
double centered_product(const Tensor& a, const Tensor& b) {
    const double ma = mean_of(a), mb = mean_of(b);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += (static_cast<double>(a.data()[i]) - ma) * (static_cast<double>(b.data()[i]) - mb);
    return sum;
}

double correlation(const Tensor& a, const Tensor& b) {
    const double norms = centered_product(a, a) * centered_product(b, b);
    return norms > 0 ? centered_product(a, b) / std::sqrt(norms) : NAN;
}

/// Returns the mean of the channels in the middle, with sides that are multiples of `s`.
Tensor gray_part(const Tensor& input, int s) {
    const Shape& shape = input.shape();
    Tensor made({1, 1, shape.h / s * s, shape.w / s * s}, 0.0F);
    const int top = (shape.h % s) / 2, left = (shape.w % s) / 2;
    for (int c = 0; c < shape.c; ++c)
        for (int y = 0; y < made.shape().h; ++y)
            for (int x = 0; x < made.shape().w; ++x)
                made.at(0, 0, y, x) += input.at(0, c, top + y, left + x) / static_cast<float>(shape.c);
    return made;
}

}  // namespace

std::span<const std::string_view> reduction_names() { return names; }

Tensor reduced(const Tensor& planes, Reduction how, int stride, int taps) {
    const auto blur = [&](const Tensor& t) { return every(blurred(blurred(t, taps, false), taps, true), stride); };
    switch (how) {
        case Reduction::stride: return every(planes, stride);
        case Reduction::max: return every(windowed(planes, stride, false), stride);
        case Reduction::mean: return every(windowed(planes, stride, true), stride);
        case Reduction::blur: return blur(planes);
        case Reduction::max_blur: return blur(windowed(planes, stride, false));
    }
    return {};
}

Tensor ideally_reduced(const Tensor& planes, Reduction how, int stride) {
    // The values of a window stand for its middle.
    const bool window = how == Reduction::max || how == Reduction::mean || how == Reduction::max_blur;
    const double middle = window ? -(stride - 1) / 2.0 : 0;
    return every(shifted(shifted(band_limited(planes, stride), middle, false), middle, true), stride);
}

std::optional<Expected<AliasingResult>> aliasing(const Tensor& input, const AliasingOptions& options,
                                                 const Cancel& cancel) {
    const int s = options.stride;
    if (std::min(input.shape().h, input.shape().w) < 8 * s)
        return fail("the input is {}x{}, expected at least {} pixels per side for a stride of {}", input.shape().h,
                    input.shape().w, 8 * s, s);
    AliasingResult result;
    result.input = gray_part(input, s);
    for (int k = 0; k <= 4 * s; ++k) result.shifts.push_back(k / 2.0);
    const auto count = static_cast<int>(result.shifts.size());
    for (int m = 0; m < reductions; ++m) {
        ReducedMap& made = result.methods[static_cast<std::size_t>(m)];
        const auto how = static_cast<Reduction>(m);
        made.map = reduced(result.input, how, s, options.taps);
        const Tensor ideal = ideally_reduced(result.input, how, s);
        made.wrong = made.map.clone();
        for (std::size_t i = 0; i < ideal.size(); ++i) made.wrong.data()[i] -= ideal.data()[i];
        const double all = centered_product(ideal, ideal);
        made.error = all > 0 ? std::sqrt(centered_product(made.wrong, made.wrong) / all) : NAN;
        made.moved = Tensor({count, 1, made.map.shape().h, made.map.shape().w});
        for (int k = 0; k < count; ++k) {
            if (cancel.requested()) return std::nullopt;
            const double by = result.shifts[static_cast<std::size_t>(k)];
            const Tensor after = reduced(shifted(result.input, by, false), how, s, options.taps);
            made.consistency.push_back(correlation(shifted(made.map, by / s, false), after));
            std::ranges::copy(after.values(), made.moved.plane(k, 0).begin());
            cancel.report(static_cast<float>(m * count + k) / static_cast<float>(reductions * count));
        }
    }
    return result;
}

Chart aliasing_chart(const AliasingResult& result) {
    Chart chart;
    chart.title = "Similarity of the reduced shifted image and the shifted reduced image";
    chart.x = {0, result.shifts.back(), "shift of the image (pixels)"};
    double least = 1;
    for (int m = 0; m < reductions; ++m) {
        const ReducedMap& made = result.methods[static_cast<std::size_t>(m)];
        for (const double v : made.consistency)
            if (std::isfinite(v)) least = std::min(least, v);
        chart.curves.push_back({std::string(names[static_cast<std::size_t>(m)]), curve_color(m, reductions),
                                result.shifts, made.consistency});
    }
    chart.y = {std::max(-1.0, std::floor((least - 0.02) * 20) / 20), 1.005, "correlation"};
    return chart;
}

}  // namespace convlens
