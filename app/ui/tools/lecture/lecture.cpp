/// The lecture tool: its actions; opens lectures, goes from scene to scene, and saves lectures.
#include "app/ui/tools/lecture/lecture.h"

#include <GLFW/glfw3.h>

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/assets.h"
#include "app/settings.h"
#include "app/ui/files.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/scene_view.h"
#include "app/ui/tools/lecture/preview.h"
#include "engine/core/host.h"
#include "engine/core/numbers.h"
#include "engine/core/printable.h"
#include "engine/core/sha256.h"
#include "engine/document/between.h"
#include "engine/export/export.h"
#include "engine/io/file.h"
#include "engine/io/zip_archive.h"
#include "engine/session/bundle.h"
#include "engine/session/load_parts.h"
#include "engine/session/quiz_lecture.h"
#include "engine/view/rich_text.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

LectureView& lecture_of(const Frame& f) { return f.states.of<LectureView>(); }

bool always(const Frame&) { return true; }
bool has_picture(const Frame& f) { return f.shown != nullptr; }
bool has_lecture(const Frame& f) { return lecture_of(f).lecture.has_value(); }

/// Opens a lecture of random questions, other ones each time, in lecture mode.
void begin_quiz(Frame& f) {
    constexpr int questions = 12;
    LectureView& v = lecture_of(f);
    const auto seed = static_cast<std::uint32_t>(++v.opened);
    open_lecture_in(f, quiz_lecture(questions, seed), {});
    if (!f.view.presenting) present(f);
}

/// Returns true if a question with choices is open.
bool asks(const Frame& f) {
    const LectureView& v = lecture_of(f);
    const SceneQuestion* q = current_question(v);
    return q && current_place(v).asked && !choices_of(v, *q, current_place(v)).empty();
}

/// Answers with choice `index`, if there is one.
template <std::size_t index>
void answer(Frame& f) {
    const LectureView& v = lecture_of(f);
    const auto choices = choices_of(v, *current_question(v), current_place(v));
    if (index < choices.size()) answer_question(f, choices[index]);
}

// clang-format off
constexpr Action rows[] = {
    {"lecture", "Lecture mode", Menu::lecture, {{{GLFW_KEY_F5, 0}, {'L', GLFW_MOD_ALT}}}, always, present},
    {"scene+", "Next step or scene", Menu::lecture, {{{GLFW_KEY_PAGE_DOWN, 0}}}, has_lecture, go_forward},
    {"scene-", "Previous step or scene", Menu::lecture, {{{GLFW_KEY_PAGE_UP, 0}}}, has_lecture, go_back},
    {"scene", "Restore scene", Menu::lecture, {{{GLFW_KEY_BACKSPACE, 0}}}, has_lecture, restore_place},
    {"answer.a", "Answer A", Menu::lecture, {{{'A', GLFW_MOD_ALT}}}, asks, answer<0>},
    {"answer.b", "Answer B", Menu::lecture, {{{'B', GLFW_MOD_ALT}}}, asks, answer<1>},
    {"answer.c", "Answer C", Menu::lecture, {{{'C', GLFW_MOD_ALT}}}, asks, answer<2>},
    {"answer.d", "Answer D", Menu::lecture, {{{'D', GLFW_MOD_ALT}}}, asks, answer<3>},
    {"quiz", "Quiz: random questions", Menu::lecture, {{}}, always, begin_quiz},
    {"scenes", "Lectures and scenes", Menu::lecture, {{{GLFW_KEY_F6, 0}}}, always, [](Frame& f) { f.view.overlay = f.view.overlay == &scenes_overlay ? nullptr : &scenes_overlay; }},
    {"capture", "Add this scene", Menu::lecture, {{{GLFW_KEY_F7, 0}}}, has_picture, capture_scene},
    {"save.lecture", "Save lecture", Menu::lecture, {{}}, has_lecture, [](Frame& f) { save_lecture(f); }},
    {"bundle.lecture", "Save lecture with its images and weights (.zip)", Menu::lecture, {{}}, has_lecture, [](Frame& f) { save_lecture(f, LectureFile::bundle); }},
    {"spotlight", "Pointer spotlight", Menu::lecture, {{{GLFW_KEY_F8, 0}}}, always, [](Frame& f) { lecture_of(f).spotlight = !lecture_of(f).spotlight; }},
};
// clang-format on

