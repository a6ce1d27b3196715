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
    Export what = Export::grid;           ///< The chosen kind.
    std::array<std::size_t, 6> format{};  ///< For each kind, the chosen format as an index into export_formats().
    int cell = 0;                         ///< Width of a cell in pixels; 0 until the panel is first drawn.
    Size2 cell_of;                        ///< Size of the feature maps for which `cell` was chosen.
    int channel = 0;                      ///< Channel of Export::channel.
    PixelPosition position;               ///< Value of Export::microscope.
    int pixels = 64;  ///< Width in pixels of a cell of Export::microscope, or of a kernel of Export::kernels.
    /// Of Export::grid and Export::channel; Export::microscope uses only the background.
    Annotations annotations;
    std::string path;       ///< The output file.
    std::string suggested;  ///< The last path that the panel suggested. If `path` differs, the user has typed it, and
                            ///< it is kept.
};

/// Opens the export panel and sets its position and its channel to the current ones. `frame.shown` must not be null.
void open_export(Frame& frame);

/// Exports to the clipboard if `clipboard`, otherwise to a file: what the export panel specifies if it is open,
/// otherwise the grid without annotations as .png. Does nothing if the panel's format does not fit: the clipboard takes
/// only .png, and a file name must end in the format.
void export_now(Frame& frame, bool clipboard);

/// Queues an export; sets its number. The worker reads or draws the data, then a job writes or copies it. Exports are
/// done one after the other.
void export_request(Frame& frame, ExportRequest what);

/// Queues an export of the weights of the network on screen to a .safetensors file beside the input image (in the
/// current folder if the image has no file).
void save_weights(Frame& frame);
/// Queues an export of the layers and weights of the network on screen to an .onnx file at the same place.
void save_network(Frame& frame);

/// The export tool's entry in the table of tools, and the export panel as an overlay.
extern const Tool export_tool;
extern const Overlay export_overlay;

/// Draws the export panel.
void export_panel(Frame& frame);

}  // namespace convlens
