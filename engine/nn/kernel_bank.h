/// Kernels made by hand, or by chance: the notebook's edge filters and nn.Conv2d's random ones.
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

/// A gray kernel with the field's name for it.
struct NamedKernel {
    std::string name;     ///< "Sobel x"
    std::string meaning;  ///< One sentence for a student, without a full stop.
    Size2 size;
    std::vector<float> values;  ///< size.h * size.w, row by row, applied as correlation.
};

/// The 64 hand-made filters in the order of their channels. The largest is edge_kernel_size.
std::span<const NamedKernel> edge_kernels();

/// All edge kernels share one kernel_size in the layer: the smaller ones stand in the middle of zeros.
inline constexpr Size2 edge_kernel_size{7, 7};

/// What a gray kernel does to an image of several channels.
enum class GrayKernels {
    luminance,    ///< Filters 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
    channel_sum,  ///< Filters every channel alike and adds the results.
};

/// Kernels (C_out, 1, KH, KW) repeated over `channels` input channels: times 0.299, 0.587, 0.114 for luminance when
/// there are 3 channels, times 1 otherwise.
Tensor spread_over_channels(const Tensor& gray_kernels, int channels, GrayKernels rule);

/// The edge kernels as weights (64, 1, 7, 7).
Tensor edge_weights();

/// Weights and bias of a fresh layer.
struct InitialWeights {
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values.
};

/// Numbers uniform in +-1/sqrt(fan_in), as nn.Conv2d and nn.Linear initialize weight and bias. The stream (Mersenne
/// Twister) is the same on every machine.
class UniformStream {
  public:
    UniformStream(std::uint64_t fan_in, std::uint32_t seed);
    void fill(std::span<float> values);

  private:
    float bound_;
    std::mt19937 stream_;
};

/// As nn.Conv2d initializes itself: weight and bias uniform in +-1/sqrt(fan_in), fan_in = C_in/groups * KH * KW.
/// Weights are drawn first, then the bias, from a UniformStream.
InitialWeights random_weights(int out_channels, int in_channels_per_group, Size2 kernel_size, std::uint32_t seed);

}  // namespace convlens
