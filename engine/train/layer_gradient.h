/// Outputs and gradients of the layers other than Conv2d and Linear, for interleaved images.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"
#include "engine/nn/network.h"

namespace convlens {

/// How the gradient passes a ReLU. Outputs do not depend on it.
enum class ReluRule {
    gradient,       ///< Where the output is positive: the derivative.
    deconvolution,  ///< Where the gradient is positive (Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901).
    guided,         ///< Where both are positive (Springenberg et al. 2014, https://arxiv.org/abs/1412.6806).
};

/// A layer other than Conv2d and Linear in inference mode, prepared for images of one shape. Value i of image n of a
/// block of `lanes` images is at index i * lanes + n, where i is its index in the image's CHW order: with one lane, a
/// block is an image. `arrays` holds the arrays of the layer in the order of the state dict, one after the other.
/// Immutable, so several threads may use it at the same time.
class LayerGradient {
  public:
    /// Prepares the layer for images of shape `in`, on which it must be able to run; in.n is ignored.
    LayerGradient(const OperationSpec& spec, const Shape& in);

    /// Returns true if the output has the values of the input in the same order: Flatten, Dropout, and an
    /// AdaptiveAvgPool2d that keeps the size.
    bool passes() const;

    /// Computes the output of a block of lane_images images (engine/cpu/lane_loops.h).
    void forward(std::span<const float> arrays, const float* input, float* output) const;

    /// Computes the gradient by the input from `output_gradient`, the gradient by the output, for a block of `lanes`
    /// images: lane_images or one. `input` and `output` are the values of the forward pass. Adds the gradients by
    /// `arrays`, summed over the images, to `array_gradient`, unless it is empty; running_mean and running_var, which
    /// are not learned, get none.
    void backward(int lanes, std::span<const float> arrays, const float* input, const float* output,
                  const float* output_gradient, float* input_gradient, std::span<float> array_gradient,
                  ReluRule rule = ReluRule::gradient) const;

  private:
    /// The windows of a pooling layer in a plane of the input, one per value of a plane of the output.
    struct Windows {
        std::vector<std::ptrdiff_t> indices;  ///< Of the values in the windows, one window after the other.
        std::vector<std::size_t> ends;        ///< For each window, the end of its indices.
        std::vector<float> factors;           ///< For a mean: 1 / divisor of each window.
    };
    template <int L>
    struct Block;

    OperationSpec spec_;
    Shape in_, out_;
    Windows windows_;
};

/// Fails with a sentence that names the layer if there is no gradient of its type.
Expected<void> check_gradient(const LayerSpec& layer);

/// Returns all arrays of a layer as LayerGradient reads them.
std::vector<float> arrays_of(const Layer& layer);

}  // namespace convlens
