/// The layers besides Conv2d on the CPU.
#pragma once

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers.h"

namespace convlens {

// Each runs a layer on `input` into `output`, which already has the layer's output_shape(), on the threads of the arena
// that it is called in. Results are the same to the bit for any number of threads and in any batch. False when `cancel`
// asked to stop; the output's values are unspecified then.

bool layer_forward(const ReLU& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const LeakyReLU& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const Sigmoid& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const Tanh& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const Dropout& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const Flatten& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const BatchNorm2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                   Tensor& output);
bool layer_forward(const Softmax& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

/// As PyTorch: NaN wins over any number, and a window over padding alone gives -infinity.
bool layer_forward(const MaxPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const AvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);
bool layer_forward(const AdaptiveAvgPool2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                   Tensor& output);

bool layer_forward(const LocallyConnected2d& layer, const Simd& simd, const Tensor& input, const Cancel& cancel,
                   Tensor& output);
bool layer_forward(const Linear& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output);

}  // namespace convlens
