/// Draws the list of scenes, and the spotlight around the pointer.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/tools/lecture/preview.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Files in assets/lectures, and their titles.
constexpr std::array<std::pair<const char*, Word>, 4> lectures_of_convlens{
    {{"cnn.json", "Convolutional neural networks"},
     {"filters.json", "Image filters by hand"},
     {"features.json", "From pixels to features"},
     {"linear_system.json", "Convolution as a linear system"}}};

/// Returns the current scene; null if there is none.
Scene* scene_of(LectureView& v) {
    if (!v.lecture || v.lecture->scenes.empty()) return nullptr;
    v.scene = std::clamp(v.scene, 0, static_cast<int>(v.lecture->scenes.size()) - 1);
    return &v.lecture->scenes[static_cast<std::size_t>(v.scene)];
}

/// What the user has asked for in the list of scenes: indices of scenes.
struct ListChange {
    std::optional<std::size_t> copy, gone;
    std::optional<std::pair<std::size_t, std::size_t>> move;  ///< From one place to another.
};

/// Draws a small button behind a line of the list. Returns true if it was clicked.
bool line_button(Frame& f, const char* title, const std::string& id, const char* text) {
    ImGui::SameLine();
    const bool clicked = ImGui::SmallButton(tr_label(title).c_str());
    f.map.mark(id);
    tooltip(text);
    return clicked;
}

/// Draws the picture of scene `i` in the middle of a place of `size`, if it is on screen and has been made.
void picture_in(Frame& f, std::size_t i, ImVec2 size) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy(size);
    if (!ImGui::IsItemVisible()) return;
    const auto picture = preview_of(f, i);
    if (!picture) return;
    const float scale =
        std::min(size.x / static_cast<float>(picture->width), size.y / static_cast<float>(picture->height));
    const ImVec2 shown{static_cast<float>(picture->width) * scale, static_cast<float>(picture->height) * scale};
    const ImVec2 from{at.x + (size.x - shown.x) / 2, at.y + (size.y - shown.y) / 2};
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(picture)), from,
                                         {from.x + shown.x, from.y + shown.y});
}

/// Draws one line of the list of scenes: a click goes to the scene, a drag moves it; the buttons move, copy or remove
/// it.
void scene_line(Frame& f, std::size_t i, ListChange& change) {
    LectureView& v = f.states.of<LectureView>();
    const std::size_t count = v.lecture->scenes.size();
    ImGui::PushID(static_cast<int>(i));
    const std::string title = fmt::format("{}. {}", i + 1, v.lecture->scenes[i].title);
    const float em = ImGui::GetFontSize();
    float buttons = em;
    for (const char* word : {"up", "down", "copy", "remove"})
        buttons += button_width(word) + ImGui::GetStyle().ItemSpacing.x;
    picture_in(f, i, {em * 4, em * 2.25F});
    ImGui::SameLine();
    if (ImGui::Selectable(title.c_str(), static_cast<int>(i) == v.scene, 0,
                          {ImGui::GetContentRegionAvail().x - buttons, 0}))
        go_to_scene(f, static_cast<int>(i));
    if (ImGui::IsWindowAppearing() && static_cast<int>(i) == v.scene) ImGui::SetScrollHereY();
    f.map.mark(fmt::format("scene.{}", i));
    if (ImGui::BeginDragDropSource(ImGuiDragDropFlags_SourceNoPreviewTooltip)) {
        ImGui::SetDragDropPayload("scene", &i, sizeof i);
        ImGui::EndDragDropSource();
    } else {
        tooltip("Goes to this scene; drag it to another place in the list");
    }
    if (ImGui::BeginDragDropTarget()) {
        if (const ImGuiPayload* from = ImGui::AcceptDragDropPayload("scene"))
            change.move = std::pair(*static_cast<const std::size_t*>(from->Data), i);
        ImGui::EndDragDropTarget();
    }
    const auto id = [&](const char* what) { return fmt::format("scene.{}.{}", i, what); };
    if (line_button(f, "up", id("up"), "Moves this scene one place up in the lecture") && i > 0)
        change.move = std::pair(i, i - 1);
    if (line_button(f, "down", id("down"), "Moves this scene one place down in the lecture") && i + 1 < count)
        change.move = std::pair(i, i + 1);
    if (line_button(f, "copy", id("copy"), "Puts a copy of this scene behind it") && count < max_scenes)
        change.copy = i;
    if (line_button(f, "remove", id("remove"),
                    "Removes this scene from the lecture; the file on disk is unchanged until you save") &&
        count > 1)
        change.gone = i;
    ImGui::PopID();
}

/// Changes the list of scenes; the current scene stays current.
void change_list(LectureView& v, const ListChange& change) {
    if (!change.move && !change.copy && !change.gone) return;
    before_change(v);
    auto& scenes = v.lecture->scenes;
    const auto at = [&](std::size_t i) { return scenes.begin() + static_cast<std::ptrdiff_t>(i); };
    const auto now = static_cast<std::size_t>(v.scene);
    if (change.move) {
        const auto [from, to] = *change.move;
        if (from < to)
            std::rotate(at(from), at(from + 1), at(to + 1));
        else
            std::rotate(at(to), at(from), at(from + 1));
        if (now == from)
            v.scene = static_cast<int>(to);
        else if (from < now && now <= to)
            --v.scene;
        else if (to <= now && now < from)
            ++v.scene;
    } else if (change.copy) {
        scenes.insert(at(*change.copy + 1), Scene(scenes[*change.copy]));
        if (now > *change.copy) ++v.scene;
    } else {
        scenes.erase(at(*change.gone));
        if (now > *change.gone) --v.scene;
    }
    v.documents.clear();
}

