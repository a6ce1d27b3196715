/// The job of the lab worker: three layers on one small image, before and after a shift.
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
    LabSetup setup;
    std::shared_ptr<const Image>
        picture;  ///< Image whose central square is the lab's input; null means a handwritten digit.
    Size2 shift;
    friend bool operator==(const LabRequest&, const LabRequest&) = default;
};

/// Output of one layer in the lab.
struct LabPanel {
    std::shared_ptr<const Tensor> values;  ///< Output for the shifted image.
    std::shared_ptr<const Image> picture;  ///< One pixel per value, blue to red from -range to range.
    float range = 0;                       ///< Largest magnitude of the output for the unshifted image.
    LabDifference back;  ///< Result of after_shifting_back(): compares the output for the shifted image, shifted back,
                         ///< with the output for the unshifted image.
};

/// Result of the lab worker.
struct LabShown {
    LabRequest request;
    LabLayers layers;
    LabCosts costs;
    std::shared_ptr<const Tensor> image;   ///< The shifted image.
    std::shared_ptr<const Image> picture;  ///< The shifted image in gray.
    LabPanel full, local, conv, pooled;    ///< pooled.back is not used.
    bool same = false;  ///< Whether the outputs of the locally connected layer and of the convolution are
                        ///< bit-identical.
    LabDifference conv_stayed, pooled_stayed;  ///< Differences at the same positions between the outputs for the
                                               ///< shifted and for the unshifted image.
};

/// Returns the worker's function, which owns a CPU backend. Must be called on the worker thread.
std::function<std::optional<Expected<LabShown>>(const LabRequest&, const Cancel&)> make_lab_job(
    const CpuOptions& options);

}  // namespace convlens
