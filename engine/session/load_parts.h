/// Documents whose large parts are named but not loaded. Loads the parts, or replaces them with their names.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// A document whose images, tensors and weights from files are named but not loaded: their pointers are null and
/// their specs are as in the file. Small kernels and weights are present. Must not be evaluated before load_parts().
struct DocumentSpec {
    Document document;
};

/// Kernels and weights with at most this many numbers are stored in the session itself.
inline constexpr std::size_t max_inline_values = 4096;

/// Returns the document without the parts that load_parts() can open again from `folder`: images, tensors, and
/// kernels and weights from files with more than max_inline_values numbers. Paths become relative to `folder`, which
/// must be absolute, or are not changed if it is empty. A path that could be mistaken for a word of the format gets the
/// prefix "./".
DocumentSpec to_spec(const Document& document, const std::filesystem::path& folder);

/// Opens the parts that the document names, by paths relative to `folder` ("" for the current one). Parts of `before`
/// (may be null) with the same name are reused. If a file is missing or does not fit, fails with a message that names
/// the file.
Expected<Document> load_parts(DocumentSpec document, const std::filesystem::path& folder, const NetworkPlaces& places,
                              const Document* before = nullptr);

}  // namespace convlens
