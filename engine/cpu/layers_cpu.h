/// The layers besides Conv2d on the CPU.
#pragma once

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers.h"

namespace convlens {

/// Runs a layer on `input` into `output`, which already has the layer's output_shape(), on the threads of the arena
/// that it is called in. Results are the same to the bit for any number of threads and in any batch. False when
/// `cancel` asked to stop; the output's values are unspecified then. A Conv2d runs by its Conv2dPlan, not here.
bool layer_forward(const Operation& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

// Those whose loops have files of their own.

/// As PyTorch: NaN wins over any number, and a window over padding alone gives -infinity.
bool run_on_cpu(const MaxPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AdaptiveAvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const LocallyConnected2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const Linear& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

}  // namespace convlens
