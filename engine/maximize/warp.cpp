/// The positions and weights of bilinear interpolation.
#include "engine/maximize/warp.h"

#include <cmath>
#include <numbers>

namespace convlens {
namespace {

/// Returns index i of a row of `size` values that continues around its ends.
int around(int i, int size) { return (i % size + size) % size; }

}  // namespace

Warp::Warp(Size2 plane, Size2 seen, const Motion& motion) {
    const auto index = [&](int y, int x) {
        return static_cast<std::uint32_t>(around(y - motion.shift.h, plane.h) * plane.w +
                                          around(x - motion.shift.w, plane.w));
    };
    if (motion.scale == 1 && motion.rotation == 0) {
        for (int y = 0; y < seen.h; ++y)
            for (int x = 0; x < seen.w; ++x) from_.push_back(index(y, x));
        return;
    }
    taps_ = 4;
    const double angle = motion.rotation * std::numbers::pi / 180, c = std::cos(angle) / motion.scale,
                 s = std::sin(angle) / motion.scale;
    const double middle_y = (seen.h - 1) / 2.0, middle_x = (seen.w - 1) / 2.0;
    for (int y = 0; y < seen.h; ++y)
        for (int x = 0; x < seen.w; ++x) {
            const double dy = y - middle_y, dx = x - middle_x;
            const double at_y = middle_y + c * dy - s * dx, at_x = middle_x + s * dy + c * dx;
            const double low_y = std::floor(at_y), low_x = std::floor(at_x), down = at_y - low_y, right = at_x - low_x;
            for (const int i : {0, 1})
                for (const int j : {0, 1}) {
                    from_.push_back(index(static_cast<int>(low_y) + i, static_cast<int>(low_x) + j));
                    weights_.push_back(static_cast<float>((i == 1 ? down : 1 - down) * (j == 1 ? right : 1 - right)));
                }
        }
}

}  // namespace convlens
