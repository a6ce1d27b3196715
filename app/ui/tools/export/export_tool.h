/// Export of pictures, arrays, weights and scripts.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "app/ui/tool.h"
#include "app/ui/tools/export/export_request.h"

namespace convlens {

/// State of the export panel.
struct ExportView {
    Export what = Export::grid;
    std::array<std::size_t, 6> format{};  ///< Index into export_formats() for each kind.
    int cell = 0;                         ///< Width of a cell in pixels; 0 until a grid has been shown.
    Size2 cell_of;                        ///< Feature map size for which `cell` was chosen.
    int channel = 0;
    PixelPosition position;
    int pixels = 64;
    Annotations annotations;
    std::string path;
    std::string suggested;  ///< The last path that the program suggested. If `path` differs, the user has entered it
                            ///< and it is kept.
};

/// Opens the export panel with the current value and channel.
void open_export(Frame& frame);

/// Exports to the clipboard or to a file: the export that is set up in the export panel if it is open, otherwise the
/// plain grid.
void export_now(Frame& frame, bool clipboard);

/// Queues an export: the worker draws or reads it, then it is written or copied. Exports are done one after the other.
void export_request(Frame& frame, ExportRequest what);

/// Writes the weights of the network on screen as .safetensors.
void save_weights(Frame& frame);

extern const Tool export_tool;
extern const Overlay export_overlay;

void export_panel(Frame& frame);

}  // namespace convlens
