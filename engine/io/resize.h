/// Resizing of images.
#pragma once

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Returns the image `picture` with each plane resized to `size` by bilinear interpolation. When reducing, the filter
/// is widened to a mean over the covered area. Values never leave the range of the input. `name` is used in messages.
/// Fails for sizes outside of 1 .. 32768 per side or over max_picture_pixels, and if the machine is out of memory.
Expected<Tensor> resize(const Tensor& picture, Size2 size, std::string_view name);

}  // namespace convlens
