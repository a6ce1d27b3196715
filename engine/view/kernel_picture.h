/// Kernels and inputs as small pictures.
#pragma once

#include "engine/core/image.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Kernel `index` of `weight` (C_out, C_in, KH, KW) as KW x KH pixels. Signed: zero is the neutral gray 128, the
/// largest magnitude of the kernel reaches 0 or 255. Three input channels are shown as red, green and blue; any other
/// number as the sum over the channels, in gray.
Image kernel_picture(const Tensor& weight, int index);

/// All kernels side by side, `columns` in a row, without gaps: C_out pictures of KW x KH.
Image kernel_strip(const Tensor& weight, int columns);

/// Item `item` of an input (N, C, H, W) reduced to at most max_side pixels a side. Three channels are red, green and
/// blue, any other number is shown by its first channel in gray. Values are taken from [lo[c], hi[c]] to 0..255.
Image input_picture(const Tensor& input, int item, int max_side, const float* lo, const float* hi);

}  // namespace convlens
