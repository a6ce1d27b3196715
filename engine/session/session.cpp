/// Reads, writes and recognizes session files.
#include "engine/session/session.h"

#include <algorithm>

#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/json_writer.h"
#include "engine/io/onnx.h"
#include "engine/io/zip_archive.h"
#include "engine/session/document_json.h"
#include "engine/session/scene_view_json.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

std::string session_text(const DocumentSpec& document, const SceneView& view) {
    nlohmann::ordered_json json{{"convlens", "session"}, {"version", 1}, {"document", document_json(document)}};
    if (auto shown = view_json(view); !shown.empty()) json["view"] = std::move(shown);
    return printed(json);
}

}  // namespace

Expected<DocumentSpec> parse_session(std::string_view text, std::string_view name, std::optional<SceneView>* view) {
    const auto json = file_object(text, name, "session", std::max(document_depth, view_depth) + 1);
    if (!json) return tl::unexpected(json.error());
    Members m(*json);
    check_kind(m, "session");
    const Json *document = m.find("document"), *stored = m.find("view");
    if (!document) m.add_error("document is missing");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", name, problem);
    auto shown = view_from(stored, name);
    if (!shown) return tl::unexpected(shown.error());
    if (view) *view = stored ? std::optional(std::move(*shown)) : std::nullopt;
    return document_from(*document, name);
}

std::string print_session(const Document& document, const fs::path& folder, const SceneView& view) {
    return session_text(to_spec(document, folder), view);
}

std::string print_session(const DocumentSpec& document, const SceneView& view) {
    return print_session(document.document, {}, view);
}

Expected<void> save_session(const Document& document, const fs::path& path, const SceneView& view, Existing existing) {
    std::error_code ignored;
    const std::string text = print_session(document, fs::absolute(path, ignored).parent_path(), view);
    if (text.size() > max_session_bytes)
        return fail(
            "{}: with its edited weights the session would have {} bytes, more than {}: save it as a bundle (.zip)",
            path.filename().string(), text.size(), max_session_bytes);
    return write_file(path, std::as_bytes(std::span(text)), existing);
}

bool is_bundle(const fs::path& path) { return path.extension() == ".zip"; }

Expected<std::string> session_file_kind(const fs::path& path) {
    if (is_bundle(path)) return archive_has(path, bundle_lecture) ? "lecture" : "session";
    if (is_onnx(path)) return std::string();
    const auto bytes = read_part(path, max_session_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    constexpr int deepest = 64;
    const auto json =
        json_from(text_of(bytes->span()), path.filename().string(), "a session, a lecture or a network", deepest);
    if (!json) return tl::unexpected(json.error());
    const auto kind = json->is_object() ? json->find("convlens") : json->end();
    return kind != json->end() && kind->is_string() ? kind->get<std::string>() : std::string();
}

Expected<Document> open_session(const fs::path& path, const NetworkPlaces& places, std::optional<SceneView>* view) {
    const fs::path file = is_bundle(path) ? path / bundle_session : path;
    if (is_bundle(path) && archive_has(path, bundle_lecture))
        return fail("{}: it is a bundle with a lecture, expected a session", path.filename().string());
    const auto bytes = read_part(file, max_session_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    auto parsed = parse_session(text_of(bytes->span()), path.filename().string(), view);
    if (!parsed) return tl::unexpected(parsed.error());
    std::error_code ignored;
    return load_parts(std::move(*parsed), fs::absolute(file, ignored).parent_path(), places);
}

}  // namespace convlens
