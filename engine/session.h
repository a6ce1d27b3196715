/// Documents as JSON files, and back; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/document.h"
#include "engine/open_network.h"

namespace convlens {

/// A document whose pictures, tensors and weights of files are named but not loaded: their pointers are null, their
/// specs as in the file. Small kernels and weights are there. Not to be evaluated before load_parts().
struct UnloadedDocument {
    Document document;
};

/// The session that `text` describes; `name` is what messages call it. Fails in one sentence that names the member and
/// the value: on broken JSON, on another version, on members and words that the format does not have, on values out of
/// range.
Expected<UnloadedDocument> parse_session(std::string_view text, std::string_view name);

/// The document as JSON. Paths are written relative to `folder`, which must be absolute, or as they are when it is
/// empty. Kernels and weights without a file, and those of at most max_inline_values numbers, are written out so that
/// they read back bit for bit; larger ones by the name of their file. parse_session() of the text, loaded from
/// `folder`, prints as the same bytes.
std::string print_session(const Document& document, const std::filesystem::path& folder);
std::string print_session(const UnloadedDocument& document);

/// Banks and networks of at most as many numbers are kept in the session itself.
inline constexpr std::size_t max_inline_values = 4096;

/// Opens what the document names, by paths relative to `folder` ("" for the current one). Parts of `before` (may be
/// null) that bear the same name are taken over. Fails in a sentence that names the file which is missing or does not
/// fit.
Expected<Document> load_parts(UnloadedDocument document, const std::filesystem::path& folder,
                              const NetworkPlaces& places, const Document* before = nullptr);

/// Reads a session from a .json file, or from a bundle (engine/bundle.h), and loads its parts.
Expected<Document> open_session(const std::filesystem::path& path, const NetworkPlaces& places);

/// What a file says it is: "session" (every bundle is one), "lecture", or "" for any other JSON, such as a network.
/// Fails as open_session() where it can't be read or is no JSON.
Expected<std::string> session_file_kind(const std::filesystem::path& path);

/// Writes a session, whole or not at all, with paths relative to its folder. Fails as write_file(), and where edited
/// weights would make the file larger than 64 MB: a bundle takes them.
Expected<void> save_session(const Document& document, const std::filesystem::path& path);

}  // namespace convlens
