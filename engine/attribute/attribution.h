/// Attribution maps: which pixels of one image an output of a network depends on.
#pragma once

#include <memory>

#include "engine/attribute/method.h"
#include "engine/attribute/target.h"
#include "engine/core/cancel.h"
#include "engine/nn/normalize.h"
#include "engine/train/backpropagation.h"

namespace convlens {

/// Options of single methods.
struct AttributionOptions {
    int steps = 32;      ///< Points of Method::integrated_gradients between the black image and the image.
    int cam_layer = -1;  ///< Index of the layer whose output Grad-CAM weights; -1: default_cam_layer().
    Size2 patch{16, 16}, stride{8, 8};  ///< Of Method::occlusion, in pixels of the network's input.
    friend bool operator==(const AttributionOptions&, const AttributionOptions&) = default;
};

/// Returns the layer for Grad-CAM: the ReLU after the last convolution before the last layer, or that convolution if no
/// ReLU follows directly. Returns -1 if there is no earlier convolution.
int default_cam_layer(const Network& network);

/// Computes maps of one image by all methods but Method::occlusion (see Occlusion).
class Attribution {
  public:
    /// Prepares the maps of `input` (1, C, H, W), which was normalized by `normalize`. Fails like
    /// Backpropagation::make().
    static Expected<Attribution> make(Target target, std::shared_ptr<const Tensor> input, Normalize normalize,
                                      const AttributionOptions& options, const Simd& simd);

    /// Returns the map (1, 1, H, W) by `method`. The gradient, guided backprop and deconvolution are the largest
    /// magnitude over the channels of the input, gradient x input and integrated gradients the sum over them. Grad-CAM
    /// is enlarged by bilinear interpolation. Integrated gradients are the mean over the midpoints of options.steps
    /// equal parts of the way. Runs on the threads of the caller's Arena. Fails if canceled, and for Grad-CAM if there
    /// is no earlier convolution or options.cam_layer does not exist.
    Expected<Tensor> map(Method method, const Cancel& cancel);

    const Target& target() const { return target_; }

    /// Returns the output that is explained.
    Expected<double> output(const Cancel& cancel);

  private:
    Attribution(Target target, std::shared_ptr<const Tensor> input, Normalize normalize, AttributionOptions options,
                const Simd& simd, Backpropagation pass)
        : target_(std::move(target)),
          input_(std::move(input)),
          normalize_(normalize),
          options_(options),
          simd_(&simd),
          pass_(std::move(pass)) {}
    Expected<Tensor> input_gradient(ReluRule rule, const Cancel& cancel);
    Expected<Tensor> integrated(const Cancel& cancel);
    Expected<Tensor> grad_cam(const Cancel& cancel);

    Target target_;
    std::shared_ptr<const Tensor> input_;
    Normalize normalize_;
    AttributionOptions options_;
    const Simd* simd_;
    Backpropagation pass_;
};

}  // namespace convlens
