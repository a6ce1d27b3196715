/// Saves documents as JSON files and loads them; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/session/load_parts.h"

namespace convlens {

/// Parses the session in `text`; `name` is its name in messages. Fails for invalid JSON, another version, unknown
/// members and words, and values out of range. The message contains the member and the value.
Expected<DocumentSpec> parse_session(std::string_view text, std::string_view name);

/// Returns the document as JSON. Paths are written relative to `folder`, which must be absolute, or are not changed if
/// it is empty. Kernels and weights are written into the JSON if they were made in the window or by a lesson, or if
/// they come from a file and have at most max_inline_values numbers; reading them gives bit-identical values. All
/// others are written as a path or as a built-in name such as "alexnet". Parsing the text with parse_session(), loading
/// it from `folder` and printing it again gives the same bytes.
std::string print_session(const Document& document, const std::filesystem::path& folder);
std::string print_session(const DocumentSpec& document);

/// Path of the session in a bundle, a .zip file that contains a session and its parts.
inline constexpr const char* bundle_session = "session.json";

/// Returns true if the path ends in ".zip".
bool is_bundle(const std::filesystem::path& path);

/// Reads a session from a .json file or a bundle, and loads its parts. Fails like parse_session() and load_parts().
Expected<Document> open_session(const std::filesystem::path& path, const NetworkPlaces& places);

/// Returns the kind of a file as stored in it: "session" (including every bundle), "lecture", or "" for any other JSON,
/// such as a network. Fails like open_session() if it can't be read or is not JSON.
Expected<std::string> session_file_kind(const std::filesystem::path& path);

/// Writes a session atomically, with paths relative to its folder. Fails like write_file(), and if edited weights would
/// make the file larger than max_session_bytes (64 MB); a bundle has no such limit.
Expected<void> save_session(const Document& document, const std::filesystem::path& path);

}  // namespace convlens
