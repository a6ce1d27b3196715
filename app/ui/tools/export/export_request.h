/// Exports to files and to the clipboard.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "app/ui/load.h"
#include "engine/export/export.h"

namespace convlens {

/// A request to export.
struct ExportRequest {
    ExportOrder order;
    std::string path;  ///< Output file; empty for the clipboard.
    int number = 0;    ///< Unique number; each request is done once.
    friend bool operator==(const ExportRequest&, const ExportRequest&) = default;
};

/// An export that is read and drawn, but not yet encoded.
struct PreparedExport {
    ExportRequest what;
    Expected<Encode> encode;
};

/// Names of a kind of export in the window.
struct ExportName {
    const char* title;   ///< "Grid"
    const char* thing;   ///< "the grid"
    const char* suffix;  ///< "-grid"
    const char* meaning;
};
const ExportName& export_name(Export what);

/// Encodes the export and writes it or copies it to the clipboard.
LoadJob export_job(PreparedExport taken);

}  // namespace convlens