/// Shows the current place of the loaded scene. `animate`: moves there from what is on screen.
void show_place(Frame& f, bool animate) {
    LectureView& v = lecture_of(f);
    const Scene& scene = *current_scene(v);
    const std::size_t steps = current_place(v).steps;
    v.reply.reset();
    v.typed.clear();
    v.change.reset();
    const Document& document = v.documents[steps];
    const SceneView& view = scene.view_after(steps);
    const float seconds = steps > 0 ? scene.steps[steps - 1].seconds : 0;
    if (animate && seconds > 0 && !f.settings.reduced_motion)
        v.change = Transition{f.draft, document, scene_now(f.view, f.states), view, ImGui::GetTime(), seconds};
    f.draft = document;
    f.requests.step = true;
    f.requests.redraw = true;
    v.next = view;
    v.waiting = true;
}

/// Returns a job that loads the parts of the scene's documents, whose paths are relative to `folder`, and then shows
/// the current place. Images and weights that `now` contains under the same names are reused.
LoadJob scene_job(Scene scene, fs::path folder, Document now) {
    return [scene = std::move(scene), folder = std::move(folder), now = std::move(now)]() -> Expected<Done> {
        std::vector<Document> documents;
        std::vector<LiveFacts> facts;
        const bool asks = std::any_of(scene.steps.begin(), scene.steps.end(), [](auto& s) { return s.question; });
        bool live = (scene.text_after(scene.steps.size()) + scene.number).find('{') != std::string::npos;
        for (std::size_t i = 0; i <= scene.steps.size(); ++i) {
            const Document* before = documents.empty() ? &now : &documents.back();
            auto document = load_parts(scene.document_after(i), folder, find_network_places(), before);
            if (!document) return tl::unexpected(document.error());
            documents.push_back(std::move(*document));
            if (!asks && !live) continue;
            auto known = live_facts(documents.back());
            if (!known && asks) return tl::unexpected(known.error());
            if (known)
                facts.push_back(std::move(*known));
            else
                live = false, facts.clear();
        }
        return [documents = std::move(documents), facts = std::move(facts)](Frame& f) {
            LectureView& v = lecture_of(f);
            v.documents = documents;
            v.facts = facts;
            v.loading = false;
            show_place(f, false);
        };
    };
}

/// Loads the current scene and then shows its current place.
void load_scene(Frame& f) {
    LectureView& v = lecture_of(f);
    v.waiting = v.loading = true;
    v.next.reset();
    v.change.reset();
    v.reply.reset();
    v.documents.clear();
    load(f, Opens::document, scene_job(*current_scene(v), lecture_folder(v), f.draft));
}

/// Shows the place `place` of scene `scene`, which must exist.
void go_to_place(Frame& f, int scene, int place, bool animate) {
    LectureView& v = lecture_of(f);
    const bool same = scene == v.scene;
    v.scene = scene, v.place = place;
    if (same && v.loading) return;  // it is shown when it is loaded
    if (same && !v.documents.empty())
        show_place(f, animate);
    else
        load_scene(f);
}

int places_in(const LectureView& v, int scene) {
    return static_cast<int>(places_of(v.lecture->scenes[static_cast<std::size_t>(scene)]).size());
}

/// Returns the file to save a lecture to: `file`, or for a bundle that it is not yet, an unused name beside it; for a
/// new lecture (`file` is empty) and for one that comes with Convlens, an unused name in `folder`, or in the current
/// folder if that is empty.
fs::path file_for(const fs::path& file, LectureFile kind, const Assets& assets, fs::path folder) {
    const char* ending = kind == LectureFile::bundle ? ".zip" : ".json";
    if (!file.empty() && !comes_with_convlens(file, assets))
        return kind == LectureFile::as_opened || is_bundle(file)
                   ? file
                   : fs::path(unused_path(fs::path(file).replace_extension(ending)));
    std::error_code ignored;
    if (folder.empty()) folder = fs::current_path(ignored);
    return unused_path(folder / fmt::format("lecture{}", ending));
}

