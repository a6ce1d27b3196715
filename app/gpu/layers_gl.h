/// Layers on the GPU.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <vector>

#include "app/gpu/conv2d_gl.h"
#include "app/gpu/gl_device.h"
#include "engine/nn/network.h"

namespace convlens {

/// Cache of weights that are uploaded without packing, identified by the address of their owner.
class UploadedWeights {
  public:
    /// Returns a GPU copy of `values`, which `owner` keeps alive. Cached until keep() drops it.
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

/// GPU weights that layers keep from run to run.
struct LayerWeights {
    PackedKernels kernels;
    UploadedWeights uploaded;

    /// Drops everything that none of `layers` uses.
    void keep_those_of(std::span<const Layer> layers);
};

/// Returns true if shaders can run this layer on this device: the required buffers must be small enough to be bound at
/// once.
bool can_run(const GlDevice& device, const Operation& operation, const Shape& input, const Shape& output);

/// Runs a layer for which can_run() is true. The result may share its memory with the input.
Expected<GlValues> layer_forward(GlDevice& device, const Operation& operation, LayerWeights& weights,
                                 const GlValues& input, const Shape& output, Pacer& pacer);

}  // namespace convlens
