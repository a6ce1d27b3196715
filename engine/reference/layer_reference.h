/// The layers besides Conv2d as PyTorch's manual writes them, in double precision, for comparison.
#pragma once

#include "engine/nn/layers.h"
#include "engine/reference/reference.h"

namespace convlens::reference {

/// operation(input), one sum a value, from the formulas of https://pytorch.org/docs/stable/nn.html. Takes the engine's
/// structs as plain data; `output` is the shape that comes out. Not for Conv2d.
Reference reference_layer(const Operation& operation, const Tensor& input, const Shape& output);

}  // namespace convlens::reference