/// Draws a text of the scene, of at most `most` bytes. All typing in one visit of the field is one step for undo.
void scene_text(Frame& f, LectureView& v, const char* id, const char* hint, std::string& text, std::size_t most,
                float lines, const char* tip) {
    std::string typed = text;
    if (lines > 1) ImGui::TextDisabled("%s", tr(hint));
    const std::string label = fmt::format("##{}", id);
    const bool changed = lines > 1
                             ? ImGui::InputTextMultiline(label.c_str(), &typed, {-1, lines * ImGui::GetFontSize()})
                             : ImGui::InputTextWithHint(label.c_str(), tr(hint), &typed);
    f.map.mark(id);
    tooltip(tip);
    if (!changed) return;
    if (v.typing != id) before_change(v), v.typing = id;
    text = cut_text(typed, most);
    ++v.changes;
}

/// Draws what belongs to one scene: layout, title, text, notes.
void scene_fields(Frame& f, LectureView& v, Scene& scene) {
    const float em = ImGui::GetFontSize();
    constexpr std::array<std::string_view, 4> layouts{"full", "text", "side_by_side", "number"};
    int layout = static_cast<int>(scene.layout);
    ImGui::SetNextItemWidth(em * 9);
    if (choice(
            f, "scene.layout", layouts, layout,
            "How the scene fills the screen: the picture over the whole width (full), the text beside it (text), two "
            "pictures (side_by_side), or a short text in very large type (number)")) {
        before_change(v);
        scene.layout = static_cast<SceneLayout>(layout);
    }
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-1);
    scene_text(f, v, "scene.title", "title", scene.title, max_scene_title, 1,
               "Title of the scene, shown in large type below the grid");
    const float room = ImGui::GetContentRegionAvail().y / em;
    scene_text(f, v, "scene.text", "Text for the audience", scene.text, max_scene_text, room * 0.47F,
               "Text for the audience: **bold**, lists (- ), formulas ($x^2$) and live values ({output_shape})");
    scene_text(f, v, "scene.notes", "Notes", scene.notes, max_scene_text, room * 0.24F,
               "Notes for you and for handouts; the audience does not see them");
    if (!ImGui::IsAnyItemActive()) v.typing.clear();
}

}  // namespace

void spotlight(Frame& f) {
    if (!f.states.of<LectureView>().spotlight) return;
    const ImVec2 mouse = ImGui::GetIO().MousePos, size = ImGui::GetIO().DisplaySize;
    const float radius = ImGui::GetFontSize() * 7;
    ImDrawList& draw = *ImGui::GetForegroundDrawList();
    constexpr ImU32 shade = IM_COL32(0, 0, 0, 120);
    // A very thick ring around the disc darkens everything outside of it.
    const float reach = size.x + size.y;
    draw.AddCircle(mouse, radius + reach / 2, shade, 128, reach);
    draw.AddCircle(mouse, radius, IM_COL32(255, 255, 255, 90), 96, std::max(2.0F, ImGui::GetFontSize() / 8));
}

void scenes_panel(Frame& f) {
    LectureView& v = f.states.of<LectureView>();
    const float em = ImGui::GetFontSize();
    if (begin_overlay("Scenes", em * 46, em * 38)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted(!v.lecture                 ? tr("No lecture open")
                               : v.lecture->title.empty() ? tr("Lecture")
                                                          : v.lecture->title.c_str());
        ImGui::PopFont();
        if (!v.lecture)
            ImGui::TextWrapped("%s", tr("Open a lecture that comes with Convlens, drop a lecture file (.json or .zip) "
                                        "on the window, or start a new "
                                        "lecture from the current view."));
        for (const auto& [file, title] : lectures_of_convlens) {
            if (file != lectures_of_convlens.front().first) same_line_if_fits(button_width(title));
            if (button(f, fmt::format("lecture.open.{}", file).c_str(), title,
                       "Opens this lecture, which comes with Convlens"))
                load(f, Opens::file, file_job((f.assets / "lectures" / file).string()));
        }
        if (button(f, "lecture.capture", "Add this scene",
                   "Adds the current view as a new scene after the current one (F7)"))
            capture_scene(f);
        if (v.lecture) {
            same_line_if_fits(button_width("Save lecture"));
            if (button(f, "lecture.save", v.changed() ? "Save lecture *" : "Save lecture",
                       "Saves the lecture file; a lecture that comes with Convlens is saved to the current folder"))
                save_lecture(f);
            same_line_if_fits(button_width("Save as .zip"));
            if (button(f, "lecture.bundle", "Save as .zip",
                       "Saves the lecture with its images and weights as a bundle (.zip), which opens on any computer "
                       "with Convlens"))
                save_lecture(f, LectureFile::bundle);
            same_line_if_fits(button_width("Undo"));
            ImGui::BeginDisabled(v.undo.empty());
            if (button(f, "lecture.undo", "Undo", "Takes back the last change of the lecture")) undo_lecture(v, false);
            ImGui::EndDisabled();
            same_line_if_fits(button_width("Redo"));
            ImGui::BeginDisabled(v.redo.empty());
            if (button(f, "lecture.redo", "Redo", "Does again what was taken back")) undo_lecture(v, true);
            ImGui::EndDisabled();
            // In lecture mode, the status bar with it is hidden.
            if (f.view.presenting && !f.status.note.empty()) ImGui::TextDisabled("%s", f.status.note.c_str());
            ListChange change;
            ImGui::BeginChild("scenes", {0, ImGui::GetContentRegionAvail().y * 0.5F}, true);
            for (std::size_t i = 0; i < v.lecture->scenes.size(); ++i) scene_line(f, i, change);
            ImGui::EndChild();
            change_list(v, change);
            if (Scene* scene = scene_of(v)) scene_fields(f, v, *scene);
        }
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
