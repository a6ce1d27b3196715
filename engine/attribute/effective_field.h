/// The effective receptive field: how much the pixels of a receptive field matter.
#pragma once

#include <memory>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/nn/network.h"

namespace convlens {

struct Simd;

/// The receptive field of a layer's values, theoretical and effective.
struct EffectiveField {
    /// For each pixel of the theoretical receptive field, the mean magnitude of the derivative of a value by it: (1, 1,
    /// rows, columns), the largest value 1 (all 0 if all derivatives are).
    Tensor map;
    int positions = 0;  ///< Number of values of the feature map over which the mean is taken.
    /// Side of a square with as many pixels as have at least 1 - 0.9545 of the largest value.
    double side = 0;
};

/// Computes the effective receptive field of the values of channel `channel` of the last layer (Luo et al.,
/// "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016,
/// https://arxiv.org/abs/1701.04128) in the image `input` (1, C, H, W): the sum over the colors of the magnitudes of
/// the derivatives, averaged over up to `most` values whose receptive fields lie inside the image, or else over those
/// nearest to its middle. Runs on the threads of the caller's Arena. Fails if the channel does not exist, if a layer
/// can't run, if the receptive field is larger than 4096 pixels, or if canceled.
Expected<EffectiveField> effective_field(const Network& network, std::shared_ptr<const Tensor> input, int channel,
                                         int most, const Simd& simd, const Cancel& cancel);

}  // namespace convlens
