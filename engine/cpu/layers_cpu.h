/// Layers other than Conv2d on the CPU.
#pragma once

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers.h"

namespace convlens {

/// Runs a layer on `input` into `output`, which already has the layer's output_shape(), on the threads of the calling
/// task_arena. Results are bit-identical for any number of threads and in any batch. Returns false when `cancel`
/// requests a stop; the output's values are then unspecified. Not for Conv2d, which Conv2dPlan runs.
bool layer_forward(const Operation& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

// Layers whose loops are in files of their own.

/// Like PyTorch: the maximum of a window that contains a NaN is NaN, and a window that covers only padding gives
/// -infinity.
bool run_on_cpu(const MaxPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AdaptiveAvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const LocallyConnected2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const Linear& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

}  // namespace convlens
