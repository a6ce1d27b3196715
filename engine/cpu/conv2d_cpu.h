/// Conv2d on the CPU: packing, tiling, threads.
#pragma once

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/conv2d.h"

namespace convlens {

/// Computes layer(input) into `output`, which has output_shape(layer, input). Runs on the calling task_arena's threads;
/// the result is the same to the bit for any number of them. Returns false when cancelled; output is then unspecified.
bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output);

}  // namespace convlens
