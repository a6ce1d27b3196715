/// Small pictures of kernels and inputs.
#pragma once

#include <span>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Draws kernel `index` of `weight` (C_out, C_in, KH, KW) as an image of KW x KH pixels. Three input channels are drawn
/// as red, green and blue; for any other number of channels, their sum is drawn in gray. Zero is drawn as 128, and the
/// value of largest magnitude as 1 if it is negative or as 255 if it is positive.
Image kernel_picture(const Tensor& weight, int index);

/// Draws all kernels of `weight` with kernel_picture() in one image, `columns` per row, without gaps.
Image kernel_strip(const Tensor& weight, int columns);

/// Draws a map of one channel (1, 1, H, W): -largest is blue, zero gray, largest red.
Image signed_map(const Tensor& map, float largest);

/// Returns the largest magnitude of some values; 0 if there are none.
float largest_magnitude(std::span<const float> values);

/// Draws all items of `pictures` (N, C, H, W), with values 0..1, in one image, `columns` per row with gaps of 2 pixels
/// in the color `between`. Three channels are red, green and blue; for any other number of channels, the first one is
/// drawn in gray. Each value becomes a square of the smallest number of pixels that makes the larger side of a picture
/// at least `least_side` pixels. Fails if a side of the image would exceed max_picture_side.
Expected<Image> picture_grid(const Tensor& pictures, int columns, int least_side, Rgba between);

/// Draws batch item `item` of an input (N, C, H, W), reduced to at most max_side pixels per side; a pixel shows the
/// mean of the values that it covers. Three channels are drawn as red, green and blue. For any other number of
/// channels, the first one is drawn in gray. Values of channel c from lo[c] to hi[c] become 0..255; `lo` and `hi` have
/// an entry for each drawn channel.
Image input_picture(const Tensor& input, int item, int max_side, const float* lo, const float* hi);

}  // namespace convlens
