/// The weight-sharing lab, which shows why a convolution has so few weights.
#pragma once

#include <memory>
#include <optional>

#include "app/ui/tool.h"
#include "app/ui/tools/lab/lab_job.h"
#include "app/ui/worker.h"

namespace convlens {

/// State of the weight-sharing lab.
struct LabView {
    LabSetup setup;
    bool from_picture = false;  ///< Whether the lab's input is made from the current image.
    Size2 shift;
    int panel = 2;       ///< The layer whose connections are highlighted: 0 fully connected, 1 locally connected, 2
                         ///< convolution, 3 max pooling.
    Size2 unit{14, 14};  ///< Row and column of the unit whose connections are highlighted.
    int paper_side = 200, paper_units = 500;  ///< Side of the image and number of units for which costs are calculated
                                              ///< by lab_costs().
    Size2 shift_before;                       ///< Shift of the image when the drag began.
};

/// The lab and its worker thread.
struct Lab {
    LabView view;
    std::optional<LabShown> shown;  ///< nullopt before the worker's first answer.
    std::shared_ptr<const LabRequest> submitted;
    std::optional<Worker<LabRequest, Expected<LabShown>>> worker;  ///< nullopt until the lab is first drawn.
};

extern const Tool lab_tool;

void lab_panel(Frame& frame);

}  // namespace convlens
