/// Opens a lecture in the window, after a question if the open one has changes.
#include <imgui.h>

#include <utility>

#include "app/ui/files.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

/// Opens the lecture that waits.
void replace_lecture(Frame& f) {
    auto& v = f.states.of<LectureView>();
    auto [lecture, file, changed] = std::move(*std::exchange(v.next_lecture, {}));
    v.saved = v.changes;
    open_lecture_in(f, std::move(lecture), std::move(file), changed);
}

}  // namespace

void open_lecture_in(Frame& f, Lecture lecture, std::filesystem::path file, bool changed) {
    auto& v = f.states.of<LectureView>();
    f.states.of<FileNotOpened>().sentence.clear();
    if (v.lecture && v.changed()) {
        v.next_lecture = LectureView::Next{std::move(lecture), std::move(file), changed};
        f.requests.redraw = true;
        return;
    }
    v.lecture = std::move(lecture);
    v.file = std::move(file);
    v.english.reset();
    if (comes_with_convlens(v.file, f.assets)) v.english = v.lecture, v.language.clear();
    v.saved = 0;
    v.changes = changed ? 1 : 0;
    ++v.opened;
    v.undo.clear(), v.redo.clear();
    follow_language(v);
    v.scene = v.place = 0;
    v.documents.clear();
    if (!changed) go_to_scene(f, 0);  // a restored session shows its own document
}

bool comes_with_convlens(const std::filesystem::path& file, const Assets& assets) {
    std::error_code ignored;
    return file.lexically_normal().parent_path() ==
           std::filesystem::absolute(assets / "lectures", ignored).lexically_normal();
}

void follow_language(LectureView& v) {
    if (!v.english || !v.undo.empty() || !v.redo.empty() || v.language == current_language()) return;
    v.language = current_language();
    v.lecture = *v.english;
    v.reply.reset();
    translate(*v.lecture);
}

void ask_to_replace(Frame& f) {
    auto& v = f.states.of<LectureView>();
    if (!v.next_lecture) return;
    if (!v.lecture || !v.changed()) return replace_lecture(f);
    if (begin_overlay("replace", ImGui::GetFontSize() * 34, ImGui::GetFontSize() * 5)) {
        ImGui::TextWrapped("%s", tr("The open lecture has changes that are not saved."));
        if (button(f, "replace.save", "Save, then open", "Saves the lecture, then opens the other one"))
            save_lecture(f);
        ImGui::SameLine();
        if (button(f, "replace.discard", "Open without saving", "Opens the other lecture; the changes are lost"))
            v.saved = v.changes;
        ImGui::SameLine();
        if (button(f, "replace.stay", "Keep this lecture", "Does not open the other lecture") ||
            key_pressed(ImGuiKey_Escape, false))
            v.next_lecture.reset();
    }
    end_overlay();
}

}  // namespace convlens
