/// Interpolates rotated kernels.
#include "engine/nn/rotate_kernel.h"

#include <array>
#include <cmath>
#include <numbers>

namespace convlens {
namespace {

/// Sine and cosine, exact for multiples of 90 degrees.
std::array<double, 2> sine_and_cosine(double degrees) {
    constexpr std::array<std::array<double, 2>, 4> quarters{{{0, 1}, {1, 0}, {0, -1}, {-1, 0}}};
    const double turns = std::fmod(std::fmod(degrees / 90, 4) + 4, 4);
    if (turns == std::floor(turns)) return quarters[static_cast<std::size_t>(turns) % 4];
    const double radians = degrees * std::numbers::pi / 180;
    return {std::sin(radians), std::cos(radians)};
}

}  // namespace

KernelPlane rotated(const KernelPlane& p, double degrees) {
    const auto [sine, cosine] = sine_and_cosine(degrees);
    const double center_y = (p.size.h - 1) / 2.0, center_x = (p.size.w - 1) / 2.0;
    const auto value = [&](double y, double x) {
        if (!(y >= 0 && x >= 0 && y < p.size.h && x < p.size.w)) return 0.0;
        return static_cast<double>(
            p.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(p.size.w) + static_cast<std::size_t>(x)]);
    };
    KernelPlane result = p;
    std::size_t at = 0;
    for (int y = 0; y < p.size.h; ++y)
        for (int x = 0; x < p.size.w; ++x) {
            // Where the value comes from: rotated clockwise, with y downward.
            const double dy = y - center_y, dx = x - center_x;
            const double from_y = center_y + cosine * dy + sine * dx, from_x = center_x + cosine * dx - sine * dy;
            const double top = std::floor(from_y), left = std::floor(from_x), down = from_y - top,
                         right = from_x - left;
            result.values[at++] =
                static_cast<float>((1 - down) * ((1 - right) * value(top, left) + right * value(top, left + 1)) +
                                   down * ((1 - right) * value(top + 1, left) + right * value(top + 1, left + 1)));
        }
    return result;
}

}  // namespace convlens
