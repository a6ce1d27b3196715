/// The lab worker's job: the three layers on one small image, before and after it is moved.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/explain/lab.h"

namespace convlens {

/// What the lab worker is asked for.
struct LabRequest {
    LabSetup setup;
    std::shared_ptr<const Image> picture;  ///< Its middle square is the lab's image; null: a handwritten digit.
    Size2 shift;
    friend bool operator==(const LabRequest&, const LabRequest&) = default;
};

/// One layer's output in the lab.
struct LabPanel {
    std::shared_ptr<const Tensor> values;  ///< Of the moved image.
    std::shared_ptr<const Image> picture;  ///< A pixel a value, blue to red from -range to range.
    float range = 0;                       ///< Largest magnitude of the image that is not moved.
    LabDifference back;                    ///< After shifting back, against the image that is not moved.
};

/// What the lab shows.
struct LabShown {
    LabRequest request;
    LabLayers layers;
    LabCosts costs;
    std::shared_ptr<const Tensor> image;       ///< Moved.
    std::shared_ptr<const Image> picture;      ///< The same in gray.
    LabPanel full, local, conv, pooled;        ///< pooled.back is not used.
    bool same = false;                         ///< Locally connected layer and convolution agree to the bit.
    LabDifference conv_stayed, pooled_stayed;  ///< At the same places, moved against not moved.
};

/// What the worker runs: keeps a CPU back end. To be called on the worker's thread.
std::function<std::optional<Expected<LabShown>>(const LabRequest&, const Cancel&)> make_lab_job(
    const CpuOptions& options);

}  // namespace convlens
