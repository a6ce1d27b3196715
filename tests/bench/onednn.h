/// The same work in oneDNN, planar in and out.
#pragma once

#include <functional>

#include "engine/nn/network.h"
#include "tests/bench/rows.h"

namespace convlens::bench {

/// Runs the row's layer on `input` into `output` (of the right shape) with `threads` threads: weights are
/// prepared before, activations are reordered to and from planar layout in every call, as the engine packs
/// them in every call. Empty where oneDNN is not built in.
std::function<void()> onednn_convolution(const Row& row, const Conv2d& layer, const Tensor& input, Tensor& output,
                                         int threads);

/// Planar max or average pooling with kernel size and stride `size`, no padding. Empty where oneDNN is not built in.
std::function<void()> onednn_pool(bool max, int size, const Tensor& input, Tensor& output, int threads);

/// A Linear layer with a bias, its weights prepared before. Empty where oneDNN is not built in.
std::function<void()> onednn_linear(const Linear& layer, const Tensor& input, Tensor& output, int threads);

/// A chain of Conv2d, ReLU and MaxPool2d in layouts of oneDNN's choice from layer to layer, ReLU as part of the
/// convolution before it; planar in and out. Empty where oneDNN is not built in.
std::function<void()> onednn_chain(const Network& network, const Tensor& input, Tensor& output, int threads);

}  // namespace convlens::bench
