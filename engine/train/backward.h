/// Gradients of tensors in NCHW order, equal to those of PyTorch's autograd.
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
    Tensor output;            ///< Output of the layers, which is computed as well.
    Tensor input;             ///< Gradient with respect to the input, in the shape of the input.
    ParameterMap parameters;  ///< Gradients with respect to the parameters, with the names and shapes of the state
                              ///< dict.
};

/// Computes the gradients of a chain of Conv2d, MaxPool2d, ReLU, Flatten and Linear layers. `output_gradient` has as
/// many values as the output. Runs on the threads of the calling arena; results are bit-identical for any number of
/// threads. Fails like LaneNet::make().
Expected<Gradients> backward(const Network& network, const Tensor& input, const Tensor& output_gradient,
                             const Simd& simd);

/// Gradients of one convolution.
struct Conv2dGradients {
    Tensor input;             ///< Gradient with respect to the input; empty unless requested.
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values; empty for a layer without bias.
};

/// The gradients of a convolution of large images, prepared for inputs of one shape. Images are cut into strips of
/// rows, so that a batch of any size fills the vectors and a strip stays in the cache. Keeps its working memory,
/// because the first access to newly allocated memory costs more than the computation.
class Conv2dBackward {
  public:
    /// Prepares the gradients of layers with the hyper-parameters and sizes of `layer`, whose weights are ignored.
    /// output_shape(layer, input) must not fail.
    Conv2dBackward(const Conv2d& layer, const Shape& input, const Simd& simd);
    ~Conv2dBackward();
    Conv2dBackward(Conv2dBackward&&) noexcept;
    Conv2dBackward& operator=(Conv2dBackward&&) noexcept;

    /// Computes the gradients of sum(conv(input) * output_gradient); the output's shape is output_shape(layer, input).
    /// Runs on the threads of the calling arena; results are bit-identical for any number of threads. Does not change
    /// result.input unless `input_wanted`.
    void run(const Tensor& weight, const Tensor& input, const Tensor& output_gradient, bool input_wanted,
             Conv2dGradients& result);

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// Computes the gradients with a temporary Conv2dBackward.
Conv2dGradients conv2d_backward(const Conv2d& layer, const Tensor& input, const Tensor& output_gradient,
                                const Simd& simd, bool input_wanted = true);

}  // namespace convlens
