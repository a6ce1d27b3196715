/// Reads and writes lectures.
#include "engine/session/lecture.h"

#include <algorithm>
#include <array>

#include "engine/core/named.h"
#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/json_writer.h"
#include "engine/io/zip_archive.h"
#include "engine/session/document_json.h"
#include "engine/session/scene_view_json.h"

namespace convlens {
namespace {

constexpr std::size_t max_texts = 4 * max_scene_text;  ///< Bytes of the texts of a scene and its steps together.

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

/// Reads the list `json` of at most max_choices entries.
template <class Read>
void read_choices(Members& m, const char* name, const Json& json, const Read& read) {
    if (!json.is_array() || json.size() < 2 || json.size() > max_choices)
        return m.expected(name, json, sentence("a list of 2 to {} choices", max_choices));
    for (const Json& choice : json) read(choice);
}

Expected<SceneQuestion> question_from(const Json& json, std::string_view where) {
    if (!json.is_object()) return fail("{}: ask is {}: expected an object", where, shown(json));
    SceneQuestion q;
    Members m(json);
    if (const Json* prompt = m.find("prompt")) q.prompt = m.text("prompt", *prompt, max_scene_text);
    if (const Json* why = m.find("why")) q.why = m.text("why", *why, max_scene_text);
    const Json *answer = m.find("answer"), *choices = m.find("choices"), *kernels = m.find("kernels");
    if (answer) q.answer = m.text("answer", *answer, max_scene_title);
    if (q.prompt.empty()) m.add_error("prompt is missing");
    if (choices && kernels) m.add_error("choices and kernels can't be combined");
    if (kernels ? answer != nullptr : q.answer.empty())
        m.add_error(kernels ? "answer is not needed: the channel that is shown alone is right" : "answer is missing");
    if (choices)
        read_choices(m, "choices", *choices,
                     [&](const Json& choice) { q.choices.push_back(m.text("choices", choice, max_scene_title)); });
    if (kernels)
        read_choices(m, "kernels", *kernels, [&](const Json& kernel) {
            q.kernels.push_back(m.whole("kernels", kernel, 0, "a whole number from 0"));
        });
    if (q.answer.find("{value}") != std::string::npos)
        m.add_error("answer contains {value}, which is known only while somebody points at the grid");
    if (!q.choices.empty() && std::find(q.choices.begin(), q.choices.end(), q.answer) == q.choices.end())
        m.add_error("answer is none of the choices");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: ask: {}", where, problem);
    return q;
}

/// What the steps of a scene change, while they are read.
struct Merged {
    Json document, view;
    std::size_t bytes = 0;  ///< Sum of the sizes of all documents so far.
    std::size_t max_bytes = 0;  ///< Limit of `bytes`.
};

Expected<SceneStep> step_from(const Json& json, const std::string& where, const Scene& scene, Merged& now) {
    if (!json.is_object()) return fail("{}: found {}, expected an object", where, shown(json));
    SceneStep step;
    Members m(json);
    if (const Json* text = m.find("text")) step.text = m.text("text", *text, max_scene_text);
    if (const Json* seconds = m.find("seconds")) {
        m.read("seconds", *seconds, step.seconds);
        if (!(step.seconds >= 0 && step.seconds <= 60)) m.expected("seconds", *seconds, "a number from 0 to 60");
    }
    const Json *document = m.find("document"), *view = m.find("view"), *ask = m.find("ask");
    for (const auto& [name, part] : {std::pair{"document", document}, {"view", view}})
        if (part && !part->is_object()) m.expected(name, *part, "an object");
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", where, problem);
    step.document = scene.document_after(scene.steps.size());
    step.view = scene.view_after(scene.steps.size());
    if (document) {
        now.document.merge_patch(*document);
        // A large document with many steps must not need more memory than the largest file.
        if (now.bytes += now.document.dump().size(); now.bytes > now.max_bytes)
            return fail("{}: with all steps the documents have more than {} bytes", where, now.max_bytes);
        auto read = document_from(now.document, where);
        if (!read) return tl::unexpected(read.error());
        step.document = std::move(*read);
    }
    if (view) {
        now.view.merge_patch(*view);
        auto read = view_from(&now.view, where);
        if (!read) return tl::unexpected(read.error());
        step.view = std::move(*read);
    }
    if (ask) {
        auto read = question_from(*ask, where);
        if (!read) return tl::unexpected(read.error());
        step.question = std::move(*read);
    }
    return step;
}

Expected<Scene> scene_from(const Json& json, std::string_view file, std::size_t number, std::size_t& bytes,
                           std::size_t max_bytes) {
    const std::string where = fmt::format("{}: scene {}", file, number);
    if (!json.is_object()) return fail("{}: found {}, expected an object", where, shown(json));
    Scene scene;
    Members m(json);
    read_composition(m, scene);
    const Json *document = m.find("document"), *view = m.find("view"), *steps = m.find("steps");
    if (!document) m.add_error("document is missing");
    if (steps && (!steps->is_array() || steps->size() > max_steps))
        m.expected("steps", *steps, sentence("a list of at most {} steps", max_steps));
    if (const std::string problem = m.problem(); !problem.empty()) return fail("{}: {}", where, problem);
    auto read_view = view_from(view, where);
    if (!read_view) return tl::unexpected(read_view.error());
    scene.view = std::move(*read_view);
    auto read = document_from(*document, where);
    if (!read) return tl::unexpected(read.error());
    scene.document = std::move(*read);
    if (!steps) return scene;
    Merged now{*document, view ? *view : Json::object(), bytes, max_bytes};
    for (std::size_t i = 0; i < steps->size(); ++i) {
        auto step = step_from((*steps)[i], fmt::format("{}: step {}", where, i + 1), scene, now);
        if (!step) return tl::unexpected(step.error());
        scene.steps.push_back(std::move(*step));
    }
    for (std::size_t i = 0; i < scene.steps.size(); ++i) {
        const auto& question = scene.steps[i].question;
        if (!question || question->kernels.empty()) continue;
        const auto shown = scene.view_after(i + 1).enlarged;
        if (!shown || std::ranges::find(question->kernels, *shown) == question->kernels.end())
            return fail("{}: step {}: ask: the channel that the step shows alone ({}) is none of the kernels", where,
                        i + 1, shown ? fmt::format("{}", *shown) : sentence("none"));
    }
    if (scene.text_after(scene.steps.size()).size() > max_texts)
        return fail("{}: the texts of all steps have more than {} bytes", where, max_texts);
    bytes = now.bytes;
    return scene;
}

/// Returns the JSON Merge Patch (RFC 7386) that turns `from` into `to`, both objects.
OrderedJson patch_between(const OrderedJson& from, const OrderedJson& to) {
    OrderedJson patch = OrderedJson::object();
    for (const auto& [name, value] : to.items()) {
        const auto before = from.find(name);
        if (before == from.end())
            patch[name] = value;
        else if (before->is_object() && value.is_object()) {
            if (OrderedJson inner = patch_between(*before, value); !inner.empty()) patch[name] = std::move(inner);
        } else if (*before != value)
            patch[name] = value;
    }
    for (const auto& [name, value] : from.items())
        if (!to.contains(name)) patch[name] = nullptr;
    return patch;
}

OrderedJson question_json(const SceneQuestion& q) {
    OrderedJson json{{"prompt", q.prompt}};
    if (!q.choices.empty()) json["choices"] = q.choices;
    if (!q.kernels.empty()) json["kernels"] = q.kernels;
    if (!q.answer.empty()) json["answer"] = q.answer;
    if (!q.why.empty()) json["why"] = q.why;
    return json;
}

OrderedJson steps_json(const Scene& scene) {
    OrderedJson steps = OrderedJson::array();
    OrderedJson document = document_json(to_spec(scene.document.document, {})), view = view_json(scene.view);
    const SceneStep standard;
    for (const SceneStep& step : scene.steps) {
        OrderedJson json = OrderedJson::object();
        if (!step.text.empty()) json["text"] = step.text;
        OrderedJson next = document_json(to_spec(step.document.document, {})), next_view = view_json(step.view);
        if (OrderedJson patch = patch_between(document, next); !patch.empty()) json["document"] = std::move(patch);
        if (OrderedJson patch = patch_between(view, next_view); !patch.empty()) json["view"] = std::move(patch);
        if (step.seconds != standard.seconds) json["seconds"] = step.seconds;
        if (step.question) json["ask"] = question_json(*step.question);
        document = std::move(next), view = std::move(next_view);
        steps.push_back(std::move(json));
    }
    return steps;
}

}  // namespace

std::string Scene::text_after(std::size_t count) const {
    std::string all = text;
    for (std::size_t i = 0; i < count; ++i)
        if (!steps[i].text.empty()) all += (all.empty() ? "" : "\n") + steps[i].text;
    return all;
}

std::vector<ScenePlace> places_of(const Scene& scene) {
    std::vector<ScenePlace> places;
    const bool begins_with_question = scene.text.empty() && !scene.steps.empty() && scene.steps[0].question;
    if (!begins_with_question) places.push_back({});
    for (std::size_t i = 0; i < scene.steps.size(); ++i) {
        const bool asks = scene.steps[i].question.has_value();
        if (asks) places.push_back({i, true, false});
        places.push_back({i + 1, false, asks});
    }
    return places;
}

Expected<Lecture> parse_lecture(std::string_view text, std::string_view name, std::size_t max_bytes) {
    const auto json = file_object(text, name, "lecture", document_depth + 5, max_bytes);
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
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < scenes->size(); ++i) {
        auto scene = scene_from((*scenes)[i], name, i + 1, bytes, max_bytes);
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
        if (!scene.steps.empty()) json["steps"] = steps_json(scene);
        scenes.push_back(std::move(json));
    }
    return printed({{"convlens", "lecture"}, {"version", 1}, {"title", lecture.title}, {"scenes", std::move(scenes)}});
}

