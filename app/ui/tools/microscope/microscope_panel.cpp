/// Draws the microscope in the panel on the right and in the central panel.
#include <imgui.h>

#include "app/ui/language.h"
#include "app/ui/tools/microscope/microscope.h"
#include "app/ui/tools/microscope/terms.h"
#include "app/ui/tools/microscope/value_explanation.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// State of the microscope's panels.
struct MicroscopeView {
    float zoom = 1.0F;  ///< Zoom of the cells, 1 to 8.
    float height = 0;   ///< Height in pixels of the terms in the central panel, as drawn in the last frame.
};

/// Draws the value in large type and, below it, its position: "conv1, channel 12, y 3, x 4".
void title(Frame& f, const Explanation& e) {
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(fmt::format("{:+.5f}", e.result).c_str());
    ImGui::PopFont();
    f.map.mark("why.value");
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr_format("{}, channel {}, y {}, x {}{}", e.asked_layer, e.position.channel, e.position.y,
                                       e.position.x, tr(f.view.pin ? "" : ": click to pin it"))
                                 .c_str());
    ImGui::PopStyleColor();
}

/// Draws a hint on how to choose a value.
void hint() {
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr("Hover over a value in the grid to see every term that it is computed from. Click a "
                                "value to pin it; move the "
                                "pin with the "
                                "arrow keys, and press Esc to unpin the value."));
    ImGui::PopStyleColor();
}

/// Zooms the cells by Ctrl+wheel over the terms.
void zoom_terms(Frame& f) {
    const ImGuiIO& io = ImGui::GetIO();
    if (!ImGui::IsWindowHovered() || io.MouseWheel == 0 || !io.KeyCtrl) return;
    f.states.of<MicroscopeView>().zoom =
        std::clamp(f.states.of<MicroscopeView>().zoom * (io.MouseWheel > 0 ? 1.25F : 0.8F), 1.0F, 8.0F);
}

void zoom_buttons(Frame& f, const Explanation& e) {
    if (button(f, "terms.larger", "Larger", "Enlarges the cells so that more digits fit (Ctrl+wheel)"))
        f.states.of<MicroscopeView>().zoom = std::min(f.states.of<MicroscopeView>().zoom * 1.5F, 8.0F);
    same_line_if_fits(button_width("Smaller"));
    ImGui::BeginDisabled(f.states.of<MicroscopeView>().zoom <= 1);
    if (button(f, "terms.smaller", "Smaller", "Shrinks the cells (Ctrl+wheel)"))
        f.states.of<MicroscopeView>().zoom = std::max(f.states.of<MicroscopeView>().zoom / 1.5F, 1.0F);
    ImGui::EndDisabled();
    same_line_if_fits(button_width("Copy"));
    if (button(f, "terms.copy", "Copy", "Copies all terms as text to the clipboard (Ctrl+C)"))
        f.requests.copy = to_text(e);
}

}  // namespace

void explanation_panel(Frame& f) {
    const ValueExplanation* why = explanation_of(f);
    if (!why) return hint();
    title(f, *why->explanation);
    zoom_buttons(f, *why->explanation);
    draw_path(f, *why, ImGui::GetFontSize() * 4.5F, 2);
    draw_terms(f, *why, f.states.of<MicroscopeView>().zoom);
    zoom_terms(f);
}

void microscope_panel(Frame& f) {
    ImGui::BeginChild("microscope");
    const ValueExplanation* why = explanation_of(f);
    if (!why) {
        hint();
    } else {
        const float em = ImGui::GetFontSize();
        const Explanation& e = *why->explanation;
        title(f, e);
        zoom_buttons(f, e);
        const bool low = ImGui::GetContentRegionAvail().y < em * 22;
        draw_path(f, *why, em * (low ? 4.5F : 9.0F), 1);
        ImGui::Spacing();
        const float cells = e.has_weights() && e.type != "Linear" ? 3 * static_cast<float>(e.window.w) * 3.2F + 4 : 0;
        const float width = std::min(ImGui::GetContentRegionAvail().x,
                                     em * std::max(cells * f.states.of<MicroscopeView>().zoom, 34.0F));
        // This child window is as high as its content, so that only the whole panel scrolls vertically. If the content
        // is too wide, it scrolls horizontally in the child window.
        ImGui::BeginChild("terms", {width, f.states.of<MicroscopeView>().height + ImGui::GetStyle().ScrollbarSize},
                          false, ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
        draw_terms(f, *why, f.states.of<MicroscopeView>().zoom);
        f.states.of<MicroscopeView>().height = ImGui::GetCursorPosY();
        zoom_terms(f);
        ImGui::EndChild();
    }
    ImGui::EndChild();
}

}  // namespace convlens
