/// Saves documents as JSON files and loads them; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/io/file.h"
#include "engine/session/load_parts.h"
#include "engine/session/scene_view.h"

namespace convlens {

/// Parses the session in `text`; `name` is the name of the file in messages. Fails for invalid JSON, another version,
/// unknown members, and values that are unknown or out of range. The message contains the member and the value. Sets
/// `view`, if it is not null, to the view that the session stores; nullopt if there is none.
Expected<DocumentSpec> parse_session(std::string_view text, std::string_view name,
                                     std::optional<SceneView>* view = nullptr);

/// Returns the document, and the view if it is not the default one, as JSON. Paths become relative to `folder`, which
/// must be absolute; if it is empty, they are not changed. Kernels and weights are written into the JSON if they were
/// made in the window or by a lesson, or if they come from a file and have at most max_inline_values numbers; reading
/// them gives bit-identical values. All others are written as a path or as a built-in name such as "alexnet". Parsing
/// the text with parse_session(), loading its parts from `folder` and printing the result gives the same bytes.
std::string print_session(const Document& document, const std::filesystem::path& folder, const SceneView& view = {});
/// Returns a document without loaded parts as JSON; its paths are not changed.
std::string print_session(const DocumentSpec& document, const SceneView& view = {});

/// Path of the session or of the lecture inside a bundle, a .zip file that contains it and its parts.
inline constexpr const char *bundle_session = "session.json", *bundle_lecture = "lecture.json";

/// Returns true if the path ends in ".zip".
bool is_bundle(const std::filesystem::path& path);

/// Reads a session from a .json file or a bundle and loads its parts. Sets `view` like parse_session(). Fails like
/// read_part(), parse_session() and load_parts(), and for the bundle of a lecture.
Expected<Document> open_session(const std::filesystem::path& path, const NetworkPlaces& places,
                                std::optional<SceneView>* view = nullptr);

/// Returns the kind of a file, the value of its member "convlens": "session" or "lecture"; "" for JSON without that
/// member, such as a network. A path that ends in ".zip" is a "lecture" if it is an archive with one, otherwise a
/// "session". Fails if any other file can't be read or is not JSON.
Expected<std::string> session_file_kind(const std::filesystem::path& path);

/// Writes a session completely or not at all, with paths relative to its folder. Fails like write_file(), and if edited
/// weights would make the file larger than max_session_bytes (64 MiB); save_bundle() has no such limit.
Expected<void> save_session(const Document& document, const std::filesystem::path& path, const SceneView& view = {},
                            Existing existing = Existing::replaced);

}  // namespace convlens
