/// What shows whether a map depends on the weights at all (Adebayo et al., "Sanity Checks for Saliency Maps", 2018,
/// https://arxiv.org/abs/1810.03292): a picture of edges without a network, and the correlation of two maps.
#pragma once

#include <optional>

#include "engine/core/tensor.h"

namespace convlens {

/// Returns the magnitude of the gradient of the image by Sobel's kernels, as a map (1, 1, H, W): sqrt(gx^2 + gy^2) of
/// the mean over the channels of `input` (1, C, H, W), whose border pixels are repeated.
Tensor sobel(const Tensor& input);

/// Returns the rank correlation (Spearman) of the magnitudes of two maps with equally many values: the correlation of
/// their ranks, where equal values share the mean of theirs. Returns nullopt if all magnitudes of a map are equal.
std::optional<double> rank_correlation(const Tensor& a, const Tensor& b);

}  // namespace convlens
