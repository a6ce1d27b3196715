/// The lecture tool: its actions; opens lectures, goes from scene to scene, and saves lectures.
#include "app/ui/tools/lecture/lecture.h"

#include <GLFW/glfw3.h>

#include <algorithm>

#include "app/assets.h"
#include "app/ui/frame.h"
#include "app/ui/tools/lecture/scenes.h"
#include "engine/core/host.h"
#include "engine/core/printable.h"
#include "engine/export/export.h"
#include "engine/io/file.h"
#include "engine/session/load_parts.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

LectureView& lecture_of(const Frame& f) { return f.states.of<LectureView>(); }

bool always(const Frame&) { return true; }
bool has_picture(const Frame& f) { return f.shown != nullptr; }
bool has_lecture(const Frame& f) { return lecture_of(f).lecture.has_value(); }

// clang-format off
constexpr Action rows[] = {
    {"lecture", "Lecture mode", Menu::lecture, {{{GLFW_KEY_F5, 0}, {'L', GLFW_MOD_ALT}}}, always, present},
    {"scene+", "Next scene", Menu::lecture, {{{GLFW_KEY_PAGE_DOWN, 0}}}, has_lecture, [](Frame& f) { go_to_scene(f, lecture_of(f).scene + 1); }},
    {"scene-", "Previous scene", Menu::lecture, {{{GLFW_KEY_PAGE_UP, 0}}}, has_lecture, [](Frame& f) { go_to_scene(f, lecture_of(f).scene - 1); }},
    {"scene", "Restore scene", Menu::lecture, {{{GLFW_KEY_BACKSPACE, 0}}}, has_lecture, [](Frame& f) { go_to_scene(f, lecture_of(f).scene); }},
    {"scenes", "List of scenes", Menu::lecture, {{{GLFW_KEY_F6, 0}}}, always, [](Frame& f) { f.view.overlay = f.view.overlay == &scenes_overlay ? nullptr : &scenes_overlay; }},
    {"capture", "Add this scene", Menu::lecture, {{{GLFW_KEY_F7, 0}}}, has_picture, capture_scene},
    {"save.lecture", "Save lecture", Menu::lecture, {{}}, has_lecture, [](Frame& f) { save_lecture(f); }},
    {"spotlight", "Pointer spotlight", Menu::lecture, {{{GLFW_KEY_F8, 0}}}, always, [](Frame& f) { lecture_of(f).spotlight = !lecture_of(f).spotlight; }},
};
// clang-format on

/// Returns a job that loads the parts of the scene's document, whose paths are relative to `folder`, and then shows it.
/// Images and weights that `now` contains under the same names are reused.
LoadJob scene_job(Scene scene, fs::path folder, Document now) {
    return [scene = std::move(scene), folder = std::move(folder), now = std::move(now)]() -> Expected<Done> {
        auto document = load_parts(scene.document, folder, find_network_places(), &now);
        if (!document) return tl::unexpected(document.error());
        return [document = std::move(*document), view = scene.view](Frame& f) {
            f.draft = document;
            f.requests.step = true;
            lecture_of(f).next = view;
        };
    };
}

/// Returns the file to save a lecture to: `file` or, for a new lecture (`file` is empty) and for one that comes with
/// Convlens, an unused name in `folder`, or in the current folder if that is empty.
fs::path file_for(const fs::path& file, const Assets& assets, fs::path folder) {
    std::error_code ignored;
    const bool own =
        file.lexically_normal().parent_path() == fs::absolute(assets / "lectures", ignored).lexically_normal();
    if (!file.empty() && !own) return file;
    if (folder.empty()) folder = fs::current_path(ignored);
    return unused_path(folder / "lecture.json");
}

/// Writes the lecture, whose paths are relative to `folder`, to `to`.
Expected<void> write_lecture(Lecture lecture, const fs::path& folder, const fs::path& to) {
    if (to.parent_path() != folder) make_absolute(lecture, folder);
    return save_lecture(lecture, to);
}

/// Opens a lecture file and shows its first scene; see Tool::open.
std::optional<Expected<Done>> open(std::string_view kind, const fs::path& path) {
    if (kind != "lecture") return std::nullopt;
    auto opened = open_lecture(path);
    if (!opened) return tl::unexpected(opened.error());
    std::error_code ignored;
    return Done([lecture = std::move(*opened), file = fs::absolute(path, ignored)](Frame& f) {
        LectureView& v = lecture_of(f);
        if (v.lecture && v.changed())
            f.requests.note = "the next start offers the unsaved changes of the lecture that was open before";
        v.lecture = lecture;
        v.file = file;
        v.changes = v.saved = 0;
        ++v.opened;
        go_to_scene(f, 0);
    });
}

