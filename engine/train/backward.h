/// Gradients of networks and convolutions for tensors in NCHW order, equal to those of PyTorch's autograd up to
/// rounding.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"
#include "engine/nn/parameters.h"

namespace convlens {

struct Simd;

/// Output and gradients of a network. The gradients are those of sum(output * output_gradient), as of
/// output.backward(output_gradient) in PyTorch.
struct Gradients {
    Tensor output;            ///< Output of the network.
    Tensor input;             ///< Gradient with respect to the input, in the shape of the input.
    ParameterMap parameters;  ///< Gradients with respect to the parameters, with the names and shapes of the state
                              ///< dict; 0 for running statistics, which are not learned.
};

/// Computes output and gradients of layers in inference mode. `output_gradient` has as many values as the output. Runs
/// on the threads of the caller's Arena (engine/core/parallel.h); results are bit-identical for any number of threads.
/// Fails like LaneNet::make().
Expected<Gradients> backward(const Network& network, const Tensor& input, const Tensor& output_gradient,
                             const Simd& simd);

/// Gradients of one convolution.
struct Conv2dGradients {
    Tensor input;             ///< Gradient with respect to the input; empty unless requested.
    Tensor weight;            ///< (C_out, C_in/groups, KH, KW)
    std::vector<float> bias;  ///< C_out values; empty for a layer without bias.
};

/// Computes the gradients of a convolution of large images, prepared for inputs of one shape. It cuts the images into
/// strips of rows and processes sixteen strips side by side, so that the SIMD lanes are full for a batch of any size
/// and a strip stays in the cache. It keeps its working memory, because the first access to newly allocated memory
/// costs more than the computation.
class Conv2dBackward {
  public:
    /// Prepares the gradients for layers with the hyper-parameters and the shapes of weight and bias of `layer`, whose
    /// values are ignored. output_shape(layer, input) must not fail.
    Conv2dBackward(const Conv2d& layer, const Shape& input, const Simd& simd);
    ~Conv2dBackward();
    Conv2dBackward(Conv2dBackward&&) noexcept;
    Conv2dBackward& operator=(Conv2dBackward&&) noexcept;

    /// Computes the gradients of sum(conv(input) * output_gradient), where `output_gradient` has the shape
    /// output_shape(layer, input), and stores them in `result`. Runs on the threads of the caller's Arena; results are
    /// bit-identical for any number of threads. Does not change result.input unless `input_wanted`.
    void run(const Tensor& weight, const Tensor& input, const Tensor& output_gradient, bool input_wanted,
             Conv2dGradients& result);

    /// Prepares the weights for run_input().
    void pack(const Tensor& weight);
    /// Computes only the gradient by the input, with the weights passed to the last pack(), and stores it in `result`.
    void run_input(const Tensor& output_gradient, Tensor& result);

  private:
    class Work;
    std::unique_ptr<Work> work_;
};

/// Returns the gradients of one convolution, computed by a temporary Conv2dBackward.
Conv2dGradients conv2d_backward(const Conv2d& layer, const Tensor& input, const Tensor& output_gradient,
                                const Simd& simd, bool input_wanted = true);

}  // namespace convlens
