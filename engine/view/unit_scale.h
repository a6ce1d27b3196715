/// Bringing maps to [0,1], as it is meant and as an expression without brackets does it.
#pragma once

#include <vector>

#include "engine/core/tensor.h"
#include "engine/view/grid.h"

namespace convlens {

/// The numbers of one channel y.
struct UnitScaleNumbers {
    Range values;       ///< Smallest and largest y.
    bool flat = false;  ///< They are the same: Python would divide by zero. Here intended is 0 and shift is 0.
    float shift =
        0;  ///< y_min / (y_max - y_min): the one number that y - y_min / (y_max - y_min) subtracts from every value.
    Range intended;      ///< Smallest and largest (y - y_min) / (y_max - y_min): 0 and 1.
    Range unbracketed;   ///< Smallest and largest y - y_min / (y_max - y_min).
    double outside = 0;  ///< Which part of the unbracketed values lies outside [0,1], 0..1.
};

/// Maps scaled both ways.
struct UnitScaled {
    Tensor intended;                         ///< (y - y_min) / (y_max - y_min).
    Tensor unbracketed;                      ///< y - y_min / (y_max - y_min): division binds tighter than subtraction.
    std::vector<UnitScaleNumbers> channels;  ///< One a channel.
};

/// Scales every channel of item 0 of `maps` by its own minimum and maximum, in single precision as NumPy does for
/// float32. `maps` is (1, C, H, W) with H W >= 1 and finite values.
UnitScaled unit_scaled(const Tensor& maps);

}  // namespace convlens
