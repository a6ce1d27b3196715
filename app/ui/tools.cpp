/// The table of tools and their tabs.
#include "app/ui/tools.h"

#include <imgui.h>

#include "app/ui/panels.h"
#include "app/ui/property.h"

namespace convlens {
namespace {

constexpr ToolView table[] = {
    {Tool::grid, "grid", "Grid", "Every channel of the layer at once", grid_panel},
};

void tabs(Frame& f) {
    for (const ToolView& tool : table) {
        if (&tool != table) ImGui::SameLine();
        const bool chosen = tool.tool == f.view.tool;
        const ImVec4 plain = ImGui::GetStyleColorVec4(chosen ? ImGuiCol_ButtonActive : ImGuiCol_Button);
        ImGui::PushStyleColor(ImGuiCol_Button, plain);
        if (button(f, fmt::format("tool.{}", tool.id).c_str(), tool.title, tool.meaning)) f.view.tool = tool.tool;
        ImGui::PopStyleColor();
    }
}

}  // namespace

std::span<const ToolView> tools() { return table; }

void tool_panel(Frame& f) {
    if (std::size(table) > 1) tabs(f);
    for (const ToolView& tool : table)
        if (tool.tool == f.view.tool) return tool.draw(f);
    f.view.tool = Tool::grid;
}

}  // namespace convlens
