/// Taking things out of the window: to files and to the clipboard.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "app/ui/load.h"
#include "engine/export/export.h"

namespace convlens {

/// What is to be taken out.
struct ExportRequest {
    ExportOrder order;
    std::string path;  ///< Where to; empty for the clipboard.
    int number = 0;    ///< Each is done once.
    friend bool operator==(const ExportRequest&, const ExportRequest&) = default;
};

/// Read and drawn, but not yet encoded.
struct PreparedExport {
    ExportRequest what;
    Expected<Encode> encode;
};

/// How the window names a kind of export.
struct ExportName {
    const char* title;   ///< "Grid"
    const char* thing;   ///< "the grid"
    const char* suffix;  ///< "-grid"
    const char* meaning;
};
const ExportName& export_name(Export what);

/// Encodes and writes, or hands it to the clipboard.
LoadJob export_job(PreparedExport taken);

}  // namespace convlens
