/// Resizing of images.
#pragma once

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Returns `picture` with each plane resized to `size`: bilinear, widened to a mean over the covered area when
/// reducing, so that values never leave their range. `name` is used in messages. Fails for sizes outside of 1 .. 32768
/// per side or over max_picture_pixels, and if memory runs out.
Expected<Tensor> resize(const Tensor& picture, Size2 size, std::string_view name);

}  // namespace convlens