/// Writes the lecture, whose paths are relative to `folder`, to `to`. Returns it with paths relative to the folder of
/// `to`.
Expected<Lecture> write_lecture(Lecture lecture, const fs::path& folder, const fs::path& to, Existing existing) {
    if (is_bundle(to)) return save_lecture_bundle(std::move(lecture), folder, to, find_network_places(), existing);
    if (folder_of_lecture(to) != folder) make_absolute(lecture, folder);
    if (auto done = save_lecture(lecture, to, existing); !done) return tl::unexpected(done.error());
    return lecture;
}

/// Opens a lecture file and shows its first scene; see Tool::open.
std::optional<Expected<Done>> open(std::string_view kind, const fs::path& path) {
    if (kind != "lecture") return std::nullopt;
    auto opened = open_lecture(path);
    if (!opened) return tl::unexpected(opened.error());
    std::error_code ignored;
    return Done([lecture = std::move(*opened), file = fs::absolute(path, ignored)](Frame& f) {
        open_lecture_in(f, lecture, file);
    });
}

/// Sets what moves in the view during a transition: the sliding window, the zoom and the center of the grid.
void move_view(Frame& f, const Transition& change) {
    const double t = change.part();
    const auto mixed = [&](float from, float to) { return static_cast<float>(from + (to - from) * t); };
    const SceneView &from = change.view_from, &to = change.view_to;
    f.view.grid.zoom = from.zoom * std::pow(to.zoom / from.zoom, static_cast<float>(t));
    f.view.grid.center = {mixed(from.center[0], to.center[0]), mixed(from.center[1], to.center[1])};
    for (const Tool* tool : tools()) {
        const auto a = from.parts.find(tool->id), b = to.parts.find(tool->id);
        if (!tool->show_part || a == from.parts.end() || b == to.parts.end() || a->second == b->second) continue;
        if (!std::holds_alternative<double>(a->second.value) || !std::holds_alternative<double>(b->second.value))
            continue;
        const double x = a->second.number(), y = b->second.number();
        tool->show_part(f.states, ScenePart{std::floor(x + (y - x) * t)});
        f.view.pin.reset();  // the sliding window pins the value at its new position
    }
}

/// Replaces the document by one on the way to it while a transition runs.
Document moved(States& states, const Document& edited) {
    const auto& change = states.of<LectureView>().change;
    return change && edited == change->to ? document_between(change->from, change->to, change->part()) : edited;
}

/// Applies the view of a loaded scene when its document is on screen, and continues a transition.
void poll(Frame& f) {
    LectureView& v = lecture_of(f);
    poll_previews(f);
    follow_language(v);
    // Also after a failure, whose message Files shows.
    if (v.saving && !f.status.writing && f.requests.write.empty()) v.saving = false, v.save_again.reset();
    if (v.next && f.shown && f.shown->request.edited == f.draft) {
        show_as(*std::exchange(v.next, {}), f.view, f.states);
        clamp_view(f.view, *f.shown);
        v.waiting = false;
        f.requests.redraw = true;
    }
    if (v.change && !(f.draft == v.change->to)) v.change.reset();  // the user has changed the document meanwhile
    if (v.change && !v.next) {
        move_view(f, *v.change);
        if (v.change->part() >= 1) v.change.reset();
        f.requests.redraw = true;
    }
    if (v.waiting && !v.next && !f.status.loading && f.requests.open.empty())
        v.waiting = v.loading = false;  // the scene could not be loaded
}

/// Requests the second view while a scene with one is on screen.
Value want(const Frame& f) {
    const LectureView& v = lecture_of(f);
    const Scene* scene = current_scene(v);
    if (!f.view.presenting || !scene || !v.stage.page.second) return {};
    const float side = std::max(v.stage.page.second->w, v.stage.page.second->h);
    return Value(SecondWanted{std::clamp(static_cast<int>(side), 16, max_picture_side)});
}

