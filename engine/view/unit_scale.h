/// Scaling of maps to [0,1] by (y - y_min) / (y_max - y_min), and by y - y_min / (y_max - y_min), a common mistake.
#pragma once

#include <vector>

#include "engine/core/tensor.h"
#include "engine/view/grid.h"

namespace convlens {

/// Statistics of one channel y.
struct UnitScaleNumbers {
    Range values;       ///< Smallest and largest y.
    bool flat = false;  ///< y_min == y_max, for which Python would divide by zero. In this case `intended` and `shift`
                        ///< are 0.
    /// y_min / (y_max - y_min), the number that y - y_min / (y_max - y_min) subtracts from every value.
    float shift = 0;
    Range intended;      ///< Smallest and largest (y - y_min) / (y_max - y_min): 0 and 1 unless `flat`.
    Range unbracketed;   ///< Smallest and largest y - y_min / (y_max - y_min).
    double outside = 0;  ///< Fraction of the unbracketed values that lies outside [0,1], 0..1.
};

/// Feature maps scaled by the correct formula (`intended`) and by the one without brackets (`unbracketed`).
struct UnitScaled {
    Tensor intended;                         ///< (y - y_min) / (y_max - y_min).
    Tensor unbracketed;                      ///< y - y_min / (y_max - y_min): division binds tighter than subtraction.
    std::vector<UnitScaleNumbers> channels;  ///< One entry per channel.
};

/// Scales every channel of batch item 0 of `maps` by its own minimum and maximum, in single precision as NumPy does for
/// float32. `maps` is (1, C, H, W) with H * W >= 1 and finite values.
UnitScaled unit_scaled(const Tensor& maps);

}  // namespace convlens
