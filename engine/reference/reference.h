/// Conv2d as PyTorch's documentation writes it, in double precision, for comparison.
#pragma once

#include <span>
#include <vector>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

/// Doubles in NCHW order.
struct Reference {
    Shape shape;
    std::vector<double> values;

    /// The largest magnitude, against which differences are judged.
    double largest() const;
};

/// Which value of a row or column of `size` values lies at index `i` of the endless padded one; -1 for a
/// zero.
int reference_source(PaddingMode mode, int i, int size);

/// layer(input), following https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html one sum a value.
/// Takes the engine's structs as plain data and calls none of its functions.
Reference reference_conv2d(const Conv2d& layer, const Tensor& input);

/// The largest |value - reference|, in units of the reference's largest magnitude. Shapes must be equal.
double relative_error(std::span<const float> values, const Reference& reference);

}  // namespace convlens::reference
