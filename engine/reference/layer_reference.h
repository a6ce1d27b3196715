/// Reference implementations of the layers other than Conv2d, in double precision, for comparison.
#pragma once

#include "engine/nn/layers.h"
#include "engine/reference/reference.h"

namespace convlens::reference {

/// Returns operation(input), computed one value at a time by the formulas of https://pytorch.org/docs/stable/nn.html.
/// Uses the engine's structs as plain data; `output` is the shape of the result. Not for Conv2d.
Reference reference_layer(const Operation& operation, const Tensor& input, const Shape& output);

}  // namespace convlens::reference
