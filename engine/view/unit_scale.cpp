/// Scaling of feature maps by the formula with and without brackets.
#include "engine/view/unit_scale.h"

#include <algorithm>

namespace convlens {
namespace {

Range range_of(std::span<const float> values) {
    const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
    return {*lo, *hi};
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

}  // namespace convlens
