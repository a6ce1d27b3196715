/// The edge filters and the generator of random weights.
#include "engine/nn/kernel_bank.h"

#include <array>
#include <cmath>
#include <functional>
#include <numbers>

#include "engine/core/color.h"

namespace convlens {
namespace {

using std::numbers::pi;
using Values = std::vector<float>;

/// Returns a square kernel of `size` x `size` values f(x, y), where (x, y) is the offset from the kernel's center, x to
/// the right and y downward.
Values sampled(int size, const std::function<double(double, double)>& f) {
    Values values;
    const double middle = (size - 1) / 2.0;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) values.push_back(static_cast<float>(f(x - middle, y - middle)));
    return values;
}

Values scaled(Values values, double factor) {
    for (float& v : values) v = static_cast<float>(v * factor);
    return values;
}

/// Scales the values to a sum of 1. The kernel then computes a weighted mean, so uniform regions keep their value.
Values sum_one(const Values& values) {
    double sum = 0;
    for (const float v : values) sum += v;
    return scaled(values, 1 / sum);
}

/// Subtracts the mean and scales the magnitudes to a sum of 2. Uniform regions then give 0, and a step from 0 to 1 at
/// most 1.
Values zero_sum(Values values) {
    double sum = 0;
    for (const float v : values) sum += v;
    const auto mean = static_cast<float>(sum / static_cast<double>(values.size()));
    double magnitude = 0;
    for (float& v : values) magnitude += std::abs(v -= mean);
    return scaled(values, 2 / magnitude);
}

/// Returns the value of a Gaussian at (x, y), 1 at the center.
double bell(double x, double y, double sigma) { return std::exp(-(x * x + y * y) / (2 * sigma * sigma)); }

Values gaussian(int size, double sigma) {
    return sum_one(sampled(size, [=](double x, double y) { return bell(x, y, sigma); }));
}

/// Returns the 3x3 kernel `east` with its eight border values moved counterclockwise by `steps` positions, that is,
/// rotated by `steps` * 45 degrees.
Values compass(const Values& east, int steps) {
    constexpr std::array<std::size_t, 8> ring{5, 2, 1, 0, 3, 6, 7, 8};  // east, northeast, north, ... counterclockwise
    Values turned = east;
    for (std::size_t i = 0; i < ring.size(); ++i)
        turned[ring[(i + static_cast<std::size_t>(steps)) % ring.size()]] = east[ring[i]];
    return turned;
}

/// Returns the cosine part of a Gabor function (J. Daugman 1985): a wave with a wavelength of `wavelength` pixels that
/// runs in the direction `angle` (radians, clockwise from right), multiplied by a Gaussian.
Values gabor(int size, double angle, double wavelength, double sigma) {
    return zero_sum(sampled(size, [=](double x, double y) {
        const double along = x * std::cos(angle) + y * std::sin(angle);
        return bell(x, y, sigma) * std::cos(2 * pi * along / wavelength);
    }));
}

/// Collects the kernels.
class Bank {
  public:
    void add(std::string name, std::string tooltip_text, Size2 size, Values values) {
        kernels.push_back({std::move(name), std::move(tooltip_text), size, std::move(values)});
    }
    void square(std::string name, std::string tooltip_text, int size, Values values) {
        add(std::move(name), std::move(tooltip_text), {size, size}, std::move(values));
    }
    std::vector<NamedKernel> kernels;
};

void add_smoothing(Bank& bank) {
    bank.square("Identity", "leaves the image as it is", 1, {1});
    for (const int size : {3, 5, 7})
        bank.square(fmt::format("Box {}", size),
                    "mean of all pixels under the kernel: blurs, but makes square artifacts", size,
                    sum_one(Values(static_cast<std::size_t>(size * size), 1.0F)));
    for (const int size : {3, 5, 7})
        bank.square(fmt::format("Gaussian {}", size),
                    "weighted mean, sigma is a fifth of the size: blurs without square artifacts", size,
                    gaussian(size, size / 5.0));
    bank.square("Motion blur", "mean along a diagonal, as if the camera had moved", 7,
                sum_one(sampled(7, [](double x, double y) { return x == y ? 1.0 : 0.0; })));
    bank.square("Sharpen", "adds the differences between a pixel and its four neighbors", 3,
                {0, -1, 0, -1, 5, -1, 0, -1, 0});
    Values unsharp = scaled(gaussian(5, 1.0), -1);
    unsharp[12] += 2;
    bank.square("Unsharp mask", "adds the difference between the image and a Gaussian blur of it", 5, unsharp);
    bank.square("Emboss", "makes the image look like a relief that is lit from the upper left", 3,
                {-2, -1, 0, -1, 1, 1, 0, 1, 2});
}

void add_gradients(Bank& bank) {
    const struct {
        const char *name, *right, *down;
        float edge, middle;
    } families[] = {
        {"Sobel",
         "difference of neighbors, smoothed along the edge with weights 1 2 1: positive where it gets brighter to the "
         "right",
         "difference of neighbors, smoothed along the edge with weights 1 2 1: positive where it gets brighter "
         "downward",
         1, 2},
        {"Scharr",
         "as Sobel with weights 3 10 3, which respond nearly the same at all angles: positive where it gets brighter "
         "to "
         "the right",
         "as Sobel with weights 3 10 3, which respond nearly the same at all angles: positive where it gets brighter "
         "downward",
         3, 10},
        {"Prewitt",
         "difference of neighbors, smoothed along the edge with weights 1 1 1: positive where it gets brighter to the "
         "right",
         "difference of neighbors, smoothed along the edge with weights 1 1 1: positive where it gets brighter "
         "downward",
         1, 1}};
    for (const auto& [name, right, down, e, m] : families) {
        bank.square(fmt::format("{} x", name), right, 3, {-e, 0, e, -m, 0, m, -e, 0, e});
        bank.square(fmt::format("{} y", name), down, 3, {-e, -m, -e, 0, 0, 0, e, m, e});
    }
    bank.square("Roberts \\", "difference along one diagonal of 2 x 2 pixels", 2, {1, 0, 0, -1});
    bank.square("Roberts /", "difference along the other diagonal of 2 x 2 pixels", 2, {0, 1, -1, 0});
    constexpr std::array<const char*, 8> directions{"E", "NE", "N", "NW", "W", "SW", "S", "SE"};
    for (int i = 0; i < 8; ++i)
        bank.square(fmt::format("Kirsch {}", directions[static_cast<std::size_t>(i)]),
                    "edge detector for one of eight directions: positive where it gets brighter in this direction", 3,
                    compass({-3, -3, 5, -3, 0, 5, -3, -3, 5}, i));
    for (int i = 0; i < 8; ++i)
        bank.square(fmt::format("Robinson {}", directions[static_cast<std::size_t>(i)]),
                    "Sobel rotated in steps of 45 degrees: positive where it gets brighter in this direction", 3,
                    compass({-1, 0, 1, -2, 0, 2, -1, 0, 1}, i));
    const auto derivative = [](const char* name, const char* tooltip_text,
                               const std::function<double(double, double)>& factor) {
        return NamedKernel{name, tooltip_text, {7, 7}, zero_sum(sampled(7, [&](double x, double y) {
                               return factor(x, y) * bell(x, y, 1.2);
                           }))};
    };
    constexpr double variance = 1.44;
    bank.kernels.push_back(derivative("Gauss dx", "first derivative along x of a Gaussian, sigma 1.2",
                                      [](double x, double) { return x; }));
    bank.kernels.push_back(derivative("Gauss dy", "first derivative along y of a Gaussian, sigma 1.2",
                                      [](double, double y) { return y; }));
    bank.kernels.push_back(derivative("Gauss dxx", "second derivative along x: bright vertical lines are negative",
                                      [](double x, double) { return x * x / variance - 1; }));
    bank.kernels.push_back(derivative("Gauss dyy", "second derivative along y: bright horizontal lines are negative",
                                      [](double, double y) { return y * y / variance - 1; }));
    bank.kernels.push_back(derivative("Gauss dxy",
                                      "mixed second derivative along x and y: responds to corners and saddle points",
                                      [](double x, double y) { return x * y; }));
}

void add_lines_and_spots(Bank& bank) {
    bank.square("Laplacian 4", "sum of second differences over four neighbors", 3, {0, 1, 0, 1, -4, 1, 0, 1, 0});
    bank.square("Laplacian 8", "sum of second differences over eight neighbors", 3, {1, 1, 1, 1, -8, 1, 1, 1, 1});
    bank.square("LoG", "Laplacian of Gaussian, sigma 1.2: dark spots on a light background are positive", 7,
                zero_sum(sampled(7, [](double x, double y) {
                    const double r = (x * x + y * y) / (2 * 1.44);
                    return (r - 1) * std::exp(-r);
                })));
    bank.square("DoG", "difference of Gaussians, sigma 1 minus 1.6: light spots are positive", 7,
                zero_sum(sampled(7, [](double x, double y) { return bell(x, y, 1.0) - bell(x, y, 1.6) / 2.56; })));
    bank.square("Line -", "responds to bright horizontal lines one pixel wide", 3, {-1, -1, -1, 2, 2, 2, -1, -1, -1});
    bank.square("Line |", "responds to bright vertical lines one pixel wide", 3, {-1, 2, -1, -1, 2, -1, -1, 2, -1});
    bank.square("Line /", "responds to bright rising diagonal lines", 3, {-1, -1, 2, -1, 2, -1, 2, -1, -1});
    bank.square("Line \\", "responds to bright falling diagonal lines", 3, {2, -1, -1, -1, 2, -1, -1, -1, 2});
}

void add_gabors(Bank& bank) {
    const struct { double wavelength, sigma; } bands[] = {{3.2, 1.6}, {6.0, 2.2}};
    for (const auto& [wavelength, sigma] : bands)
        for (int i = 0; i < 8; ++i)
            bank.square(
                fmt::format("Gabor {:g} px {:g} deg", wavelength, i * 22.5),
                "vertical stripes, rotated clockwise; the name says the wavelength in pixels and the angle in degrees",
                7, gabor(7, i * pi / 8, wavelength, sigma));
}

std::vector<NamedKernel> make_edge_kernels() {
    Bank bank;
    add_smoothing(bank);
    add_gradients(bank);
    add_lines_and_spots(bank);
    add_gabors(bank);
    return std::move(bank.kernels);
}

}  // namespace

