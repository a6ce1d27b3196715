/// Layers with several inputs on the GPU.
#pragma once

#include <span>

#include "app/gpu/gl_device.h"
#include "engine/nn/layers.h"

namespace convlens {

/// Returns true if shaders can join inputs of these shapes: if an Add or Multiply broadcasts nothing but inputs with
/// one value per channel.
bool can_join(const GlDevice& device, JoinRule rule, std::span<const Shape> inputs, const Shape& output);

/// Computes the output of a layer with several inputs, for which can_join() is true. Fails if the GPU is out of memory,
/// if the driver rejects a shader, or if canceled.
Expected<GlValues> join_gl(GlDevice& device, JoinRule rule, std::span<const GlValues> inputs, const Shape& output,
                           Pacer& pacer);

/// Reads the inputs back, joins them on the CPU, and returns the result.
Expected<Tensor> join_beside(GlDevice& device, JoinRule rule, std::span<const GlValues> inputs, const Shape& output,
                             const Cancel& cancel);

}  // namespace convlens