/// Applies the view of a loaded scene when its document is on screen.
void poll(Frame& f) {
    LectureView& v = lecture_of(f);
    // Also after a failure, whose message Files shows.
    if (v.saving && !f.status.writing && f.requests.write.empty()) v.saving = v.save_again = false;
    if (v.next && f.shown && f.shown->request.edited == f.draft) {
        show_as(*std::exchange(v.next, {}), f.view, f.states);
        clamp_view(f.view, *f.shown);
        v.waiting = false;
        f.requests.redraw = true;
    }
    if (v.waiting && !v.next && !f.status.loading && f.requests.open.empty())
        v.waiting = false;  // the scene could not be loaded
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
    f.map.state("scene_shown", v.waiting || !v.lecture ? "0" : "1");
}

}  // namespace

const Scene* current_scene(const LectureView& v) {
    if (!v.lecture || v.lecture->scenes.empty()) return nullptr;
    const int last = static_cast<int>(v.lecture->scenes.size()) - 1;
    return &v.lecture->scenes[static_cast<std::size_t>(std::clamp(v.scene, 0, last))];
}

void go_to_scene(Frame& f, int scene) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    v.scene = std::clamp(scene, 0, static_cast<int>(v.lecture->scenes.size()) - 1);
    v.waiting = true;
    v.next.reset();
    load(f, Opens::document,
         scene_job(v.lecture->scenes[static_cast<std::size_t>(v.scene)], lecture_folder(v), f.draft));
}

void capture_scene(Frame& f) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) v.lecture = Lecture{"Lecture", {}};
    auto& scenes = v.lecture->scenes;
    const auto at =
        scenes.empty() ? scenes.begin() : scenes.begin() + std::min<std::ptrdiff_t>(v.scene + 1, std::ssize(scenes));
    const auto added = scenes.insert(at, Scene{std::string(cut_text(network_title(f.draft), max_scene_title)), "",
                                               to_spec(f.draft, lecture_folder(v)), scene_now(f.view, f.states)});
    v.scene = static_cast<int>(added - scenes.begin());
    ++v.changes;
    f.requests.note = fmt::format("added scene {}", v.scene + 1);
}

LoadJob restore_lecture_job(fs::path path) {
    return [path = std::move(path)]() -> Expected<Done> {
        auto opened = open_lecture(path);
        if (!opened) return tl::unexpected(opened.error());
        return [lecture = std::move(*opened)](Frame& frame) {
            LectureView& v = lecture_of(frame);
            v.lecture = lecture;
            v.file.clear();
            v.scene = 0;
            v.changes = 1, v.saved = 0;
            ++v.opened;
        };
    };
}

void save_lecture(Frame& f) {
    LectureView& v = lecture_of(f);
    if (!v.lecture) return;
    if (v.saving) {
        v.save_again = true;
        return;
    }
    v.saving = true;
    enqueue(f,
            [lecture = *v.lecture, file = v.file, folder = lecture_folder(v), assets = f.assets, changes = v.changes,
             opened = v.opened]() -> Expected<Done> {
                fs::path to = file_for(file, assets, {});
                auto done = write_lecture(lecture, folder, to);
                // A program that was started from a menu may have a current folder that is not writable.
                if (!done && to != file)
                    done = write_lecture(lecture, folder, to = file_for(file, assets, home_folder()));
                if (!done) return tl::unexpected(done.error());
                return [to, changes, opened](Frame& frame) {
                    LectureView& view = lecture_of(frame);
                    view.saving = false;
                    const bool again = std::exchange(view.save_again, false);
                    report_saved(frame, to.string());
                    if (view.opened != opened) return;
                    if (to.parent_path() != lecture_folder(view)) make_absolute(*view.lecture, lecture_folder(view));
                    view.file = to, view.saved = changes;
                    if (again) save_lecture(frame);
                };
            });
}

void present(Frame& f) {
    f.view.presenting = !f.view.presenting;
    if (f.view.presenting && !lecture_of(f).lecture)
        load(f, Opens::file, file_job((f.assets / "lectures" / "cnn.json").string()));
    f.requests.fullscreen = f.view.presenting;
}

const Overlay scenes_overlay{.draw = scenes_panel, .letters = true};

const Tool lecture_tool{.id = "lecture",
                        .actions = rows,
                        .want = want,
                        .job = job,
                        .poll = poll,
                        .over = spotlight,
                        .stage = draw_stage,
                        .open = open,
                        .report = report};

}  // namespace convlens
