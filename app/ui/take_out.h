/// Taking things out of the window: to files and to the clipboard.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "app/ui/load.h"
#include "engine/export/export.h"

namespace convlens {

/// What is to be taken out.
struct TakeOut {
    ExportOrder order;
    std::string path;  ///< Where to; empty for the clipboard.
    int number = 0;    ///< Each is done once.
    friend bool operator==(const TakeOut&, const TakeOut&) = default;
};

/// Read and drawn, but not yet encoded.
struct Taken {
    TakeOut what;
    Expected<Encode> encode;
};

/// The export panel.
struct ExportView {
    bool open = false;
    Export what = Export::grid;
    std::array<std::size_t, 6> format{};  ///< Of each kind: which of export_formats().
    int cell = 0;                         ///< Width of a cell in pixels; 0 before the first grid.
    Size2 cell_of;                        ///< The map that it was chosen for.
    int channel = 0;
    Spot spot;
    int pixels = 64;
    Decoration decoration;
    std::string path;
    std::string suggested;  ///< What `path` was set to last; the user's own stays.
};

/// How the window names a kind of export.
struct ExportName {
    const char* title;   ///< "Grid"
    const char* thing;   ///< "the grid"
    const char* suffix;  ///< "-grid"
    const char* meaning;
};
const ExportName& export_name(Export what);

/// "DIR/NAME-grid.png" beside the input's picture, or in the current folder for pictures without a file of their own.
std::string suggested_path(const Input& input, std::string_view suffix, std::string_view ending);

/// Encodes and writes, or hands it to the clipboard.
LoadJob take_job(Taken taken);

}  // namespace convlens
