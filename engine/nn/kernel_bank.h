/// Predefined and random kernels: the edge filters of the assignment notebook and nn.Conv2d's random initialization.
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
    std::string tooltip_text;  ///< One sentence for a student, without a period.
    Size2 size;
    std::vector<float> values;  ///< size.h * size.w, row by row, applied as correlation.
};

/// Returns the 64 handmade filters in the order of their channels. The largest has the size edge_kernel_size.
std::span<const NamedKernel> edge_kernels();

/// kernel_size of the layer that holds all edge kernels; smaller kernels are padded with zeros on all sides.
inline constexpr Size2 edge_kernel_size{7, 7};

/// How a single-channel kernel is applied to an image of several channels.
enum class GrayKernels {
    luminance,    ///< Filters 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
    channel_sum,  ///< Filters every channel with the same kernel and adds the results.
};

/// Repeats kernels (C_out, 1, KH, KW) over `channels` input channels: multiplied by 0.299, 0.587, 0.114 for luminance
/// if there are 3 channels, by 1 otherwise.
Tensor spread_over_channels(const Tensor& gray_kernels, int channels, GrayKernels rule);

/// Returns the edge kernels as weights (64, 1, 7, 7).
Tensor edge_weights();

/// Weights and bias of a newly initialized layer.
struct InitialWeights {
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values.
};

/// Pseudo-random numbers, uniform between -1/sqrt(fan_in) and +1/sqrt(fan_in), as nn.Conv2d and nn.Linear initialize
/// weight and bias. The stream (Mersenne Twister) is the same on every machine.
class UniformStream {
  public:
    UniformStream(std::uint64_t fan_in, std::uint32_t seed);
    void fill(std::span<float> values);

  private:
    float bound_;
    std::mt19937 stream_;
};

/// Returns weights and bias as nn.Conv2d initializes them: uniform in +-1/sqrt(fan_in), fan_in = C_in/groups * KH * KW.
/// The weights are drawn first, then the bias, from one UniformStream.
InitialWeights random_weights(int out_channels, int in_channels_per_group, Size2 kernel_size, std::uint32_t seed);

}  // namespace convlens
