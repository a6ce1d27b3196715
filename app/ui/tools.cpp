/// The table of tools and their tabs.
#include "app/ui/tools.h"

#include <imgui.h>

#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/theme.h"

namespace convlens {
namespace {

constexpr ToolView table[] = {
    {Tool::grid, "grid", "Grid", "Every channel of the layer at once (Esc)", grid_panel, true},
    {Tool::microscope, "microscope", "Microscope", "Every number that one value is made of, large (m)",
     microscope_panel, false},
    {Tool::slide, "slide", "Sliding window",
     "The kernel travels over the input and fills in the output, step by step (w)", slide_panel, true},
    {Tool::lab, "lab", "Why convolutions",
     "One small image through a fully connected, a locally connected and a convolution layer: weights, connections, "
     "shifts (l)",
     lab_panel, false},
    {Tool::compare, "compare", "Compare",
     "Two banks, networks or layers on the same image, side by side or blinking (c)", compare_panel, false},
    {Tool::features, "features", "Features",
     "Pictures as points, by a trained network's features and by raw pixels; a model learns on both; nearest "
     "neighbours (e)",
     feature_panel, true},
};

void tabs(Frame& f) {
    float width = 0;
    for (const ToolView& tool : table) width += button_width(tool.title) + ImGui::GetStyle().ItemSpacing.x;
    ImGui::PushFont(
        font(width > ImGui::GetContentRegionAvail().x ? Type::small : Type::body));  // in as few lines as can be
    for (const ToolView& tool : table) {
        if (&tool != table) same_line_if_fits(button_width(tool.title));
        if (tab(f, fmt::format("tool.{}", tool.id).c_str(), tool.title, tool.meaning, tool.tool == f.view.tool))
            f.view.tool = tool.tool;
    }
    ImGui::PopFont();
}

}  // namespace

std::span<const ToolView> tools() { return table; }

bool has_side_panel(const View& view) {
    for (const ToolView& tool : table)
        if (tool.tool == view.tool) return tool.side;
    return true;
}

void tool_panel(Frame& f) {
    if (std::size(table) > 1 && !f.view.lecture.full) tabs(f);
    for (const ToolView& tool : table)
        if (tool.tool == f.view.tool) return tool.draw(f);
    f.view.tool = Tool::grid;
}

}  // namespace convlens
