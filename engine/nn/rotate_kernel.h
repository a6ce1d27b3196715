/// Rotation of kernels by any angle.
#pragma once

#include "engine/nn/kernel_edit.h"

namespace convlens {

/// Returns the plane rotated counterclockwise by `degrees` about its center, with bilinear interpolation; values beyond
/// its edges are 0. Multiples of 90 degrees are exact for square planes. A plane that is not square keeps its size.
KernelPlane rotated(const KernelPlane& plane, double degrees);

}  // namespace convlens
