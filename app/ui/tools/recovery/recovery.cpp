/// The recovery tool: saves the document automatically and offers to restore it after a crash.
#include "app/ui/tools/recovery/recovery.h"

#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "app/autosave.h"
#include "app/ui/frame.h"
#include "app/ui/wake.h"
#include "app/ui/widgets/property.h"
#include "app/ui/worker.h"
#include "app/web/page.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr double seconds_between = 2;  ///< Minimum time between two autosaves.

/// Writes the document to the autosave file of this process. Returns false if that fails.
bool autosave(const Document& document) {
    const fs::path file = autosave_file();
    if (file.empty()) return false;
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    return save_session(document, file).has_value();
}

/// State of the tool: the autosave of this process, which is removed when the process ends normally, and the autosave
/// of a process that crashed.
struct Recovery {
    Recovery()
        : worker(
              std::in_place, [] { return [](const Document& d, const Cancel&) { return std::optional(autosave(d)); }; },
              [] {}) {}

    Recovery(const Recovery&) = delete;
    Recovery& operator=(const Recovery&) = delete;

    ~Recovery() {
        worker.reset();  // finishes a write in progress before the file is removed
        std::error_code ignored;
        fs::remove(autosave_file(), ignored);
    }

    fs::path crashed = take_crashed();  ///< Session that can be restored; empty if there is none.
    std::optional<Document> saved;      ///< The document of the last autosave.
    double next = seconds_between;  ///< Time on ImGui's clock, in seconds, from which on the next autosave is allowed.
    std::optional<Worker<Document, bool>> worker;
};

/// Saves the document for the next start in case of a crash.
void poll(Frame& f) {
    auto& r = f.states.of<Recovery>();
    // A page cannot tell a crash from the end of a visit. There, only a document that the user has changed is saved.
    if (in_browser && !r.saved) r.saved = f.draft;
    if (r.saved && *r.saved == f.draft) return;
    const double now = ImGui::GetTime();
    if (now < r.next || r.worker->busy()) {
        f.requests.wake_after = std::max(r.next - now, 0.1);
        return;
    }
    r.next = now + seconds_between;
    r.saved = f.draft;
    r.worker->submit(std::make_shared<const Document>(f.draft));
    r.worker->poll();  // without threads this writes the file
}

/// Asks whether to restore the session of a crashed process, until the user has answered.
void offer(Frame& f) {
    fs::path& crashed = f.states.of<Recovery>().crashed;
    if (crashed.empty() || f.view.presenting) return;
    if (begin_overlay("crashed", ImGui::GetFontSize() * 32, ImGui::GetFontSize() * 5)) {
        ImGui::TextWrapped(in_browser ? "Restore the session of your last visit?"
                                      : "Convlens ended unexpectedly last time. Restore the last session?");
        if (button(f, "crashed.open", "Restore session", "Opens the automatically saved session"))
            load(f, file_job(std::exchange(crashed, {}).string()));
        ImGui::SameLine();
        if (button(f, "crashed.no", "No", "Continues without restoring the session")) crashed.clear();
    }
    end_overlay();
}

void report(Frame& f) { f.map.state("crashed", f.states.of<Recovery>().crashed.empty() ? "-" : "offered"); }

}  // namespace

const Tool recovery_tool{.id = "recovery", .poll = poll, .over = offer, .report = report};

}  // namespace convlens
