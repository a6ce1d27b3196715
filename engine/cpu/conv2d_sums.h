/// Conv2d by sums of products, for all layers.
#pragma once

#include <memory>
#include <vector>

#include "engine/cpu/conv2d_algorithm.h"

namespace convlens {

/// Working memory, which all plans may share that do not run at the same time.
struct Conv2dSumsMemory;
std::shared_ptr<Conv2dSumsMemory> make_conv2d_sums_memory();

/// Prepares a convolution by sums of products. It computes each value as bias + product + product ..., see ConvLoops.
std::unique_ptr<Conv2dAlgorithm> make_conv2d_sums(const Conv2d& layer, const Shape& input, const Simd& simd,
                                                  std::shared_ptr<Conv2dSumsMemory> memory, std::vector<int> channels);

}  // namespace convlens
