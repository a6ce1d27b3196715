/// Thumbnails of kernels and inputs.
#pragma once

#include "engine/core/image.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Draws kernel `index` of `weight` (C_out, C_in, KH, KW) as an image of KW x KH pixels. The values are signed: zero is
/// the neutral gray 128, and the largest magnitude of the kernel reaches 0 or 255. Three input channels are shown as
/// red, green and blue, any other number as the sum over the channels, in gray.
Image kernel_picture(const Tensor& weight, int index);

/// Draws all kernels side by side, `columns` per row, without gaps: C_out images of KW x KH pixels.
Image kernel_strip(const Tensor& weight, int columns);

/// Draws batch item `item` of an input (N, C, H, W), reduced to at most max_side pixels per side. Three channels are
/// shown as red, green and blue; of any other number, the first channel is shown in gray. Values in [lo[c], hi[c]] map
/// to 0..255.
Image input_picture(const Tensor& input, int item, int max_side, const float* lo, const float* hi);

}  // namespace convlens
