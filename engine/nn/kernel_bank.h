/// Predefined and random kernels: hand-crafted edge filters, and random weights as nn.Conv2d initializes them.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// A single-channel kernel with its usual name.
struct NamedKernel {
    std::string name;          ///< "Sobel x"
    std::string tooltip_text;  ///< What the kernel does, for students: one sentence without a period.
    Size2 size;
    std::vector<float> values;  ///< size.h * size.w weights, row by row. They are applied as correlation, not flipped.
};

/// Returns the 64 hand-crafted filters in the order of their channels. The largest ones have the size edge_kernel_size.
std::span<const NamedKernel> edge_kernels();

/// kernel_size of the layer that contains all edge kernels. Smaller kernels are padded with zeros.
inline constexpr Size2 edge_kernel_size{7, 7};

/// How a kernel for one channel is applied to an image of several channels.
enum class GrayKernels {
    luminance,    ///< Filters 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
    channel_sum,  ///< Filters every channel with the same kernel and adds the results.
};

/// Returns the kernels `gray_kernels` (C_out, 1, KH, KW), repeated for `channels` input channels: (C_out, channels, KH,
/// KW). For GrayKernels::luminance and 3 channels, the copies are multiplied by 0.299, 0.587 and 0.114. In all other
/// cases they are not changed.
Tensor spread_over_channels(const Tensor& gray_kernels, int channels, GrayKernels rule);

/// Returns edge_kernels() as the weights of a layer, (64, 1, 7, 7).
Tensor edge_weights();

/// Weights and bias of a newly initialized layer.
struct InitialWeights {
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values.
};

/// Pseudo-random numbers in [-1/sqrt(fan_in), 1/sqrt(fan_in)), uniformly distributed: the distribution with which
/// nn.Conv2d and nn.Linear initialize weight and bias. The generator is a Mersenne Twister, so the same seed gives the
/// same numbers on every machine.
class UniformStream {
  public:
    /// `fan_in` is the number of inputs of one output value, at least 1.
    UniformStream(std::uint64_t fan_in, std::uint32_t seed);
    /// Fills `values` with the next numbers.
    void fill(std::span<float> values);

  private:
    float bound_;
    std::mt19937 stream_;
};

/// Returns random weights and bias with the distribution with which nn.Conv2d initializes them: uniform in
/// +-1/sqrt(fan_in), where fan_in = in_channels_per_group * KH * KW. One UniformStream gives first the weights, then
/// the bias.
InitialWeights random_weights(int out_channels, int in_channels_per_group, Size2 kernel_size, std::uint32_t seed);

}  // namespace convlens
