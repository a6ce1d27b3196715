/// Reading and writing lectures.
#include "engine/session/lecture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/io/array_formats.h"
#include "engine/io/file.h"
#include "engine/session/document_json.h"

namespace convlens {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> tools{"grid", "microscope", "slide",    "kernel",
                                                "lab",  "compare",    "features", "train"};
constexpr std::size_t max_scenes = 1000;

/// A whole number from 0 of an object.
int from_zero(Members& m, const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end()) {
        m.complain(fmt::format("pin needs channel, y and x"));
        return 0;
    }
    return m.whole(name, *found, 0, "a whole number from 0");
}

void read_view(Members& m, SceneView& view) {
    if (const Json* tool = m.find("tool")) {
        if (tool->is_string()) view.tool = tool->get<std::string>();
        if (!tool->is_string() || std::find(tools.begin(), tools.end(), view.tool) == tools.end())
            m.expected("tool", *tool, fmt::format("one of {}", fmt::join(tools, ", ")));
    }
    if (const Json* pin = m.find("pin")) {
        if (pin->size() != 3) m.complain("pin needs channel, y and x and nothing else");
        view.pin = Spot{from_zero(m, *pin, "channel"), from_zero(m, *pin, "y"), from_zero(m, *pin, "x")};
    }
    if (const Json* enlarged = m.find("enlarged"))
        view.enlarged = m.whole("enlarged", *enlarged, 0, "a whole number from 0");
    if (const Json* slide = m.find("slide")) {
        view.slide = slide->is_number() ? slide->get<double>() : -1;
        if (!(view.slide >= 0 && view.slide < 1e12)) m.expected("slide", *slide, "a number from 0");
    }
}

Expected<Scene> scene_from(const Json& json, std::string_view file, std::size_t number) {
    const std::string where = fmt::format("{}: scene {}", file, number);
    if (!json.is_object()) return fail("{}: it is {}: expected an object", where, shown(json));
    Scene scene;
    Members m(json);
    if (const Json* title = m.find("title")) scene.title = m.text("title", *title, 200);
    if (const Json* text = m.find("text")) scene.text = m.text("text", *text, 4000);
    const Json *document = m.find("document"), *view = m.find("view");
    if (!document) m.complain("document is missing");
    if (view && !view->is_object()) m.expected("view", *view, "an object");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", where, problem);
    if (view) {
        Members v(*view);
        read_view(v, scene.view);
        if (const std::string problem = v.problem(); !problem.empty()) return fail("{}: view: {}", where, problem);
    }
    auto read = document_from(*document, where);
    if (!read) return tl::unexpected(read.error());
    scene.document = std::move(*read);
    return scene;
}

OrderedJson view_json(const SceneView& view) {
    OrderedJson json = OrderedJson::object();
    if (view.tool != "grid") json["tool"] = view.tool;
    if (view.pin) json["pin"] = {{"channel", view.pin->channel}, {"y", view.pin->y}, {"x", view.pin->x}};
    if (view.enlarged) json["enlarged"] = *view.enlarged;
    if (view.slide > 0) json["slide"] = static_cast<std::int64_t>(std::floor(view.slide));
    return json;
}

}  // namespace

std::span<const std::string_view> scene_tools() { return tools; }

Expected<Lecture> parse_lecture(std::string_view text, std::string_view name) {
    if (text.size() > max_session_bytes)
        return fail("{}: {} bytes are too many for a lecture, expected {} at most", name, text.size(),
                    max_session_bytes);
    const auto json = json_from(text, name, "a lecture", document_depth + 3);
    if (!json) return tl::unexpected(json.error());
    if (!json->is_object()) return fail("{}: expected a lecture, found {}", name, shown(*json));
    Lecture lecture;
    Members m(*json);
    check_kind(m, "lecture");
    if (const Json* title = m.find("title")) lecture.title = m.text("title", *title, 200);
    const Json* scenes = m.find("scenes");
    if (!scenes)
        m.complain("scenes is missing");
    else if (!scenes->is_array() || scenes->empty() || scenes->size() > max_scenes)
        m.expected("scenes", *scenes, "a list of 1 to 1000 scenes");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", name, problem);
    for (std::size_t i = 0; i < scenes->size(); ++i) {
        auto scene = scene_from((*scenes)[i], name, i + 1);
        if (!scene) return tl::unexpected(scene.error());
        lecture.scenes.push_back(std::move(*scene));
    }
    return lecture;
}

std::string print_lecture(const Lecture& lecture) {
    OrderedJson scenes = OrderedJson::array();
    for (const Scene& scene : lecture.scenes) {
        OrderedJson json{
            {"title", scene.title}, {"text", scene.text}, {"document", document_json(scene.document.document, {})}};
        if (OrderedJson view = view_json(scene.view); !view.empty()) json["view"] = std::move(view);
        scenes.push_back(std::move(json));
    }
    return printed({{"convlens", "lecture"}, {"version", 1}, {"title", lecture.title}, {"scenes", std::move(scenes)}});
}

Expected<Lecture> open_lecture(const std::filesystem::path& path) {
    const auto bytes = Bytes::read_file(path, max_session_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto span = bytes->span();
    return parse_lecture({reinterpret_cast<const char*>(span.data()), span.size()}, path.filename().string());
}

Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path) {
    const std::string text = print_lecture(lecture);
    return write_file(path, std::as_bytes(std::span(text)));
}

UnloadedDocument unloaded(const Document& document, const std::filesystem::path& folder) {
    auto read = parse_session(print_session(document, folder), "scene");
    return read ? std::move(*read) : UnloadedDocument{};
}

}  // namespace convlens
