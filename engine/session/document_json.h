/// Documents inside larger JSON files: sessions and lectures.
#pragma once

#include "engine/io/json_members.h"
#include "engine/session/load_parts.h"

namespace convlens {

/// Nesting depth of a document's JSON: rows in channels in kernels in "weight" in "kernels" in the document.
inline constexpr int document_depth = 5;

/// Maximum size of a session or lecture file; larger files are rejected before they are parsed.
inline constexpr std::size_t max_session_bytes = std::size_t{64} << 20U;

/// Returns the document as a JSON object.
nlohmann::ordered_json document_json(const DocumentSpec& document);

/// Returns the document that `json` describes. Fails with a sentence that begins with `file`.
Expected<DocumentSpec> document_from(const Json& json, std::string_view file);

/// Visits the members of "conv", like visit_fields() for a layer.
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

/// Returns the object in a file of the kind "session" or "lecture", nested at most `max_depth` + 1 levels. Fails with a
/// sentence that begins with `file`, also for a text of more than max_session_bytes.
Expected<Json> file_object(std::string_view text, std::string_view file, std::string_view kind, int max_depth);

/// Calls members.add_error() unless "convlens" is `kind` and "version" is 1. Files written by a newer version get a
/// separate message.
void check_kind(Members& members, std::string_view kind);

}  // namespace convlens
