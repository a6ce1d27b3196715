/// Gradients of a network by its input and by the outputs of its layers, for few images.
#pragma once

#include <memory>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"
#include "engine/train/layer_gradient.h"

namespace convlens {

struct Simd;

/// Layers in inference mode, prepared for a batch of images of one shape. It keeps the outputs of all layers, so that
/// several backward passes can follow one forward pass. LaneNet computes the same gradients, of sixteen images at once;
/// here the strips of rows of one image lie side by side (see Conv2dBackward). One call at a time may run.
class Backpropagation {
  public:
    /// Prepares the layers for inputs of shape `input`. Fails with a message that names the layer if it can't run on
    /// its input, or if the values and gradients need more than half of memory_limit(). `simd` must outlive the object.
    static Expected<Backpropagation> make(Network network, const Shape& input, const Simd& simd);
    ~Backpropagation();
    Backpropagation(Backpropagation&&) noexcept;
    Backpropagation& operator=(Backpropagation&&) noexcept;

    const Network& network() const;

    /// Runs the layers on `input`, on the threads of the caller's Arena (engine/core/parallel.h). If `input` is the
    /// same object as in the last call, no layer runs twice. Fails only if canceled.
    Expected<void> forward(std::shared_ptr<const Tensor> input, const Cancel& cancel);

    /// Returns the input of layer `layer` in the last forward pass; for layer = number of layers, the output.
    const Tensor& value(int layer) const;

    /// Returns the gradient of sum(output * output_gradient) by value(layer), in its shape. `output_gradient` has the
    /// shape of the output. `rule` applies to all ReLU layers. Fails only if canceled.
    Expected<Tensor> backward(int layer, Tensor output_gradient, ReluRule rule, const Cancel& cancel);

  private:
    struct State;
    explicit Backpropagation(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace convlens