ToolJob job(const BackendChoice&) {
    return [](const Value& want, const JobContext& c) -> Expected<Value> {
        Image image = input_thumbnail(c.output, want.as<SecondWanted>()->side);
        return Value(SecondShown{std::make_shared<const Image>(std::move(image))});
    };
}

void report(Frame& f) {
    const LectureView& v = lecture_of(f);
    f.map.state("scene", v.lecture ? fmt::format("{} of {}", v.scene + 1, v.lecture->scenes.size()) : "-");
    f.map.state("scene_shown", v.waiting || v.change || !v.lecture ? "0" : "1");
    f.map.state("place", v.lecture ? fmt::format("{} of {}", v.place + 1, places_in(v, v.scene)) : "-");
    f.map.state("reply", v.reply.value_or("-"));
    f.map.state("replacing", v.next_lecture ? "1" : "0");
    if (!f.map.enabled() || !v.lecture) return;
    std::string titles;
    for (const Scene& scene : v.lecture->scenes) titles += (titles.empty() ? "" : "|") + scene.title;
    f.map.state("scenes", titles.substr(0, 200));
    // All that a scene stores, for tests that compare it.
    const Lecture now{"", {Scene{"", "", to_spec(f.draft, {}), scene_now(f.view, f.states)}}};
    const std::string text = print_lecture(now);
    f.map.state("state", sha256(std::as_bytes(std::span(text))).substr(0, 16));
}

/// Returns the texts of the scene on screen, in lines; see Tool::words.
std::string words(const Frame& f) {
    const LectureView& v = lecture_of(f);
    if (!f.view.presenting || !current_scene(v)) return {};
    std::string lines;
    for (const std::string* part : {&v.stage.texts.title, &v.stage.texts.number, &v.stage.texts.text})
        for (std::string_view rest = *part; !rest.empty();) lines += plain_text(cut(rest, '\n')) + "\n";
    return lines;
}

}  // namespace

fs::path lecture_folder(const LectureView& view) {
    std::error_code ignored;
    return view.file.empty() ? fs::current_path(ignored) : folder_of_lecture(view.file);
}

const Scene* current_scene(const LectureView& v) {
    if (!v.lecture || v.lecture->scenes.empty()) return nullptr;
    const int last = static_cast<int>(v.lecture->scenes.size()) - 1;
    return &v.lecture->scenes[static_cast<std::size_t>(std::clamp(v.scene, 0, last))];
}

double Transition::part() const {
    const double t = std::clamp((ImGui::GetTime() - begin) / static_cast<double>(seconds), 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

void go_to_scene(Frame& f, int scene) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    v.scene = std::clamp(scene, 0, static_cast<int>(v.lecture->scenes.size()) - 1);
    v.place = 0;
    load_scene(f);
}

void go_forward(Frame& f) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    if (v.place + 1 < places_in(v, v.scene))
        go_to_place(f, v.scene, v.place + 1, true);
    else if (v.scene + 1 < static_cast<int>(v.lecture->scenes.size()))
        go_to_place(f, v.scene + 1, 0, false);
}

void go_back(Frame& f) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    if (v.place > 0)
        go_to_place(f, v.scene, v.place - 1, false);
    else if (v.scene > 0)
        go_to_place(f, v.scene - 1, places_in(v, v.scene - 1) - 1, false);
}

void restore_place(Frame& f) {
    if (lecture_of(f).lecture) load_scene(f);
}

void capture_scene(Frame& f) {
    LectureView& v = lecture_of(f);
    if (v.lecture)
        before_change(v);
    else
        v.lecture = Lecture{"Lecture", {}}, ++v.changes;
    auto& scenes = v.lecture->scenes;
    const auto at =
        scenes.empty() ? scenes.begin() : scenes.begin() + std::min<std::ptrdiff_t>(v.scene + 1, std::ssize(scenes));
    const auto added = scenes.insert(at, Scene{std::string(cut_text(network_title(f.draft), max_scene_title)), "",
                                               to_spec(f.draft, lecture_folder(v)), scene_now(f.view, f.states)});
    v.scene = static_cast<int>(added - scenes.begin());
    v.place = 0;
    v.documents.clear();
    f.requests.note = tr_format("added scene {}", v.scene + 1);
}

