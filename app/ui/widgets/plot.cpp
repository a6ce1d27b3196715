/// Draws line plots.
#include "app/ui/widgets/plot.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// The ranges of the axes.
struct Extent {
    double x0 = 1e30, x1 = -1e30;
    float y0 = 1e30F, y1 = -1e30F;
};

Extent extent_of(const std::vector<PlotLine>& lines) {
    Extent e;
    for (const PlotLine& l : lines)
        for (const auto& [x, y] : l.points)
            if (std::isfinite(y))
                e.x0 = std::min(e.x0, x), e.x1 = std::max(e.x1, x), e.y0 = std::min(e.y0, y), e.y1 = std::max(e.y1, y);
    if (e.y1 <= e.y0) e.y1 = e.y0 + 1;
    return e;
}

}  // namespace

void plot(Frame& f, const char* id, const std::vector<PlotLine>& lines, double mark, const std::string& title,
          const char* tooltip_text) {
    const float em = ImGui::GetFontSize(), width = ImGui::GetContentRegionAvail().x, height = em * 5;
    ImGui::PushFont(font(Type::small));
    ImGui::TextDisabled("%s", tr(title).c_str());
    ImGui::PopFont();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    f.map.mark(id);
    tooltip(tooltip_text);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + width, at.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    const Extent e = extent_of(lines);
    if (e.x1 < e.x0) return;
    const double span = e.x1 > e.x0 ? e.x1 - e.x0 : 1;
    const auto place = [&](double x, float y) {
        return ImVec2{at.x + 2 + static_cast<float>((x - e.x0) / span) * (width - 4),
                      at.y + height - 3 - (y - e.y0) / (e.y1 - e.y0) * (height - 6)};
    };
    const float line = std::max(1.0F, em / 10);
    for (const PlotLine& l : lines) {
        const std::size_t every = l.points.size() / static_cast<std::size_t>(std::max(width, 1.0F)) +
                                  1;  // at most one point per pixel column
        std::vector<ImVec2> points;
        for (std::size_t i = 0; i < l.points.size(); i += every)
            if (std::isfinite(l.points[i].second)) points.push_back(place(l.points[i].first, l.points[i].second));
        draw.AddPolyline(points.data(), static_cast<int>(points.size()), l.color, 0, line);
    }
    if (mark >= e.x0 && mark <= e.x1)
        draw.AddLine({place(mark, e.y0).x, at.y}, {place(mark, e.y0).x, at.y + height}, accent(), line);
    ImFont* small = font(Type::small);
    draw.AddText(small, small->FontSize, {at.x + 4, at.y + 1}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                 fmt::format("{:.3g}", e.y1).c_str());
    draw.AddText(small, small->FontSize, {at.x + 4, at.y + height - small->FontSize - 1},
                 ImGui::GetColorU32(ImGuiCol_TextDisabled), fmt::format("{:.3g}", e.y0).c_str());
}

}  // namespace convlens
