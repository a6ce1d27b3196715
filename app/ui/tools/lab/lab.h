/// The weight-sharing lab: shows on a small image why a convolution needs far fewer weights than other layers.
#pragma once

#include <memory>
#include <optional>

#include "app/ui/tool.h"
#include "app/ui/tools/lab/lab_job.h"
#include "app/ui/worker.h"

namespace convlens {

/// State of the weight-sharing lab.
struct LabView {
    LabSetup setup;             ///< Parameters of the lab's layers.
    bool from_picture = false;  ///< Whether the input is made from the current image instead of a handwritten digit.
    Size2 shift;                ///< Pixels by which the image is shifted: down (h) and right (w).
    int panel = 2;       ///< The layer whose connections are highlighted: 0 fully connected, 1 locally connected, 2
                         ///< convolution, 3 max pooling.
    Size2 unit{14, 14};  ///< Row and column of the unit (output value) whose connections are highlighted.
    int paper_side = 200, paper_units = 500;  ///< The calculator's image side in pixels and its number of units, for
                                              ///< lab_costs().
    Size2 shift_before;                       ///< `shift` when the current drag of the image began.
    unsigned stage = 0xF;  ///< The layers that lecture mode shows beside the input: bit i for panel i.
};

/// The lab and its worker thread.
struct Lab {
    LabView view;
    std::optional<LabShown> shown;                ///< nullopt before the worker's first answer.
    std::shared_ptr<const LabRequest> submitted;  ///< The last request to the worker; null before the first.
    std::optional<Worker<LabRequest, Expected<LabShown>>> worker;  ///< nullopt until the lab is first drawn.
};

/// The lab's entry in the table of tools.
extern const Tool lab_tool;

/// Draws the lab in the central panel.
void lab_panel(Frame& frame);

}  // namespace convlens
