/// The weight-sharing lab: why a convolution has so few weights.
#pragma once

#include <memory>
#include <optional>

#include "app/ui/tool.h"
#include "app/ui/tools/lab/lab_job.h"
#include "app/ui/worker.h"

namespace convlens {

/// The weight-sharing lab as it is set.
struct LabView {
    LabSetup setup;
    bool from_picture = false;  ///< The image is made from the picture on screen.
    Size2 shift;
    int panel = 2;       ///< Which layer's connections are lit: 0 fully connected, 1 locally connected, 2 convolution.
    Size2 unit{14, 14};  ///< The row and the column of the unit whose connections are lit.
    int paper_side = 200, paper_units = 500;  ///< For the counters by formula.
    Size2 shift_before;                       ///< Where the image was when the drag began.
};

/// The lab and the thread that computes it.
struct Lab {
    LabView view;
    std::optional<LabShown> shown;  ///< None before the first answer.
    std::shared_ptr<const LabRequest> submitted;
    std::optional<Worker<LabRequest, Expected<LabShown>>> worker;  ///< None before the lab is drawn first.
};

extern const Tool lab_tool;

void lab_panel(Frame& frame);

}  // namespace convlens
