/// Gradients of tensors in NCHW order, as autograd gives them.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/network.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// Gradients of sum(output * output_gradient).
struct Gradients {
    Tensor output;            ///< The layers' output, on the way.
    Tensor input;             ///< In the input's shape.
    ParameterMap parameters;  ///< By the names and in the shapes of state_dict.
};

/// Of a chain of Conv2d, MaxPool2d, ReLU, Flatten and Linear layers. `output_gradient` has as many values as the
/// output. Runs on the calling arena's threads; the same to the bit for any number of them. Fails as LaneNet::make().
Expected<Gradients> backward(const Network& network, const Tensor& input, const Tensor& output_gradient,
                             const Simd& simd);

/// Gradients of one convolution.
struct Conv2dGradients {
    Tensor input;             ///< Empty unless wanted.
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values; empty for a layer without.
};

/// The gradients of a convolution of large images, made ready for inputs of one shape: images are cut into strips of
/// rows, so that a batch of any size fills the vectors and a strip stays in the cache. Keeps its memory, because
/// touching fresh memory costs more than computing in it.
class Conv2dBackward {
  public:
    /// For layers like `layer`, whose weights don't matter here; output_shape(layer, input) must not fail.
    Conv2dBackward(const Conv2d& layer, const Shape& input, const Simd& simd);
    ~Conv2dBackward();
    Conv2dBackward(Conv2dBackward&&) noexcept;
    Conv2dBackward& operator=(Conv2dBackward&&) noexcept;

    /// The gradients of sum(conv(input) * output_gradient); the output's shape is output_shape(layer, input). On the
    /// calling arena's threads; the same to the bit for any number of them. result.input is left as it is unless
    /// `input_wanted`.
    void run(const Tensor& weight, const Tensor& input, const Tensor& output_gradient, bool input_wanted,
             Conv2dGradients& result);

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// The same once.
Conv2dGradients conv2d_backward(const Conv2d& layer, const Tensor& input, const Tensor& output_gradient,
                                const Simd& simd, bool input_wanted = true);

}  // namespace convlens
