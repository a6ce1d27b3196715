/// Documents inside of larger JSON files: sessions and lectures.
#pragma once

#include "engine/io/json_members.h"
#include "engine/session/load_parts.h"

namespace convlens {

/// How deep a document's JSON nests: rows in channels in kernels in "weight" in "kernels" in the document.
inline constexpr int document_depth = 5;

/// Larger files are refused before they are read.
inline constexpr std::size_t max_session_bytes = std::size_t{64} << 20U;

/// The members of a document.
nlohmann::ordered_json document_json(const UnloadedDocument& document);

/// The document that `json` describes; fails in a sentence that begins with `file`.
Expected<UnloadedDocument> document_from(const Json& json, std::string_view file);

/// Complains unless "convlens" is `kind` and "version" is 1, and says when a newer version wrote the file.
void check_kind(Members& members, std::string_view kind);

}  // namespace convlens
