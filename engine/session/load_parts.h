/// Documents whose large parts are named but not loaded: loading them, and letting them go.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// A document whose pictures, tensors and weights of files are named but not loaded: their pointers are null, their
/// specs as in the file. Small kernels and weights are there. Not to be evaluated before load_parts().
struct DocumentSpec {
    Document document;
};

/// Banks and networks of at most as many numbers are kept in the session itself.
inline constexpr std::size_t max_inline_values = 4096;

/// The document without what load_parts() from `folder` opens again: pictures, tensors, and kernels and weights of
/// files with more than max_inline_values numbers. Paths are then relative to `folder`, which must be absolute, or as
/// they are when it is empty; one that could be taken for a word of the format gets a "./".
DocumentSpec to_spec(const Document& document, const std::filesystem::path& folder);

/// Opens what the document names, by paths relative to `folder` ("" for the current one). Parts of `before` (may be
/// null) that bear the same name are taken over. Fails in a sentence that names the file which is missing or does not
/// fit.
Expected<Document> load_parts(DocumentSpec document, const std::filesystem::path& folder, const NetworkPlaces& places,
                              const Document* before = nullptr);

}  // namespace convlens
