/// Documents as JSON files, and back; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/session/load_parts.h"

namespace convlens {

/// The session that `text` describes; `name` is what messages call it. Fails in one sentence that names the member and
/// the value: on broken JSON, on another version, on members and words that the format does not have, on values out of
/// range.
Expected<DocumentSpec> parse_session(std::string_view text, std::string_view name);

/// The document as JSON. Paths are written relative to `folder`, which must be absolute, or as they are when it is
/// empty. Kernels and weights without a file, and those of at most max_inline_values numbers, are written out so that
/// they read back bit for bit; larger ones by the name of their file. parse_session() of the text, loaded from
/// `folder`, prints as the same bytes.
std::string print_session(const Document& document, const std::filesystem::path& folder);
std::string print_session(const DocumentSpec& document);

/// The session's path in a bundle, a .zip file that holds a session and its parts.
inline constexpr const char* bundle_session = "session.json";

/// Whether the path ends in ".zip".
bool is_bundle(const std::filesystem::path& path);

/// Reads a session from a .json file, or from a bundle, and loads its parts.
Expected<Document> open_session(const std::filesystem::path& path, const NetworkPlaces& places);

/// What a file says it is: "session" (every bundle is one), "lecture", or "" for any other JSON, such as a network.
/// Fails as open_session() where it can't be read or is no JSON.
Expected<std::string> session_file_kind(const std::filesystem::path& path);

/// Writes a session, whole or not at all, with paths relative to its folder. Fails as write_file(), and where edited
/// weights would make the file larger than 64 MB: a bundle takes them.
Expected<void> save_session(const Document& document, const std::filesystem::path& path);

}  // namespace convlens