void make_absolute(Lecture& lecture, const std::filesystem::path& folder) {
    for (Scene& scene : lecture.scenes) {
        scene.document = with_absolute_paths(std::move(scene.document), folder);
        for (SceneStep& step : scene.steps) step.document = with_absolute_paths(std::move(step.document), folder);
    }
}

void translate(Lecture& lecture) {
    const auto say = [](std::string& text) { text = translated(text); };
    say(lecture.title);
    for (Scene& scene : lecture.scenes) {
        for (std::string* text : {&scene.title, &scene.text, &scene.number, &scene.notes}) say(*text);
        for (SceneStep& step : scene.steps) {
            say(step.text);
            if (!step.question) continue;
            for (std::string* text : {&step.question->prompt, &step.question->answer, &step.question->why}) say(*text);
            for (std::string& choice : step.question->choices) say(choice);
        }
    }
}

std::filesystem::path folder_of_lecture(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto absolute = std::filesystem::absolute(path, ignored).lexically_normal();
    return is_bundle(path) ? absolute : absolute.parent_path();
}

Expected<Lecture> open_lecture(const std::filesystem::path& path, std::size_t max_bytes) {
    const bool bundle = is_bundle(path);
    if (bundle && !archive_has(path, bundle_lecture) && archive_has(path, bundle_session))
        return fail("{}: it is a bundle with a session, expected a lecture", path.filename().string());
    const auto bytes = read_part(bundle ? path / bundle_lecture : path, max_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    return parse_lecture(text_of(bytes->span()), path.filename().string(), max_bytes);
}

Expected<std::string> checked_text(const Lecture& lecture, std::string_view name) {
    std::string text = print_lecture(lecture);
    if (text.size() > max_session_bytes)
        return fail(
            "{}: with its edited weights the lecture would have {} bytes, more than {}: save it as a bundle (.zip)",
            name, text.size(), max_session_bytes);
    if (const auto read = parse_lecture(text, name); !read) return tl::unexpected(read.error());
    return text;
}

Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path, Existing existing) {
    const auto text = checked_text(lecture, path.filename().string());
    if (!text) return tl::unexpected(text.error());
    return write_file(path, std::as_bytes(std::span(*text)), existing);
}

Expected<void> keep_lecture(const Lecture& lecture, const std::filesystem::path& path) {
    const std::string text = print_lecture(lecture);
    return write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace convlens
