/// The closing tool: before the window closes, waits for files that are being saved and asks about what is not saved.
#include <imgui.h>

#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

/// Returns true while a file is being written, or prepared by a tool.
bool saving(const Frame& f) {
    return f.status.writing || !f.requests.write.empty() ||
           std::ranges::any_of(tools(), [&](const Tool* tool) { return tool->saving && tool->saving(f.states); });
}

/// Draws the buttons that end the question.
void decide(Frame& f) {
    if (button(f, "closing.stay", "Stay open", "Continues with this window")) f.requests.stay = true;
    ImGui::SameLine();
    if (button(f, "closing.discard", "Close without saving", "Closes the window; what is not saved is lost"))
        f.requests.close_now = true;
    if (key_pressed(ImGuiKey_Escape, false)) f.requests.stay = true;
}

/// Draws the question, or lets the window close.
void over(Frame& f) {
    if (f.status.closing == Closing::no) return;
    const bool waits = saving(f);
    const auto& lecture = f.states.of<LectureView>();
    const bool changed = lecture.lecture && lecture.changed();
    const bool asks = f.status.closing == Closing::asked && (changed || !f.status.not_saved.empty());
    if (!waits && !asks) {
        f.requests.close_now = true;
        return;
    }
    if (begin_overlay("closing", ImGui::GetFontSize() * 34,
                      ImGui::GetFontSize() * (f.status.not_saved.empty() ? 5 : 7))) {
        ImGui::TextWrapped("%s", tr(waits                         ? "Convlens closes when the files are saved."
                                    : !f.status.not_saved.empty() ? f.status.not_saved.c_str()
                                                                  : "The lecture has changes that are not saved."));
        if (!waits && changed) {
            if (button(f, "closing.save", "Save and close", "Saves the lecture, then closes the window"))
                save_lecture(f);
            ImGui::SameLine();
        }
        decide(f);
    }
    end_overlay();
    f.requests.wake_after = std::min(f.requests.wake_after, 0.1);
}

void report(Frame& f) {
    f.map.state("closing", f.status.closing == Closing::no ? "-" : saving(f) ? "saving" : "asking");
}

}  // namespace

extern const Tool closing_tool;  // the table of tools, app/ui/tools.cpp, has the other declaration
const Tool closing_tool{.id = "closing", .over = over, .report = report};

}  // namespace convlens
