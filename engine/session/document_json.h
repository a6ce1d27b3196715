/// Reading and writing of the JSON object that describes a document; session files and lecture files contain such
/// objects.
#pragma once

#include "engine/io/json_members.h"
#include "engine/session/load_parts.h"

namespace convlens {

/// Depth of the innermost JSON value of a document: a row of numbers in document / "kernels" / "weight" / kernel /
/// channel.
inline constexpr int document_depth = 5;

/// Returns the document as a JSON object.
nlohmann::ordered_json document_json(const DocumentSpec& document);

/// Returns the document that `json` describes, without its large parts. Fails with a sentence that begins with `file`.
Expected<DocumentSpec> document_from(const Json& json, std::string_view file);

/// Visits the members of "conv" with a Members or a JsonWriter, like visit_fields() of engine/nn/layer_fields.h.
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

/// Parses `text` as a JSON object, nested at most `max_depth` + 1 levels. Fails with a sentence that begins with
/// `file`, also for a text of more than `max_bytes`. `kind`, "session" or "lecture", names the expected content in
/// messages; check_kind() verifies it.
Expected<Json> file_object(std::string_view text, std::string_view file, std::string_view kind, int max_depth,
                           std::size_t max_bytes = max_session_bytes);

/// Calls members.add_error() unless the member "convlens" is `kind` and "version" is 1. A file of a newer version gets
/// a message of its own.
void check_kind(Members& members, std::string_view kind);

}  // namespace convlens
