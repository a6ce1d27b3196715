/// The panel at the right: kernels, the microscope, the kernel editor.
#include <imgui.h>

#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/terms.h"
#include "app/ui/theme.h"

namespace convlens {
namespace {

/// "conv1, channel 12, y 3, x 4"
void title(Frame& f, const Explanation& e) {
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(fmt::format("{:+.5f}", e.result).c_str());
    ImGui::PopFont();
    f.map.mark("why.value");
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", fmt::format("{}, channel {}, y {}, x {}{}", e.asked_layer, e.spot.channel, e.spot.y,
                                         e.spot.x, f.view.pin ? "" : ": click to keep it")
                                 .c_str());
    ImGui::PopStyleColor();
}

void hint() {
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped(
        "Point at a pixel of the grid: here is every number that it is made of. Click to keep it, arrow keys move it, "
        "Esc lets go.");
    ImGui::PopStyleColor();
}

/// Turning the wheel over the terms enlarges them.
void zoom_terms(Frame& f) {
    const ImGuiIO& io = ImGui::GetIO();
    if (!ImGui::IsWindowHovered() || io.MouseWheel == 0 || !io.KeyCtrl) return;
    f.view.terms_zoom = std::clamp(f.view.terms_zoom * (io.MouseWheel > 0 ? 1.25F : 0.8F), 1.0F, 8.0F);
}

void zoom_buttons(Frame& f) {
    if (button(f, "terms.larger", "Larger", "Larger cells, so that more digits fit (Ctrl and the wheel)"))
        f.view.terms_zoom = std::min(f.view.terms_zoom * 1.5F, 8.0F);
    same_line_if_fits(button_width("Smaller"));
    ImGui::BeginDisabled(f.view.terms_zoom <= 1);
    if (button(f, "terms.smaller", "Smaller", "Smaller cells (Ctrl and the wheel)"))
        f.view.terms_zoom = std::max(f.view.terms_zoom / 1.5F, 1.0F);
    ImGui::EndDisabled();
    same_line_if_fits(button_width("Copy"));
    if (button(f, "terms.copy", "Copy", "All of it as text to the clipboard (Ctrl+C)"))
        f.requests.copy = to_text(*f.shown->why.explanation);
}

void why(Frame& f) {
    if (!f.shown || !f.shown->why.explanation) return hint();
    title(f, *f.shown->why.explanation);
    zoom_buttons(f);
    draw_path(f, f.shown->why, ImGui::GetFontSize() * 4.5F, 2);
    draw_terms(f, f.shown->why, f.view.terms_zoom);
    zoom_terms(f);
}

struct SideView {
    Side side;
    const char* id;
    const char* title;
    const char* meaning;
    void (*draw)(Frame&);
};

constexpr SideView sides[] = {
    {Side::kernels, "side.kernels", "Kernels", "All kernels of the layer, and what is known of a channel",
     kernels_panel},
    {Side::why, "side.why", "Why?", "The terms of the value under the mouse, or of the one that you clicked", why},
    {Side::edit, "side.edit", "Edit",
     "The values of the marked kernel: drag, type, paint, turn, fill from a formula (k)", kernel_editor},
    {Side::train, "side.train", "Train", "Kernels that learn while you watch (n)", train_panel},
};

}  // namespace

void side_panel(Frame& f) {
    for (const SideView& view : sides) {
        if (&view != sides) same_line_if_fits(button_width(view.title));
        if (tab(f, view.id, view.title, view.meaning, view.side == f.view.side)) f.view.side = view.side;
    }
    for (const SideView& view : sides)
        if (view.side == f.view.side) view.draw(f);
}

void microscope_panel(Frame& f) {
    ImGui::BeginChild("microscope");
    if (!f.shown || !f.shown->why.explanation) {
        hint();
    } else {
        const float em = ImGui::GetFontSize();
        title(f, *f.shown->why.explanation);
        zoom_buttons(f);
        const bool low = ImGui::GetContentRegionAvail().y < em * 22;
        draw_path(f, f.shown->why, em * (low ? 4.5F : 9.0F), 1);
        ImGui::Spacing();
        const Explanation& e = *f.shown->why.explanation;
        const float cells =
            e.rule == Rule::sum && e.type != "Linear" ? 3 * static_cast<float>(e.window.w) * 3.2F + 4 : 0;
        const float width = std::min(ImGui::GetContentRegionAvail().x, em * std::max(cells * f.view.terms_zoom, 34.0F));
        // As high as its content, so that the whole panel scrolls at once; only what is too wide scrolls by itself.
        ImGui::BeginChild("terms", {width, f.view.terms_height + ImGui::GetStyle().ScrollbarSize}, false,
                          ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
        draw_terms(f, f.shown->why, f.view.terms_zoom);
        f.view.terms_height = ImGui::GetCursorPosY();
        zoom_terms(f);
        ImGui::EndChild();
    }
    ImGui::EndChild();
}

}  // namespace convlens
