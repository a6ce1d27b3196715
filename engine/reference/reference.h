/// Reference implementation of Conv2d in double precision, to check the backends.
#pragma once

#include <span>
#include <vector>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens::reference {

/// The result of a reference implementation: values in double precision, in NCHW order.
struct Reference {
    Shape shape;
    std::vector<double> values;

    /// Returns the largest magnitude of the values, which relative_error() uses as its unit.
    double largest() const;
};

/// Returns the index of the input value at position `i` of a padded row or column with `size` input values; -1 if there
/// is a padding zero. Position 0 is the first input value. The padding may be of any width.
int reference_source(PaddingMode mode, int i, int size);

/// Returns the output of `layer` for `input`, computed one value at a time by the formula of
/// https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html. Uses the engine's data structures, but none of its
/// layer code.
Reference reference_conv2d(const Conv2d& layer, const Tensor& input);

/// Returns the largest |value - reference value| divided by reference.largest(). Returns infinity if the numbers of
/// values differ or if a difference is NaN.
double relative_error(std::span<const float> values, const Reference& reference);

}  // namespace convlens::reference
