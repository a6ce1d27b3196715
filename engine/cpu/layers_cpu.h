/// Layers other than Conv2d on the CPU.
#pragma once

#include <span>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers.h"

namespace convlens {

struct Simd;

/// Computes the output of `layer` for `input` into `output`, whose shape must be the layer's output_shape(). Runs on
/// the threads of the Arena that the caller is in. Results are bit-identical for any number of threads and in any
/// batch. Returns false when canceled; the values of `output` are then unspecified. Not for Conv2d, which has
/// Conv2dPlan.
bool layer_forward(const Operation& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

/// Like layer_forward() above, for a layer that reads `inputs`, one or more.
bool layer_forward(const Operation& layer, const Simd& simd, std::span<const Tensor* const> inputs,
                   const Cancel& cancel, Tensor& output);

/// Implements layer_forward() for a layer with several inputs. Sums and products are those of single precision, from
/// the first input to the last.
bool join_on_cpu(JoinRule rule, std::span<const Tensor* const> inputs, const Cancel& cancel, Tensor& output);

/// Implement layer_forward() for the layers whose loops are in files of their own. As in PyTorch, the MaxPool2d of a
/// window that contains a NaN is NaN, and that of a window that covers only padding is -infinity.
bool run_on_cpu(const MaxPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const AdaptiveAvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const LocallyConnected2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const ConvTranspose2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const AdaptiveMaxPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const ZeroPad2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const ReflectionPad2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const ReplicationPad2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output);
bool run_on_cpu(const Upsample& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const PixelShuffle& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool run_on_cpu(const Linear& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

}  // namespace convlens
