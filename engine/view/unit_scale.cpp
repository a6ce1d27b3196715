/// Both ways of scaling to [0,1], and marking what lies outside.
#include "engine/view/unit_scale.h"

#include <algorithm>
#include <cassert>

namespace convlens {
namespace {

Range range_of(std::span<const float> values) {
    const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
    return {*lo, *hi};
}

template <class Test>
Tensor where(const Tensor& maps, Test test) {
    Tensor marks(maps.shape());
    std::transform(maps.values().begin(), maps.values().end(), marks.values().begin(), [&](float v) { return test(v) ? 1.0F : 0.0F; });
    return marks;
}

}  // namespace

UnitScaled unit_scaled(const Tensor& maps) {
    UnitScaled scaled{Tensor(maps.shape()), Tensor(maps.shape()), {}};
    for (int c = 0; c < maps.shape().c; ++c) {
        const auto y = maps.plane(0, c);
        const auto intended = scaled.intended.plane(0, c), unbracketed = scaled.unbracketed.plane(0, c);
        UnitScaleNumbers n;
        n.values = range_of(y);
        const float y_min = n.values.lo, width = n.values.hi - n.values.lo;
        n.flat = !(width > 0);
        n.shift = n.flat ? 0 : y_min / width;
        for (std::size_t i = 0; i < y.size(); ++i) {
            intended[i] = n.flat ? 0 : (y[i] - y_min) / width;
            unbracketed[i] = y[i] - n.shift;
        }
        n.intended = range_of(intended);
        n.unbracketed = range_of(unbracketed);
        const auto outside = std::ranges::count_if(unbracketed, [](float v) { return v < 0 || v > 1; });
        n.outside = static_cast<double>(outside) / static_cast<double>(y.size());
        scaled.channels.push_back(n);
    }
    return scaled;
}

Tensor below_zero(const Tensor& maps) {
    return where(maps, [](float v) { return v < 0; });
}

Tensor above_one(const Tensor& maps) {
    return where(maps, [](float v) { return v > 1; });
}

void blend(Image& image, const Image& share, Rgba color) {
    assert(image.width == share.width && image.height == share.height);
    for (std::size_t i = 0; i < image.rgba.size(); i += 4) {
        const int part = share.rgba[i + 3] == 0 ? 0 : share.rgba[i];
        for (std::size_t c = 0; c < 3 && part > 0; ++c)
            image.rgba[i + c] = static_cast<std::uint8_t>((image.rgba[i + c] * (255 - part) + color[c] * part + 127) / 255);
    }
}

}  // namespace convlens
