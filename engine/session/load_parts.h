/// Documents whose large parts are named but not loaded, and loading them.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// A document whose pictures, tensors and weights of files are named but not loaded: their pointers are null, their
/// specs as in the file. Small kernels and weights are there. Not to be evaluated before load_parts().
struct UnloadedDocument {
    Document document;
};

/// Banks and networks of at most as many numbers are kept in the session itself.
inline constexpr std::size_t max_inline_values = 4096;

/// Opens what the document names, by paths relative to `folder` ("" for the current one). Parts of `before` (may be
/// null) that bear the same name are taken over. Fails in a sentence that names the file which is missing or does not
/// fit.
Expected<Document> load_parts(UnloadedDocument document, const std::filesystem::path& folder,
                              const NetworkPlaces& places, const Document* before = nullptr);

}  // namespace convlens
