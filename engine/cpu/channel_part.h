/// Layers that compute each channel from the same channel of the input, for some of the channels.
#pragma once

#include <span>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers.h"

namespace convlens {

/// Returns true if channel c of the layer's output depends only on channel c of its input, as in ReLU, MaxPool2d and
/// BatchNorm2d.
bool separates_channels(const Operation& layer);

/// Memory for copies of some channels, which calls of channels_forward() reuse.
struct ChannelPart {
    Tensor input, output;
};

/// Computes the channels `channels` (in ascending order) of the output of `layer`, for which separates_channels() must
/// be true, into `output`, whose shape must be the layer's output_shape(). The other channels keep their values. The
/// results have the same bits as those of layer_forward(). Runs on the threads of the Arena that the caller is in.
/// Returns false when canceled; the values of `channels` are then unspecified.
bool channels_forward(const Operation& layer, const Simd& simd, const Tensor& input, std::span<const int> channels,
                      const Cancel& cancel, Tensor& output, ChannelPart& memory);

}  // namespace convlens
