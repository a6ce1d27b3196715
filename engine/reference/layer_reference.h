/// Reference implementations of the layers other than Conv2d, in double precision, to check the backends.
#pragma once

#include <span>

#include "engine/nn/layers.h"
#include "engine/reference/reference.h"

namespace convlens::reference {

/// Returns the output of `operation` for `input`, computed one value at a time by the formulas of
/// https://pytorch.org/docs/stable/nn.html. `output` is the shape of the result. Uses the engine's data structures, but
/// none of its layer code. Not for Conv2d, which has reference_conv2d().
Reference reference_layer(const Operation& operation, const Tensor& input, const Shape& output);

/// Like reference_layer(), for a layer with several inputs: Add, Multiply, Concat.
Reference reference_join(const Operation& operation, std::span<const Tensor* const> inputs, const Shape& output);

}  // namespace convlens::reference
