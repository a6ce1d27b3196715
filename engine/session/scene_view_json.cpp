/// Reads and writes what the window shows of a document.
#include "engine/session/scene_view_json.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "engine/core/overloaded.h"
#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"

namespace convlens {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t max_parts = 64, max_part_bytes = 65536;
constexpr int max_part_depth = 5;

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
        m.add_error(sentence("pin needs channel, y and x"));
        return 0;
    }
    return m.whole(name, *found, 0, "a whole number from 0");
}

/// Members of a view that are not states of tools.
constexpr std::array<std::string_view, 6> own_members{"tool", "pin", "enlarged", "mark", "zoom", "center"};
bool is_own(std::string_view name) {
    return std::find(own_members.begin(), own_members.end(), name) != own_members.end();
}

int depth_of(const Json& json) {
    int deepest = 0;
    if (json.is_structured())
        for (const Json& value : json) deepest = std::max(deepest, 1 + depth_of(value));
    return deepest;
}

/// Reads the states of tools.
void read_parts(Members& m, const Json& json, SceneView& view) {
    for (const auto& [name, part] : json.items()) {
        if (is_own(name)) continue;
        m.find(name.c_str());
        if (!is_tool_name(name))
            m.add_error(
                sentence("{} is not a tool name: expected 1 to 40 characters of a-z, 0-9 and _", in_quotes(name)));
        else if (const std::size_t size = part.dump().size(); size > max_part_bytes)
            m.add_error(sentence("{} has {} bytes: expected {} at most", name, size, max_part_bytes));
        else if (depth_of(part) > max_part_depth)
            m.add_error(sentence("{} is nested deeper than {} levels", name, max_part_depth));
        else if (view.parts.size() == max_parts)
            m.add_error(sentence("it has the states of more than {} tools", max_parts));
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
    if (const Json* mark = m.find("mark")) view.mark = m.whole("mark", *mark, 0, "a whole number from 0");
    if (const Json* zoom = m.find("zoom")) {
        m.read("zoom", *zoom, view.zoom);
        if (!(view.zoom >= 0.25F && view.zoom <= 64)) m.expected("zoom", *zoom, "a number from 0.25 to 64");
    }
    if (const Json* center = m.find("center")) {
        const bool pair =
            center->is_array() && center->size() == 2 && (*center)[0].is_number() && (*center)[1].is_number();
        for (std::size_t i = 0; pair && i < 2; ++i) view.center[i] = (*center)[i].get<float>();
        const auto inside = [](float v) { return v >= 0 && v <= 1; };
        if (!pair || !inside(view.center[0]) || !inside(view.center[1]))
            m.expected("center", *center, "a list of two numbers from 0 to 1");
    }
    read_parts(m, json, view);
}

}  // namespace

Expected<SceneView> view_from(const Json* json, std::string_view where) {
    SceneView view;
    if (!json) return view;
    if (!json->is_object()) return fail("{}: view is {}: expected an object", where, shown(*json));
    Members v(*json);
    read_view(v, *json, view);
    if (const std::string problem = v.problem(); !problem.empty()) return fail("{}: view: {}", where, problem);
    return view;
}

OrderedJson view_json(const SceneView& view) {
    OrderedJson json = OrderedJson::object();
    if (view.tool != "grid") json["tool"] = view.tool;
    if (view.pin) json["pin"] = {{"channel", view.pin->channel}, {"y", view.pin->y}, {"x", view.pin->x}};
    if (view.enlarged) json["enlarged"] = *view.enlarged;
    if (view.mark) json["mark"] = *view.mark;
    if (view.zoom != 1) json["zoom"] = view.zoom;
    if (view.center != SceneView().center) json["center"] = view.center;
    for (const auto& [name, part] : view.parts) {
        assert(is_tool_name(name) && !is_own(name));
        json[name] = part_json(part);
    }
    return json;
}

}  // namespace convlens
