/// Resizing of images.
#pragma once

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Returns `picture` (N, C, H, W) with each plane resized to `size` by bilinear interpolation. To reduce a picture, it
/// averages all covered pixels with weights that decrease linearly with distance (a triangle filter, as in Pillow's
/// BILINEAR). Results stay within the range of the input values. `name` is the name of the picture in messages. Fails
/// for sizes outside of 1 .. 32768 per side or over max_picture_pixels, and if stb_image_resize gets no memory; throws
/// std::bad_alloc if there is no memory for the result.
Expected<Tensor> resize(const Tensor& picture, Size2 size, std::string_view name);

/// The same into `result`, whose memory is reused. It is unspecified after a failure.
Expected<void> resize_into(const Tensor& picture, Size2 size, std::string_view name, Tensor& result);

}  // namespace convlens
