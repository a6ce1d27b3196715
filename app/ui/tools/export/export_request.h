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
    int number = 0;    ///< Unique number of the request, so that each request is carried out once.
    friend bool operator==(const ExportRequest&, const ExportRequest&) = default;
};

/// An export whose data has been read and drawn but not yet encoded.
struct PreparedExport {
    ExportRequest what;
    Expected<Encode> encode;
};

/// Names of a kind of export in the window.
struct ExportName {
    const char* title;   ///< "Grid"
    const char* thing;   ///< "the grid"
    const char* suffix;  ///< "-grid"
    const char* tooltip_text;
};
const ExportName& export_name(Export what);

/// Returns a job that encodes the export and writes it to a file or copies it to the clipboard.
LoadJob export_job(PreparedExport taken);

}  // namespace convlens