void before_change(LectureView& v) {
    if (v.undo.size() == lecture_steps) v.undo.erase(v.undo.begin());
    v.undo.push_back(*v.lecture);
    v.redo.clear();
    ++v.changes;
}

void undo_lecture(LectureView& v, bool redo) {
    auto &from = redo ? v.redo : v.undo, &to = redo ? v.undo : v.redo;
    if (from.empty()) return;
    to.push_back(std::move(*v.lecture));
    v.lecture = std::move(from.back());
    from.pop_back();
    v.scene = std::min(v.scene, static_cast<int>(v.lecture->scenes.size()) - 1);
    v.place = 0;
    v.documents.clear();
    ++v.changes;
}

LoadJob restore_lecture_job(fs::path path) {
    return [path = std::move(path)]() -> Expected<Done> {
        auto opened = open_lecture(path, max_archive_bytes);
        if (!opened) return tl::unexpected(opened.error());
        return [lecture = std::move(*opened)](Frame& frame) { open_lecture_in(frame, lecture, {}, true); };
    };
}

void save_lecture(Frame& f, LectureFile kind) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    if (v.saving) {
        v.save_again = kind;
        return;
    }
    v.saving = true;
    enqueue(
        f,
        [lecture = *v.lecture, file = v.file, folder = lecture_folder(v), kind, assets = f.assets, changes = v.changes,
         opened = v.opened]() -> Expected<Done> {
            fs::path to;
            const auto write = [&](const fs::path& other) {
                for (;;) {  // another program may create the file that is not there yet
                    to = file_for(file, kind, assets, other);
                    auto written = write_lecture(lecture, folder, to, to == file ? Existing::replaced : Existing::kept);
                    std::error_code ignored;
                    if (written || to == file || !fs::exists(to, ignored)) return written;
                }
            };
            auto done = write({});
            // A program that was started from a menu may have a current folder that is not writable.
            if (!done && file_for(file, kind, assets, home_folder()) != to) done = write(home_folder());
            if (!done) return tl::unexpected(done.error());
            return [to, written = std::move(*done), changes, opened](Frame& frame) {
                LectureView& view = lecture_of(frame);
                view.saving = false;
                const auto again = std::exchange(view.save_again, {});
                report_saved(frame, to.string());
                if (view.opened != opened) return;
                if (const fs::path before = lecture_folder(view); folder_of_lecture(to) != before) {
                    make_absolute(*view.lecture, before);
                    for (Lecture& step : view.undo) make_absolute(step, before);
                    for (Lecture& step : view.redo) make_absolute(step, before);
                }
                if (view.changes == changes) view.lecture = written;  // whose files are now those in the bundle
                view.file = to, view.saved = changes;
                view.english.reset();  // the file is the user's and keeps its language
                if (again) save_lecture(frame, *again);
            };
        },
        Saves::lecture);
}

void present(Frame& f) {
    const auto& lecture = lecture_of(f).lecture;
    if (const std::string not_opened = std::exchange(f.states.of<FileNotOpened>().sentence, {});
        !f.view.presenting && !not_opened.empty()) {
        f.requests.error = tr_format("{}; start lecture mode once more to show the lecture {} instead", not_opened,
                                     lecture ? lecture->title : tr("Convolutional neural networks"));
        return;
    }
    f.view.presenting = !f.view.presenting;
    if (f.view.presenting && !lecture) load(f, Opens::file, file_job((f.assets / "lectures" / "cnn.json").string()));
    f.requests.fullscreen = f.view.presenting;
}

namespace {

void draw_over(Frame& f) {
    spotlight(f);
    ask_to_replace(f);
}

}  // namespace

const Overlay scenes_overlay{.draw = scenes_panel, .letters = true};

const Tool lecture_tool{.id = "lecture",
                        .actions = rows,
                        .want = want,
                        .job = job,
                        .poll = poll,
                        .closed = [](States& states, Closing) { end_previews(states); },
                        .document = moved,
                        .over = draw_over,
                        .stage = draw_stage,
                        .open = open,
                        .words = words,
                        .report = report};

}  // namespace convlens
