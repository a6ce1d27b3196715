/// Draws the list of scenes, and the spotlight around the pointer.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Returns the current scene; null if there is none.
Scene* scene_of(LectureView& v) {
    if (!v.lecture || v.lecture->scenes.empty()) return nullptr;
    v.scene = std::clamp(v.scene, 0, static_cast<int>(v.lecture->scenes.size()) - 1);
    return &v.lecture->scenes[static_cast<std::size_t>(v.scene)];
}

/// Draws one line of the list of scenes: a click goes to the scene; the buttons ask to move it up or to remove it by
/// setting `up` or `gone` to its index.
void scene_line(Frame& f, std::size_t i, std::optional<std::size_t>& up, std::optional<std::size_t>& gone) {
    LectureView& v = f.states.of<LectureView>();
    ImGui::PushID(static_cast<int>(i));
    const float em = ImGui::GetFontSize();
    const std::string title = fmt::format("{}. {}", i + 1, v.lecture->scenes[i].title);
    if (ImGui::Selectable(title.c_str(), static_cast<int>(i) == v.scene, 0,
                          {ImGui::GetContentRegionAvail().x - em * 7.5F, 0}))
        go_to_scene(f, static_cast<int>(i));
    f.map.mark(fmt::format("scene.{}", i));
    tooltip("Goes to this scene");
    ImGui::SameLine();
    if (ImGui::SmallButton("up") && i > 0) up = i;
    f.map.mark(fmt::format("scene.{}.up", i));
    tooltip("Moves this scene one place up in the lecture");
    ImGui::SameLine();
    if (ImGui::SmallButton("remove") && v.lecture->scenes.size() > 1) gone = i;
    f.map.mark(fmt::format("scene.{}.remove", i));
    tooltip("Removes this scene from the lecture; the file on disk is unchanged until you save");
    ImGui::PopID();
}

/// Moves scene `up` one place up and removes scene `gone`; the current scene stays current.
void change_list(LectureView& v, const std::optional<std::size_t>& up, const std::optional<std::size_t>& gone) {
    auto& scenes = v.lecture->scenes;
    const auto at = [&](std::size_t i) { return scenes.begin() + static_cast<std::ptrdiff_t>(i); };
    if (up) {
        std::iter_swap(at(*up), at(*up - 1));
        if (v.scene == static_cast<int>(*up))
            --v.scene;
        else if (v.scene == static_cast<int>(*up) - 1)
            ++v.scene;
    }
    if (gone) {
        scenes.erase(at(*gone));
        if (v.scene > static_cast<int>(*gone)) --v.scene;
    }
    if (!up && !gone) return;
    ++v.changes;
    v.documents.clear();
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
        ImGui::TextUnformatted(v.lecture ? (v.lecture->title.empty() ? "Lecture" : v.lecture->title.c_str())
                                         : "No lecture open");
        ImGui::PopFont();
        if (!v.lecture)
            ImGui::TextWrapped(
                "Open the lecture that comes with Convlens, drop a lecture file (.json) on the window, or start a new "
                "lecture from the current view.");
        if (button(f, "lecture.open", "Convolutional neural networks", "Opens the lecture that comes with Convlens"))
            load(f, Opens::file, file_job((f.assets / "lectures" / "cnn.json").string()));
        same_line_if_fits(button_width("Add this scene"));
        if (button(f, "lecture.capture", "Add this scene",
                   "Adds the current view as a new scene after the current one (F7)"))
            capture_scene(f);
        if (v.lecture) {
            same_line_if_fits(button_width("Save lecture"));
            if (button(f, "lecture.save", v.changed() ? "Save lecture *" : "Save lecture",
                       "Saves the lecture file; a lecture that comes with Convlens is saved to the current folder"))
                save_lecture(f);
            std::optional<std::size_t> up, gone;
            ImGui::BeginChild("scenes", {0, ImGui::GetContentRegionAvail().y * 0.6F}, true);
            for (std::size_t i = 0; i < v.lecture->scenes.size(); ++i) scene_line(f, i, up, gone);
            ImGui::EndChild();
            change_list(v, up, gone);
            if (Scene* scene = scene_of(v)) {
                ImGui::SetNextItemWidth(-1);
                if (ImGui::InputTextWithHint("##title", "title", &scene->title)) {
                    scene->title = cut_text(scene->title, max_scene_title);
                    ++v.changes;
                }
                f.map.mark("scene.title");
                tooltip("Title of the scene, shown in large type below the grid");
                if (ImGui::InputTextMultiline("##text", &scene->text, {-1, -em * 0.5F})) {
                    scene->text = cut_text(scene->text, max_scene_text);
                    ++v.changes;
                }
                f.map.mark("scene.text");
                tooltip("Text for the audience, shown below the title");
            }
        }
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
