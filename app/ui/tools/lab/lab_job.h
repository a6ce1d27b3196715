/// The lab's work on its worker thread: runs the lab's layers on one small image, before and after it is shifted.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/explain/lab.h"

namespace convlens {

/// A request to the lab worker.
struct LabRequest {
    LabSetup setup;  ///< Parameters of the lab's layers.
    /// Image whose central square is the lab's input; null means a handwritten digit.
    std::shared_ptr<const Image> picture;
    Size2 shift;  ///< Pixels by which the image is shifted: down (h) and right (w).
    friend bool operator==(const LabRequest&, const LabRequest&) = default;
};

/// Output of one layer in the lab.
struct LabPanel {
    std::shared_ptr<const Tensor> values;  ///< Output for the shifted image.
    /// `values` with one pixel per value: blue is -range, gray is 0, red is range.
    std::shared_ptr<const Image> picture;
    float range = 0;     ///< Largest magnitude of the output for the unshifted image.
    LabDifference back;  ///< Result of after_shifting_back(): compares the output for the shifted image, shifted back,
                         ///< with the output for the unshifted image.
};

/// Result of the lab worker.
struct LabShown {
    LabRequest request;
    LabLayers layers;                      ///< The layers that ran, with their weights.
    LabCosts costs;                        ///< Weights and multiply-accumulates of these layers.
    std::shared_ptr<const Tensor> image;   ///< The shifted image.
    std::shared_ptr<const Image> picture;  ///< The shifted image in gray.
    /// Outputs of the layers; `pooled` is the max-pooled `conv`, and pooled.back is not set.
    LabPanel full, local, conv, pooled;
    bool same = false;  ///< Whether the outputs of the locally connected layer and of the convolution are
                        ///< bit-identical.
    LabDifference conv_stayed, pooled_stayed;  ///< Differences at the same positions between the outputs for the
                                               ///< shifted and for the unshifted image.
};

/// Returns the worker's function. It owns a CPU backend, so it must be made, called and destroyed on the worker thread.
/// It returns nullopt if canceled, and an error if the backend fails or there is not enough memory.
std::function<std::optional<Expected<LabShown>>(const LabRequest&, const Cancel&)> make_lab_job(
    const CpuOptions& options);

}  // namespace convlens