std::span<const NamedKernel> edge_kernels() {
    static const std::vector<NamedKernel> kernels = make_edge_kernels();
    return kernels;
}

Tensor edge_weights() {
    const auto kernels = edge_kernels();
    Tensor weight({static_cast<int>(kernels.size()), 1, edge_kernel_size.h, edge_kernel_size.w}, 0.0F);
    for (int o = 0; o < weight.shape().n; ++o) {
        const NamedKernel& k = kernels[static_cast<std::size_t>(o)];
        const int top = (edge_kernel_size.h - k.size.h + 1) / 2, left = (edge_kernel_size.w - k.size.w + 1) / 2;
        for (int y = 0; y < k.size.h; ++y)
            for (int x = 0; x < k.size.w; ++x)
                weight.at(o, 0, top + y, left + x) = k.values[static_cast<std::size_t>(y * k.size.w + x)];
    }
    return weight;
}

Tensor spread_over_channels(const Tensor& gray, int channels, GrayKernels rule) {
    const Shape& s = gray.shape();
    Tensor weight({s.n, channels, s.h, s.w});
    for (int o = 0; o < s.n; ++o)
        for (int c = 0; c < channels; ++c) {
            const bool weighted = rule == GrayKernels::luminance && channels == 3;
            const float factor = weighted ? luminance_weights[static_cast<std::size_t>(c)] : 1.0F;
            const auto from = gray.plane(o, 0);
            const auto to = weight.plane(o, c);
            for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i] * factor;
        }
    return weight;
}

UniformStream::UniformStream(std::uint64_t fan_in, std::uint32_t seed)
    : bound_(1.0F / std::sqrt(static_cast<float>(fan_in))), stream_(seed) {}

void UniformStream::fill(std::span<float> values) {
    for (float& v : values) {
        const float unit = static_cast<float>(stream_() >> 8) * 0x1p-24F;  // [0,1), exact on every machine
        v = bound_ * (2.0F * unit - 1.0F);
    }
}

InitialWeights random_weights(int out_channels, int in_channels_per_group, Size2 kernel_size, std::uint32_t seed) {
    InitialWeights result{Tensor({out_channels, in_channels_per_group, kernel_size.h, kernel_size.w}), {}};
    UniformStream stream(static_cast<std::uint64_t>(in_channels_per_group * kernel_size.h * kernel_size.w), seed);
    stream.fill(result.weight.values());
    result.bias.resize(static_cast<std::size_t>(out_channels));
    stream.fill(result.bias);
    return result;
}

}  // namespace convlens
