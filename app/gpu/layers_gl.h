/// Runs layers on the GPU.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <vector>

#include "app/gpu/conv2d_gl.h"
#include "app/gpu/gl_device.h"
#include "engine/nn/network.h"

namespace convlens {

/// Cache of weights in GPU memory, for layers that read them without packing. Entries are identified by the address of
/// the values.
class UploadedWeights {
  public:
    /// Returns a GPU copy of `values`, which `owner` keeps alive. The copy stays cached until keep() drops it. Fails if
    /// the GPU has no memory for it.
    Expected<GlMemory> get(GlDevice& device, std::shared_ptr<const void> owner, std::span<const float> values);

    /// Drops all entries except those whose owner is in `owners`.
    void keep(const std::set<const void*>& owners);

  private:
    struct Entry {
        std::shared_ptr<const void> owner;
        const float* values;
        std::size_t count;
        GlMemory memory;
    };
    std::vector<Entry> entries_;
};

/// Weights that stay in GPU memory from one run to the next.
struct LayerWeights {
    PackedKernels kernels;
    UploadedWeights uploaded;

    /// Drops all weights that none of `layers` uses.
    void keep_those_of(std::span<const Layer> layers);
};

/// Returns true if shaders can run this layer on this device, that is, if the driver can bind the buffers that the
/// layer needs at once.
bool can_run(const GlDevice& device, const Operation& operation, const Shape& input, const Shape& output);

/// Runs a layer for which can_run() is true and returns its output of shape `output`, which may share its memory with
/// the input. Fails if the GPU is out of memory, if the driver rejects a shader, or if canceled.
Expected<GlValues> layer_forward(GlDevice& device, const Operation& operation, LayerWeights& weights,
                                 const GlValues& input, const Shape& output, Pacer& pacer);

}  // namespace convlens
