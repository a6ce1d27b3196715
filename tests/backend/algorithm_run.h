/// Running one algorithm of a convolution, whether it is the fastest for the layer or not.
#pragma once

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "engine/cpu/conv2d_algorithm.h"

namespace convlens::test {

/// What the values of channels are before an algorithm runs that does not compute them.
inline constexpr float untouched = 77;

/// Outputs of the shape of the layer's output, with one entry of `stats` per batch item and channel.
struct AlgorithmResult {
    Tensor values, rectified;
    std::vector<ChannelStats> stats;
};

inline AlgorithmResult run(Conv2dAlgorithm& algorithm, const Conv2d& layer, const Tensor& input) {
    const Shape out = output_shape(layer, input.shape()).value();
    AlgorithmResult r{Tensor(out, untouched), Tensor(out, untouched),
                      std::vector<ChannelStats>(static_cast<std::size_t>(out.n) * static_cast<std::size_t>(out.c))};
    EXPECT_TRUE(algorithm.run(input, Cancel(), r.values, r.stats, &r.rectified, {}));
    return r;
}

/// Returns a tensor of normally distributed values.
inline Tensor normal_tensor(const Shape& shape, std::mt19937& random) {
    std::normal_distribution<float> normal;
    Tensor t(shape);
    for (float& v : t.values()) v = normal(random);
    return t;
}

/// Returns the indices of all output channels of the layer.
inline std::vector<int> all_of(const Conv2d& layer) {
    std::vector<int> channels(static_cast<std::size_t>(layer.weight->shape().n));
    std::iota(channels.begin(), channels.end(), 0);
    return channels;
}

}  // namespace convlens::test
