/// The recovery tool: saves the document automatically and offers to restore it after a crash.
#include "app/ui/tools/recovery/recovery.h"

#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/autosave.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/wake.h"
#include "app/ui/widgets/property.h"
#include "app/ui/worker.h"
#include "app/web/page.h"
#include "engine/core/sentence.h"
#include "engine/session/bundle.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr double seconds_between = 2;         ///< Minimum time between two autosaves.
constexpr double seconds_after_failure = 10;  ///< Time after which an autosave that failed is tried again.

/// What is saved automatically.
struct Autosave {
    Document document;
    std::optional<Lecture> lecture;  ///< nullopt if no lecture is open, it has no unsaved changes, or lecture_saved.
    fs::path folder;                 ///< The folder to which the paths in the lecture are relative.
    bool lecture_saved = false;      ///< Whether the last autosave was of the same lecture, or of none: its file stays.
};

/// Writes the autosave files of this process. Does nothing if the user has no home folder.
Expected<void> autosave(const Autosave& now) {
    const AutosaveFiles files = autosave_files();
    if (files.session.empty()) return {};
    std::error_code ignored;
    fs::create_directories(files.session.parent_path(), ignored);
    Expected<void> written;
    if (now.lecture) {
        Lecture lecture = *now.lecture;
        make_absolute(lecture, now.folder);
        written = keep_lecture(lecture, files.lecture);
    } else if (!now.lecture_saved) {
        fs::remove(files.lecture, ignored);
    }
    const Expected<void> session = save_autosave(now.document, files.session);
    return session ? written : session;
}

/// Runs autosave() when the program ends. If that fails, the files of the last autosave stay.
void save_last(const Autosave& now) {
    try {
        static_cast<void>(autosave(now));
    } catch (const std::exception&) {  // there is nobody left to tell
    }
}

/// Counts the lectures that were opened and the changes to them, to notice changes.
using LectureState = std::pair<int, int>;

/// State of the tool: the autosave of this process, which is removed when the window closes, and the autosave of a
/// process that crashed.
struct Recovery {
    AutosaveFiles crashed = take_crashed();  ///< Files that can be restored; empty paths if there are none.
    std::optional<Document> saved;           ///< The document of the last autosave.
    LectureState saved_lecture;              ///< The lecture of the last autosave.
    double next = seconds_between;  ///< Time on ImGui's clock, in seconds, from which on the next autosave is allowed.
    bool failed = false;            ///< Whether the last autosave failed: it must be tried again.
    std::optional<Worker<Autosave, Expected<void>>> worker{
        std::in_place, [] { return [](const Autosave& now, const Cancel&) { return autosave(now); }; }, wake_window};
};

/// Saves the document and the lecture for the next start in case of a crash.
void poll(Frame& f) {
    auto& r = f.states.of<Recovery>();
    const auto& v = f.states.of<LectureView>();
    const bool changed = v.lecture && v.changed();
    const LectureState lecture = changed ? LectureState{v.opened, v.changes} : LectureState{};
    // A page cannot tell a crash from the end of a visit. There, only a document that the user has changed is saved.
    if (in_browser && !r.saved) r.saved = f.draft;
    const double now = ImGui::GetTime();
    if (const auto answer = r.worker->poll()) {
        if (!*answer) {
            r.next = now + seconds_after_failure;
            // Tells it once until it succeeds again; a window that closes must not stay open for it.
            if (!r.failed && f.status.closing == Closing::no)
                f.requests.error = sentence("not saved automatically: {}", answer->error().message);
        }
        r.failed = !*answer;
    }
    if (!r.failed && r.saved && *r.saved == f.draft && r.saved_lecture == lecture) return;
    if (now < r.next || r.worker->busy()) {
        f.requests.wake_after = std::max(r.next - now, 0.1);
        return;
    }
    r.next = now + seconds_between;
    const bool lecture_saved = !r.failed && r.saved && r.saved_lecture == lecture;
    r.saved = f.draft;
    r.saved_lecture = lecture;
    const bool writes = changed && !lecture_saved;
    r.worker->submit(std::make_shared<const Autosave>(
        Autosave{f.draft, writes ? v.lecture : std::nullopt, writes ? lecture_folder(v) : fs::path(), lecture_saved}));
}

/// Removes the autosave files. After a signal, which does not let the user save a changed lecture, saves it for the
/// next start instead.
void closed(States& states, Closing how) {
    auto& r = states.of<Recovery>();
    r.worker.reset();  // finishes a write in progress
    const AutosaveFiles files = autosave_files();
    const auto& v = states.of<LectureView>();
    std::error_code ignored;
    if (how == Closing::signal && v.lecture && v.changed())
        save_last({r.saved.value_or(Document()), v.lecture, lecture_folder(v)});
    else
        fs::remove(files.lecture, ignored);
    for (const char* ending : {".json", ".zip"}) fs::remove(fs::path(files.session).replace_extension(ending), ignored);
}

/// Loads a file of the last program, and removes it when it has been opened.
void restore(Frame& f, LoadJob job, const fs::path& path) {
    load(f, Opens::file, [job = std::move(job), path]() -> Expected<Done> {
        auto done = job();
        if (!done) return done;
        return [done = std::move(*done), path](Frame& frame) {
            done(frame);
            std::error_code ignored;
            fs::remove(path, ignored);
        };
    });
}

/// Asks whether to restore the session of a crashed process, until the user has answered.
void offer(Frame& f) {
    AutosaveFiles& crashed = f.states.of<Recovery>().crashed;
    if ((crashed.session.empty() && crashed.lecture.empty()) || f.view.presenting) return;
    if (begin_overlay("crashed", ImGui::GetFontSize() * 32, ImGui::GetFontSize() * 5)) {
        ImGui::TextWrapped("%s", tr(in_browser ? "Restore the session of your last visit?"
                                               : "Convlens ended unexpectedly last time. Restore the last session?"));
        if (button(f, "crashed.open", "Restore session", "Opens the automatically saved session and lecture")) {
            const AutosaveFiles files = std::exchange(crashed, {});
            if (!files.lecture.empty()) restore(f, restore_lecture_job(files.lecture), files.lecture);
            if (!files.session.empty()) restore(f, restore_session_job(files.session), files.session);
        }
        ImGui::SameLine();
        if (button(f, "crashed.no", "No", "Continues without restoring the session, and deletes it")) {
            std::error_code ignored;
            for (const fs::path& file : {crashed.session, crashed.lecture}) fs::remove(file, ignored);
            crashed = {};
        }
    }
    end_overlay();
}

void report(Frame& f) {
    const AutosaveFiles& crashed = f.states.of<Recovery>().crashed;
    f.map.state("crashed", crashed.session.empty() && crashed.lecture.empty() ? "-" : "offered");
}

}  // namespace

const Tool recovery_tool{.id = "recovery", .poll = poll, .closed = closed, .over = offer, .report = report};

}  // namespace convlens
