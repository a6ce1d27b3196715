/// Conv2d on the GPU: chooses the shader and splits the work.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Cache of packed weights and biases in GPU memory, in the layout that the convolution shaders read. Each entry keeps
/// the tensors alive from which it was packed.
class PackedKernels {
  public:
    /// Packed arrays of one layer: weights as [group][block][input channel][tap][block_channels] and bias as
    /// [group][block][block_channels]. A block is `block_channels` output channels that one workgroup computes;
    /// channels that fill the last block are zeros. Kernels are already rotated by 180 degrees if the layer's `flip` is
    /// set.
    struct Packed {
        GlMemory weights, bias;
    };
    /// Returns the packed arrays of `layer`. Packs and uploads them unless they are cached; they stay cached until
    /// keep() drops them. Fails if the GPU has no memory for them.
    Expected<Packed> get(GlDevice& device, const Conv2d& layer, int block_channels);

    /// Drops all entries except those packed from the weight tensors at the addresses `weights`.
    void keep(const std::set<const void*>& weights);

  private:
    struct Entry {
        std::shared_ptr<const Tensor> weight;
        std::shared_ptr<const std::vector<float>> bias;
        int groups, block_channels;
        bool flip;
        Packed packed;
    };
    std::vector<Entry> entries_;
};

/// How a convolution runs: the shader and the sizes of a workgroup, chosen by the tables in conv2d_gl.cpp.
struct ConvPlan {
    std::string_view shader = "conv2d_naive.comp";  ///< Name of the shader file.
    int block_channels = 1;                         ///< Output channels of a workgroup.
    int threads = 64;                               ///< Threads of a workgroup.
    int pixels = 64;                                ///< Output pixels of a workgroup, through all batch items.
    int stage = 0;  ///< Number of taps in shared memory at once; 0 if the shader uses no shared memory.
};

/// Returns the plan for `layer` with these shapes of its input and output on this device.
ConvPlan plan_conv2d(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output);

/// Returns true if the device can bind the buffers of the smallest part into which the work can be split: one input
/// plane, and the weights and outputs of one block of output channels.
bool can_run(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output);

/// Computes layer(input) into `output`, whose memory has room for output.shape. Fails if the GPU is out of memory, if
/// the driver rejects a shader, or if `pacer` reports that the work was canceled.
Expected<void> conv2d_forward(GlDevice& device, const Conv2d& layer, PackedKernels& kernels, const GlValues& input,
                              const GlValues& output, Pacer& pacer);

}  // namespace convlens
