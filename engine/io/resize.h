/// Pictures made smaller or larger.
#pragma once

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Each plane of `picture` in `size`: bilinear, widened to a mean over the covered area when reducing, so that values
/// never leave their range. `name` is used in messages. Fails for sizes beyond 1 .. 32768 a side or max_picture_pixels,
/// and when memory runs out.
Expected<Tensor> resize(const Tensor& picture, Size2 size, std::string_view name);

}  // namespace convlens
