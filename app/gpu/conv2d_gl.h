/// Conv2d on the GPU: chooses the shader and splits the work.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Cache of packed weights and biases in GPU memory, in the layout that the convolution shaders read. Each entry keeps
/// the tensors alive from which it was packed.
class PackedKernels {
  public:
    /// Packed arrays of one layer: weights as [group][block][input channel][tap][block_channels] and bias as
    /// [group][block][block_channels]. A block is `block_channels` output channels that one thread computes; channels
    /// that fill the last block are zeros. Kernels are already rotated by 180 degrees if the layer's `flip` is set.
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

/// How a convolution runs: the shader, chosen by the table in conv2d_gl.cpp, and parameters derived from the layer.
struct ConvPlan {
    std::string shader;          ///< Name of the shader file.
    int block_channels = 1;      ///< Output channels per thread.
    int lx = 8, ly = 8, lz = 1;  ///< Threads of a workgroup along x, y and blocks of output channels.
    int x_of_thread = 1;         ///< Neighboring output columns per thread.
    /// For conv2d_tiled.comp: rows and columns of the input tile in shared memory, and vec4s per stride phase of a row
    /// (see the shader).
    int tile_rows = 0, tile_columns = 0, phase_quads = 0;
    int stage_channels = 1;  ///< Number of input channels in shared memory at once.
    /// Shared memory in vec4s: index where the weights begin, after the input channels, and total size. `quads` is 0
    /// for shaders without shared memory.
    int kernel_base = 0, quads = 0;
};

/// Returns the plan for `layer` with an output of shape `output` on this device.
ConvPlan plan_conv2d(const GlDevice& device, const Conv2d& layer, const Shape& output);

/// Returns true if the device can bind the buffers of the smallest part into which the work can be split: one input
/// plane, and the weights and outputs of one block of output channels.
bool can_run(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output);

/// Computes layer(input) into `output`, whose memory has room for output.shape. Fails if the GPU is out of memory, if
/// the driver rejects a shader, or if `pacer` reports that the work was canceled.
Expected<void> conv2d_forward(GlDevice& device, const Conv2d& layer, PackedKernels& kernels, const GlValues& input,
                              const GlValues& output, Pacer& pacer);

}  // namespace convlens
