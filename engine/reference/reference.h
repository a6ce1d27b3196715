/// Reference implementation of Conv2d in double precision, for comparison.
#pragma once

#include <span>
#include <vector>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

/// Values in double precision, in NCHW order.
struct Reference {
    Shape shape;
    std::vector<double> values;

    /// Returns the largest magnitude of the values, by which relative_error() divides.
    double largest() const;
};

/// Returns the index of the value at index `i` of a row or column of `size` values with padding of any width; -1 if
/// that is a padding zero.
int reference_source(PaddingMode mode, int i, int size);

/// Returns layer(input), computed one value at a time by
/// https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html. Uses the engine's structs as plain data and calls
/// none of its functions.
Reference reference_conv2d(const Conv2d& layer, const Tensor& input);

/// Returns the largest |value - reference| divided by the reference's largest magnitude; infinity if the numbers of
/// values differ.
double relative_error(std::span<const float> values, const Reference& reference);

}  // namespace convlens::reference
