/// Panels on the left, the central panel with the selected tool, a panel on the right, the status bar at the bottom.
#include "app/ui/layout.h"

#include <imgui.h>

#include <algorithm>
#include <initializer_list>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/menu.h"
#include "app/ui/panels/panels.h"
#include "app/ui/tool.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

constexpr ImGuiWindowFlags panel_flags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                         ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                         ImGuiWindowFlags_NoBringToFrontOnFocus;
constexpr ImGuiWindowFlags fixed = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;

using Draw = void (*)(Frame&);

/// Draws `contents` in a panel at `at` with the size `size`. Draws nothing if the width is 0.
void panel(Frame& f, const char* name, ImVec2 at, ImVec2 size, std::initializer_list<Draw> contents,
           ImGuiWindowFlags more) {
    if (size.x <= 0) return;
    ImGui::SetNextWindowPos(at);
    ImGui::SetNextWindowSize({std::max(size.x, 32.0F), size.y});
    ImGui::Begin(name, nullptr, panel_flags | more);
    for (const Draw part : contents) part(f);
    fade_edges();
    ImGui::End();
}

/// Draws the window in lecture mode: only the tool, and what tools draw around it.
void present(Frame& f) {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    Area area{0, 0, size.x, size.y};
    for (const Tool* tool : tools())
        if (tool->stage) area = tool->stage(f).value_or(area);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    panel(f, "the grid", {area.x, area.y}, {area.w, area.h}, {tool_panel}, fixed | ImGuiWindowFlags_NoBackground);
    ImGui::PopStyleVar();
}

/// Draws the panel on the right unless the tool hides it.
void side_of_tool(Frame& f) {
    if (f.view.tool->keeps_side) side_panel(f);
}

/// Draws the window outside of lecture mode.
void panels(Frame& f) {
    menu_bar(f);
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    const float em = ImGui::GetFontSize();
    const bool wrapped = !f.status.error.empty() && ImGui::CalcTextSize(f.status.error.c_str()).x > size.x - 2 * em;
    const float top = ImGui::GetFrameHeight(),
                bottom = ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().WindowPadding.y + (wrapped ? em * 1.2F : 0);
    const float left = f.view.panels ? std::min(em * 18, size.x * 0.29F) : 0;
    const float right = f.view.panels && f.view.tool->keeps_side ? std::min(em * 19, size.x * 0.26F) : 0;
    const float height = std::max(size.y - top - bottom, 32.0F);
    if (size.x < 40 * em && size.y > size.x) {  // a phone: the panels are below the grid
        const float upper = f.view.panels ? height * 0.55F : height;
        panel(f, "the grid", {0, top}, {size.x, upper}, {tool_panel}, fixed);
        if (f.view.panels)
            panel(f, "controls", {0, top + upper}, {size.x, height - upper},
                  {side_of_tool, source_panel, network_panel, layer_panel}, 0);
    } else {
        panel(f, "controls", {0, top}, {left, height}, {source_panel, network_panel, layer_panel}, 0);
        panel(f, "the grid", {left, top}, {size.x - left - right, height}, {tool_panel}, fixed);
        panel(f, "the kernels", {size.x - right, top}, {right, height}, {side_panel}, 0);
    }
    panel(f, "status", {0, top + height}, {size.x, bottom}, {status_bar}, fixed);
}

}  // namespace

void draw_window(Frame& f) {
    f.view.presenting ? present(f) : panels(f);
    if (f.view.overlay) f.view.overlay->draw(f);
    for (const Tool* tool : tools())
        if (tool->over) tool->over(f);
}

namespace {

/// Returns the width of the tabs of all tools in this type size.
float tabs_width(Type type) {
    ImGui::PushFont(font(type));
    float width = 0;
    for (const Tool* tool : tools())
        if (tool->middle.title) width += button_width(tool->middle.title) + ImGui::GetStyle().ItemSpacing.x;
    ImGui::PopFont();
    return width - ImGui::GetStyle().ItemSpacing.x;
}

/// Draws the tabs of all tools.
void tool_tabs(Frame& f, Type type) {
    ImGui::PushFont(font(type));
    bool first = true;
    for (const Tool* tool : tools()) {
        if (!tool->middle.title) continue;
        if (!std::exchange(first, false)) same_line_if_fits(button_width(tool->middle.title));
        if (tab(f, fmt::format("tool.{}", tool->id).c_str(), tool->middle.title, tool->middle.tooltip_text,
                f.view.tool == tool))
            f.view.tool = tool;
    }
    ImGui::PopFont();
}

/// Draws a drop-down list of all tools, for windows that are too narrow for tabs.
void tool_list(Frame& f) {
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 12);
    const bool open = ImGui::BeginCombo("##tool", f.view.tool->middle.title ? tr(f.view.tool->middle.title) : "");
    f.map.mark("tools");
    if (!open) return tooltip("Selects what the central panel shows");
    for (const Tool* tool : tools()) {
        if (!tool->middle.title) continue;
        if (ImGui::Selectable(tr_label(tool->middle.title).c_str(), f.view.tool == tool)) f.view.tool = tool;
        f.map.mark(fmt::format("tool.{}", tool->id));
        tooltip(tool->middle.tooltip_text);
    }
    ImGui::EndCombo();
}

}  // namespace

void tool_panel(Frame& f) {
    if (!f.view.presenting) {
        // One line of tabs, two lines of smaller tabs if these do not fit, otherwise a list.
        const float room = ImGui::GetContentRegionAvail().x;
        if (tabs_width(Type::body) <= room)
            tool_tabs(f, Type::body);
        else if (tabs_width(Type::small) <= 1.8F * room)  // the first line may end early
            tool_tabs(f, Type::small);
        else
            tool_list(f);
    }
    f.view.tool->middle.draw(f);
}

void side_panel(Frame& f) {
    bool first = true;
    for (const Tool* tool : tools()) {
        if (!tool->side.title) continue;
        if (!std::exchange(first, false)) same_line_if_fits(button_width(tool->side.title));
        if (tab(f, fmt::format("side.{}", tool->id).c_str(), tool->side.title, tool->side.tooltip_text,
                f.view.side == tool))
            f.view.side = tool;
    }
    f.view.side->side.draw(f);
}

}  // namespace convlens
