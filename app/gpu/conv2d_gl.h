/// Conv2d on the GPU: choice of the shader, splitting of the work.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "app/gpu/gl_device.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Cache of packed weights and bias, in the layout that the shaders read, with the tensors that they were packed from.
class PackedKernels {
  public:
    /// Packed arrays of one layer: weights as [group][block][channel][tap][block_channels] and bias as
    /// [group][block][block_channels]. Missing channels are zeros. Kernels are already rotated if the layer's `flip` is
    /// set. Cached until keep() drops them.
    struct Packed {
        GlMemory weights, bias;
    };
    Expected<Packed> get(GlDevice& device, const Conv2d& layer, int block_channels);

    /// Drops all entries except those packed from the tensors at the addresses `weights`.
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

/// Execution plan of a convolution: the shader from the table in conv2d_gl.cpp, and parameters derived from the layer.
struct ConvPlan {
    std::string shader;
    int block_channels = 1;      ///< Output channels per thread.
    int lx = 8, ly = 8, lz = 1;  ///< Threads of a workgroup along x, y and blocks of channels.
    int x_of_thread = 1;
    int tile_rows = 0, tile_columns = 0,
        phase_quads = 0;             ///< conv2d_tiled: size of one channel of the tile in shared memory.
    int stage_channels = 1;          ///< Channels in shared memory at once.
    int kernel_base = 0, quads = 0;  ///< Shared memory in vec4s: where the weights begin (after the channels), and the
                                     ///< total size.
};

/// Returns the plan for `layer` with an output of shape `output` on this device.
ConvPlan plan_conv2d(const GlDevice& device, const Conv2d& layer, const Shape& output);

/// Returns true if the buffers of the smallest part of the work can be bound on this device.
bool can_run(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output);

/// Computes layer(input) into `output`, which has room for output.shape.
Expected<void> conv2d_forward(GlDevice& device, const Conv2d& layer, PackedKernels& kernels, const GlValues& input,
                              const GlValues& output, Pacer& pacer);

}  // namespace convlens
