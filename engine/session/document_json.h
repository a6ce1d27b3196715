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
nlohmann::ordered_json document_json(const DocumentSpec& document);

/// The document that `json` describes; fails in a sentence that begins with `file`.
Expected<DocumentSpec> document_from(const Json& json, std::string_view file);

/// Visits the members of "conv", as visit_fields() does those of a layer.
template <class Conv, class Visitor>
void visit_conv(Conv& conv, Visitor& visit) {
    const ConvParams default_value;
    visit.optional("stride", conv.stride, default_value.stride);
    visit.padding(conv);
    visit.optional("dilation", conv.dilation, default_value.dilation);
    visit.optional("groups", conv.groups, default_value.groups);
    visit.optional("padding_mode", conv.padding_mode, default_value.padding_mode);
    visit.optional("flip", conv.flip, default_value.flip);
}

/// The object that a file of the kind "session" or "lecture" holds, nested `max_depth` + 1 levels at most. Fails in a
/// sentence that begins with `file`, also for a text of more than max_session_bytes.
Expected<Json> file_object(std::string_view text, std::string_view file, std::string_view kind, int max_depth);

/// Complains unless "convlens" is `kind` and "version" is 1, and says when a newer version wrote the file.
void check_kind(Members& members, std::string_view kind);

}  // namespace convlens
