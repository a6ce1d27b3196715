/// Documents that name their large parts instead of containing them: loading the parts, and replacing them with their
/// names.
#pragma once

#include <filesystem>

#include "engine/document/document.h"
#include "engine/open/open_network.h"

namespace convlens {

/// A document whose large parts are not loaded: images, tensors, and kernels and weights from files are null pointers,
/// and only their paths or names are set, as in the session file. Kernels and weights that the session file contains
/// are present. Must not be evaluated before load_parts().
struct DocumentSpec {
    Document document;
};

/// Maximum size of a session or lecture file in bytes, 64 MiB; larger files are rejected before they are parsed.
inline constexpr std::size_t max_session_bytes = std::size_t{64} << 20U;

/// Kernels and weights from files with at most this many numbers are stored in the session file itself.
inline constexpr std::size_t max_inline_values = 4096;

/// Returns the document without the parts that load_parts() can open again: images, tensors, and kernels and weights
/// from files with more than max_inline_values numbers. Paths become relative to `folder`, which must be absolute; a
/// file in `folder` itself gets the prefix "./", so that it can't be mistaken for a built-in name. If `folder` is
/// empty, paths are not changed.
DocumentSpec to_spec(const Document& document, const std::filesystem::path& folder);

/// Returns the document with absolute paths instead of paths relative to `folder`, which must be absolute.
DocumentSpec with_absolute_paths(DocumentSpec document, const std::filesystem::path& folder);

/// Loads the parts that the document names. Paths are relative to `folder` ("" means the current folder). Parts that
/// `before` (may be null) has loaded from the same path or name are reused. If a file is missing, can't be read or does
/// not fit, fails with a message that names the file.
Expected<Document> load_parts(DocumentSpec document, const std::filesystem::path& folder, const NetworkPlaces& places,
                              const Document* before = nullptr);

}  // namespace convlens
