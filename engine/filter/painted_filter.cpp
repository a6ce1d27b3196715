/// Ridge regression over patches.
#include "engine/filter/painted_filter.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/core/parallel.h"
#include "engine/filter/normal_equations.h"

namespace convlens {
namespace {

constexpr std::size_t max_unknowns = 2000;

struct Sample {
    int y, x;
    double paint;  ///< 1 or -1
};

/// Returns the pixels with two kinds of paint.
std::vector<Sample> painted(const PaintedImage& image, Paint no, Paint yes) {
    std::vector<Sample> found;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const Paint p = image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                                         static_cast<std::size_t>(x)];
            if (p == no || p == yes) found.push_back({y, x, p == yes ? 1.0 : -1.0});
        }
    return found;
}

std::vector<Sample> at_most(std::vector<Sample> samples, std::size_t count) {
    if (samples.size() <= count) return samples;
    std::vector<Sample> kept;
    for (std::size_t i = 0; i < count; ++i) kept.push_back(samples[i * samples.size() / count]);
    return kept;
}

/// Writes the patch around a pixel.
void patch_at(const Tensor& input, int side, const Sample& at, double* to) {
    const Shape& s = input.shape();
    for (int c = 0; c < s.c; ++c)
        for (int i = 0; i < side; ++i)
            for (int j = 0; j < side; ++j) {
                const int y = at.y + i - side / 2, x = at.x + j - side / 2;
                *to++ = y < 0 || x < 0 || y >= s.h || x >= s.w ? 0.0 : static_cast<double>(input.at(0, c, y, x));
            }
}

/// Sets how well the filter answers for samples.
void measure(const Tensor& input, int side, const std::vector<Sample>& samples, const std::vector<double>& weights,
             double bias, double& error, double& right) {
    std::vector<double> patch(weights.size());
    double squares = 0, correct = 0;
    for (const Sample& s : samples) {
        patch_at(input, side, s, patch.data());
        const double answer = dot(patch.data(), weights.data(), weights.size()) + bias;
        squares += (answer - s.paint) * (answer - s.paint);
        correct += answer * s.paint > 0 ? 1 : 0;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(samples.size(), 1));
    error = std::sqrt(squares / count);
    right = correct / count;
}

}  // namespace

Expected<PaintedFilter> fit_painted(const Tensor& input, const PaintedImage& paint, int side, double regularization) {
    assert(side >= 1 && side % 2 == 1 && regularization >= 0);
    const Shape& s = input.shape();
    if (paint.height != s.h || paint.width != s.w)
        return fail("the paint of {}x{} pixels does not fit the image of {}x{}", paint.height, paint.width, s.h, s.w);
    const std::size_t unknowns = static_cast<std::size_t>(s.c) * static_cast<std::size_t>(side * side);
    if (unknowns > max_unknowns)
        return fail("a kernel of {}x{}x{} has {} values, expected at most {}", s.c, side, side, unknowns, max_unknowns);
    const std::vector<Sample> samples = at_most(painted(paint, Paint::no, Paint::yes), max_painted),
                              tests = at_most(painted(paint, Paint::test_no, Paint::test_yes), max_painted);
    double yes = 0;
    for (const Sample& sample : samples) yes += sample.paint > 0 ? 1 : 0;
    const double no = static_cast<double>(samples.size()) - yes;
    if (yes < 1 || no < 1) return fail("paint some pixels with yes and some with no");

    // The patches, [value][sample], minus their weighted means, which takes the bias out of the equations; both kinds
    // of paint have half of all weight.
    const std::size_t count = samples.size();
    std::vector<double> roots, columns(unknowns * count), target(count), means(unknowns, 0.0), patch(unknowns);
    for (const Sample& sample : samples) roots.push_back(std::sqrt(0.5 / (sample.paint > 0 ? yes : no)));
    for (std::size_t i = 0; i < count; ++i) {
        patch_at(input, side, samples[i], patch.data());
        for (std::size_t j = 0; j < unknowns; ++j) {
            columns[j * count + i] = patch[j];
            means[j] += roots[i] * roots[i] * patch[j];
        }
        target[i] = roots[i] * samples[i].paint;  // their weighted mean is zero
    }
    std::vector<double> a(unknowns * unknowns, 0.0), b(unknowns);
    for (std::size_t j = 0; j < unknowns; ++j)
        for (std::size_t i = 0; i < count; ++i) columns[j * count + i] = roots[i] * (columns[j * count + i] - means[j]);
    parallel_for(unknowns, [&](std::size_t i) {
        for (std::size_t j = 0; j <= i; ++j) a[i * unknowns + j] = dot(&columns[i * count], &columns[j * count], count);
        b[i] = dot(&columns[i * count], target.data(), count);
    });
    double trace = 0;
    for (std::size_t i = 0; i < unknowns; ++i) trace += a[i * unknowns + i];
    const double mean = trace / static_cast<double>(unknowns);
    // With more unknowns than samples, some regularization is needed for a unique answer.
    const double added = std::max(regularization, 1e-9) * (mean > 0 ? mean : 1);
    for (std::size_t i = 0; i < unknowns; ++i) a[i * unknowns + i] += added;
    if (!solve_normal_equations(a, b))
        return fail("the painted pixels are too much alike: paint others, or raise the regularization");

    PaintedFilter made;
    double bias = 0;
    for (std::size_t i = 0; i < unknowns; ++i) bias -= b[i] * means[i];
    made.kernel = Tensor({1, s.c, side, side});
    std::ranges::transform(b, made.kernel.data(), [](double v) { return static_cast<float>(v); });
    made.bias = static_cast<float>(bias);
    made.samples = static_cast<int>(count);
    made.test_samples = static_cast<int>(tests.size());
    measure(input, side, samples, b, bias, made.error, made.right);
    measure(input, side, tests, b, bias, made.test_error, made.test_right);
    return made;
}

}  // namespace convlens
