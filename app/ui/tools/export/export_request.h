/// Requests to export to a file or to the clipboard.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "app/ui/load.h"
#include "engine/export/export.h"

namespace convlens {

/// A request to export.
struct ExportRequest {
    ExportOrder order;  ///< What to export, and its appearance.
    std::string path;   ///< Output file; empty for the clipboard.
    int number = 0;     ///< Unique number of the request, so that each request is carried out once.
    friend bool operator==(const ExportRequest&, const ExportRequest&) = default;
};

/// An export whose data has been read and drawn, but not encoded or written.
struct PreparedExport {
    ExportRequest what;
    Expected<Encode> encode;  ///< Returns the bytes of the file; or the error if the data could not be read or drawn.
};

/// How the window names a kind of export.
struct ExportName {
    const char* title;         ///< On its button: "Grid".
    const char* thing;         ///< In messages: "the grid".
    const char* suffix;        ///< At the end of the suggested file name: "-grid".
    const char* tooltip_text;  ///< One sentence without a final period.
};

/// Returns the names of `what`.
const ExportName& export_name(Export what);

/// Returns a job that encodes the export and writes it to unused_path() of its path (no file is overwritten), or copies
/// it to the clipboard. The job fails with a message that names what was not saved.
LoadJob export_job(PreparedExport taken);

}  // namespace convlens
