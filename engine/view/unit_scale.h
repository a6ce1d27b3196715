/// Scaling of feature maps to [0,1] by (y - y_min) / (y_max - y_min), and by the same formula without the first
/// brackets, y - y_min / (y_max - y_min), which is a common mistake.
#pragma once

#include <vector>

#include "engine/core/tensor.h"
#include "engine/view/grid.h"

namespace convlens {

/// Statistics of one channel. Its values are called y.
struct UnitScaleNumbers {
    Range values;        ///< Smallest and largest y: y_min and y_max.
    bool flat = false;   ///< Whether y_min == y_max, so that both formulas would divide by zero. If so, `intended` and
                         ///< `shift` are 0.
    float shift = 0;     ///< y_min / (y_max - y_min): the formula without brackets subtracts this from every value.
    Range intended;      ///< Smallest and largest (y - y_min) / (y_max - y_min): 0 and 1, or 0 and 0 if `flat`.
    Range unbracketed;   ///< Smallest and largest y - y_min / (y_max - y_min).
    double outside = 0;  ///< Fraction (0..1) of the values y - y_min / (y_max - y_min) that lie outside [0,1].
};

/// Feature maps scaled by the correct formula (`intended`) and by the formula without brackets (`unbracketed`).
struct UnitScaled {
    Tensor intended;                         ///< (y - y_min) / (y_max - y_min).
    Tensor unbracketed;                      ///< y - y_min / (y_max - y_min); division comes before subtraction.
    std::vector<UnitScaleNumbers> channels;  ///< One entry per channel.
};

/// Scales every channel of `maps` by its own minimum and maximum, in single precision like NumPy with float32. `maps`
/// must be (1, C, H, W) with H * W >= 1 and finite values.
UnitScaled unit_scaled(const Tensor& maps);

}  // namespace convlens
