/// Export: pictures, numbers, weights and scripts to take home.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "app/ui/tool.h"
#include "app/ui/tools/export/export_request.h"

namespace convlens {

/// The export panel as it is set.
struct ExportView {
    Export what = Export::grid;
    std::array<std::size_t, 6> format{};  ///< Of each kind: which of export_formats().
    int cell = 0;                         ///< Width of a cell in pixels; 0 before the first grid.
    Size2 cell_of;                        ///< The map that it was chosen for.
    int channel = 0;
    PixelPosition position;
    int pixels = 64;
    Decoration decoration;
    std::string path;
    std::string suggested;  ///< What `path` was set to last; the user's own stays.
};

/// Opens the export panel at the value and the channel at hand.
void open_export(Frame& frame);

/// Takes out what the export panel says, where that is open, else the plain grid: to the clipboard or to a file.
void export_now(Frame& frame, bool clipboard);

/// Has it drawn or read by the worker, then written or copied; one after the other.
void take_out(Frame& frame, ExportRequest what);

/// Writes the weights of the network on screen as .safetensors.
void save_weights(Frame& frame);

extern const Tool export_tool;
extern const Overlay export_overlay;

void export_panel(Frame& frame);

}  // namespace convlens
