/// The same work in other libraries than oneDNN.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/rows.h"

namespace convlens::bench {

/// A library that does a row's work.
struct Peer {
    std::string name;
    std::function<void()> run;
};

/// Those that were found when this was built and can do the row's convolution, with `threads` threads, planar in and
/// out: PyTorch's conv2d; OpenCV's filter2D, a filter a thread, for one input channel and stride 1.
std::vector<Peer> convolution_peers(const Row& row, const Conv2d& layer, const Tensor& input, int threads);

/// The same for max or average pooling with kernel size and stride `size`: PyTorch.
std::vector<Peer> pool_peers(bool max, int size, const Tensor& input, int threads);

/// The same for a Linear layer with a bias: PyTorch.
std::vector<Peer> linear_peers(const Linear& layer, const Tensor& input, int threads);

}  // namespace convlens::bench
