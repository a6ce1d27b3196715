/// Reads and writes lectures.
#include "engine/session/lecture.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "engine/core/named.h"
#include "engine/core/overloaded.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/json_writer.h"
#include "engine/session/document_json.h"

namespace convlens {
namespace {

constexpr std::size_t max_parts = 64, max_part_bytes = 65536;

bool is_tool_name(std::string_view name) {
    constexpr std::size_t longest = 40;
    return !name.empty() && name.size() <= longest &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

ScenePart part_from(const Json& json) {
    if (json.is_number()) return {json.get<double>()};
    if (json.is_boolean()) return {json.get<bool>()};
    if (json.is_string()) return {json.get<std::string>()};
    if (json.is_array()) {
        ScenePart::List list;
        for (const Json& value : json) list.push_back(part_from(value));
        return {std::move(list)};
    }
    if (json.is_object()) {
        ScenePart::Object members;
        for (const auto& [name, value] : json.items()) members.emplace(name, part_from(value));
        return {std::move(members)};
    }
    return {};
}

OrderedJson number_json(double value) {
    constexpr double inexact = 0x1p53;
    if (!std::isfinite(value)) return {};
    const bool whole = value == std::floor(value) && std::abs(value) < inexact;
    return whole ? OrderedJson(static_cast<std::int64_t>(value)) : OrderedJson(value);
}

OrderedJson part_json(const ScenePart& part) {
    return std::visit(
        Overloaded{[](std::monostate) { return OrderedJson(); },  //
                   [](double value) { return number_json(value); }, [](bool value) { return OrderedJson(value); },
                   [](const std::string& text) { return OrderedJson(text); },
                   [](const ScenePart::List& list) {
                       OrderedJson json = OrderedJson::array();
                       for (const ScenePart& value : list) json.push_back(part_json(value));
                       return json;
                   },
                   [](const ScenePart::Object& members) {
                       OrderedJson json = OrderedJson::object();
                       for (const auto& [name, value] : members) json[name] = part_json(value);
                       return json;
                   }},
        part.value);
}

/// Reads the member `name`, a whole number from 0, of the object "pin".
int from_zero(Members& m, const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    if (!object.is_object() || found == object.end()) {
        m.add_error(fmt::format("pin needs channel, y and x"));
        return 0;
    }
    return m.whole(name, *found, 0, "a whole number from 0");
}

/// Reads the states of tools: every member of the view except tool, pin and enlarged.
void read_parts(Members& m, const Json& json, SceneView& view) {
    for (const auto& [name, part] : json.items()) {
        if (name == "tool" || name == "pin" || name == "enlarged") continue;
        m.find(name.c_str());
        if (!is_tool_name(name))
            m.add_error(
                fmt::format("{} is not a tool name: expected 1 to 40 characters of a-z, 0-9 and _", in_quotes(name)));
        else if (const std::size_t size = part.dump().size(); size > max_part_bytes)
            m.add_error(fmt::format("{} has {} bytes: expected {} at most", name, size, max_part_bytes));
        else if (view.parts.size() == max_parts)
            m.add_error(fmt::format("it has the states of more than {} tools", max_parts));
        else
            view.parts.emplace(name, part_from(part));
    }
}

void read_view(Members& m, const Json& json, SceneView& view) {
    if (const Json* tool = m.find("tool")) {
        view.tool = tool->is_string() ? tool->get<std::string>() : std::string();
        if (!is_tool_name(view.tool)) m.expected("tool", *tool, "1 to 40 characters of a-z, 0-9 and _");
    }
    if (const Json* pin = m.find("pin")) {
        if (pin->size() != 3) m.add_error("pin needs channel, y and x and nothing else");
        view.pin = PixelPosition{from_zero(m, *pin, "channel"), from_zero(m, *pin, "y"), from_zero(m, *pin, "x")};
    }
    if (const Json* enlarged = m.find("enlarged"))
        view.enlarged = m.whole("enlarged", *enlarged, 0, "a whole number from 0");
    read_parts(m, json, view);
}

/// By the value of SecondView.
constexpr std::array<std::string_view, 2> second_views{"input", "kernels"};

/// Reads how the scene is composed.
void read_composition(Members& m, Scene& scene) {
    if (const Json* title = m.find("title")) scene.title = m.text("title", *title, max_scene_title);
    if (const Json* text = m.find("text")) scene.text = m.text("text", *text, max_scene_text);
    if (const Json* number = m.find("number")) scene.number = m.text("number", *number, max_scene_title);
    if (const Json* notes = m.find("notes")) scene.notes = m.text("notes", *notes, max_scene_text);
    if (const Json* layout = m.find("layout")) {
        const auto read = layout->is_string() ? scene_layout_from(layout->get<std::string>()) : std::nullopt;
        if (!read) m.expected("layout", *layout, "full, text, side_by_side or number");
        scene.layout = read.value_or(SceneLayout::full);
    }
    if (const Json* second = m.find("second")) {
        const auto read =
            second->is_string() ? named<SecondView>(second_views, second->get<std::string>()) : std::nullopt;
        if (!read) m.expected("second", *second, "input or kernels");
        scene.second = read.value_or(SecondView::input);
    }
}

Expected<Scene> scene_from(const Json& json, std::string_view file, std::size_t number) {
    const std::string where = fmt::format("{}: scene {}", file, number);
    if (!json.is_object()) return fail("{}: found {}, expected an object", where, shown(json));
    Scene scene;
    Members m(json);
    read_composition(m, scene);
    const Json *document = m.find("document"), *view = m.find("view");
    if (!document) m.add_error("document is missing");
    if (view && !view->is_object()) m.expected("view", *view, "an object");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", where, problem);
    if (view) {
        Members v(*view);
        read_view(v, *view, scene.view);
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
    for (const auto& [name, part] : view.parts) {
        assert(is_tool_name(name) && name != "tool" && name != "pin" && name != "enlarged");
        json[name] = part_json(part);
    }
    return json;
}

}  // namespace

Expected<Lecture> parse_lecture(std::string_view text, std::string_view name) {
    const auto json = file_object(text, name, "lecture", document_depth + 3);
    if (!json) return tl::unexpected(json.error());
    Lecture lecture;
    Members m(*json);
    check_kind(m, "lecture");
    if (const Json* title = m.find("title")) lecture.title = m.text("title", *title, 200);
    const Json* scenes = m.find("scenes");
    if (!scenes)
        m.add_error("scenes is missing");
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
        OrderedJson json{{"title", scene.title},
                         {"text", scene.text},
                         {"document", document_json(to_spec(scene.document.document, {}))}};
        if (OrderedJson view = view_json(scene.view); !view.empty()) json["view"] = std::move(view);
        if (scene.layout != SceneLayout::full) json["layout"] = to_string(scene.layout);
        if (!scene.number.empty()) json["number"] = scene.number;
        if (scene.second != SecondView::input) json["second"] = second_views[static_cast<std::size_t>(scene.second)];
        if (!scene.notes.empty()) json["notes"] = scene.notes;
        scenes.push_back(std::move(json));
    }
    return printed({{"convlens", "lecture"}, {"version", 1}, {"title", lecture.title}, {"scenes", std::move(scenes)}});
}

void make_absolute(Lecture& lecture, const std::filesystem::path& folder) {
    for (Scene& scene : lecture.scenes) scene.document = with_absolute_paths(std::move(scene.document), folder);
}

Expected<Lecture> open_lecture(const std::filesystem::path& path) {
    const auto bytes = Bytes::read_file(path, max_session_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    return parse_lecture(text_of(bytes->span()), path.filename().string());
}

Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    if (lecture.scenes.size() > max_scenes)
        return fail("{}: the lecture has {} scenes: expected {} at most", name, lecture.scenes.size(), max_scenes);
    for (std::size_t i = 0; i < lecture.scenes.size(); ++i) {
        const Scene& s = lecture.scenes[i];
        const std::size_t title = std::max(s.title.size(), s.number.size()),
                          text = std::max(s.text.size(), s.notes.size());
        if (title > max_scene_title || text > max_scene_text)
            return fail("{}: scene {} has a title of {} and a text of {} bytes: expected {} and {} at most", name,
                        i + 1, title, text, max_scene_title, max_scene_text);
    }
    const std::string text = print_lecture(lecture);
    if (text.size() > max_session_bytes)
        return fail("{}: with its edited weights the lecture would have {} bytes, more than {}", name, text.size(),
                    max_session_bytes);
    return write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace convlens
