/// Draws an output with one value per channel, such as that of a Linear or softmax layer, as labeled bars on one axis.
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/tools/grid/grid.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Returns the values in the order of the cells. Each channel has a single value, so its mean is that value.
std::vector<float> values_of(const RenderResult& s) {
    std::vector<float> values;
    for (const int c : s.channels) values.push_back(s.stats[static_cast<std::size_t>(c)].mean);
    return values;
}

/// The horizontal axis of the bars.
struct Axis {
    float lo = 0, hi = 0;  ///< The range always includes zero.

    explicit Axis(const std::vector<float>& values) {
        for (const float v : values) lo = std::min(lo, v), hi = std::max(hi, v);
        if (lo == hi) hi = 1;
    }
    /// Returns the x of `value` if the axis extends from x = `from` to x = `to`.
    float at(float value, float from, float to) const { return from + (to - from) * (value - lo) / (hi - lo); }
};

/// Draws one line of height `row` per value: channel, bar and number.
void rows(Frame& f, const std::vector<float>& values, float row) {
    const RenderResult& s = *f.shown;
    const Axis axis(values);
    const float em = ImGui::GetFontSize();
    const auto draw_row = [&](std::size_t i) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float width = ImGui::GetContentRegionAvail().x, from = at.x + em * 4, to = at.x + width - em * 7;
        ImGui::InvisibleButton(fmt::format("##bar{}", i).c_str(), {width, row});
        const int channel = s.channels[i];
        if (ImGui::IsItemHovered()) f.view.hover = PixelPosition{channel, 0, 0};
        if (ImGui::IsItemClicked()) f.view.selected = channel;
        f.map.mark(fmt::format("bar.{}", channel));
        ImDrawList& draw = *ImGui::GetWindowDrawList();
        const bool lit = f.view.selected == channel || (f.view.hover && f.view.hover->channel == channel);
        const float zero = axis.at(0, from, to), end = axis.at(values[i], from, to), gap = std::max(1.0F, row / 10);
        const ImU32 foreground = ImGui::GetColorU32(lit ? ImGuiCol_Text : ImGuiCol_TextDisabled);
        // Where rows are lower than the text, only some have one.
        const bool labeled = lit || i % static_cast<std::size_t>(std::ceil(em / row)) == 0;
        if (labeled) draw.AddText({at.x, at.y + (row - em) / 2}, foreground, fmt::format("{}", channel).c_str());
        draw.AddRectFilled({std::min(zero, end), at.y + gap},
                           {std::max(std::max(zero, end), std::min(zero, end) + 1), at.y + row - gap},
                           lit             ? accent()
                           : values[i] < 0 ? IM_COL32(90, 130, 220, 255)
                                           : IM_COL32(205, 95, 80, 255));
        draw.AddLine({zero, at.y}, {zero, at.y + row}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                     std::max(1.0F, em / 16));
        if (labeled)
            draw.AddText({to + em * 0.75F, at.y + (row - em) / 2}, foreground,
                         fmt::format("{:+.4g}", values[i]).c_str());
    };
    ImGuiListClipper clipper;  // there may be millions
    clipper.Begin(static_cast<int>(std::min<std::size_t>(values.size(), std::numeric_limits<int>::max())), row);
    int drawn = 0;
    while (clipper.Step())
        for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i, ++drawn) draw_row(static_cast<std::size_t>(i));
    f.map.state("bars", fmt::format("{} of {}", drawn, values.size()));
}

}  // namespace

void bars(Frame& f) {
    const RenderResult& s = *f.shown;
    const auto values = values_of(s);
    if (values.empty()) return;
    f.view.hover.reset();
    ImGui::BeginChild("bars");
    const auto largest = std::max_element(values.begin(), values.end());
    const int channel = s.channels[static_cast<std::size_t>(largest - values.begin())];
    ImGui::TextWrapped(
        "%s", (values.size() < static_cast<std::size_t>(s.output_shape.c)
                   ? tr_format("{} of {} values, one per channel; the largest of them is in channel {}", values.size(),
                               s.output_shape.c, channel)
               : values.size() == 1
                   ? tr_format("1 value, one per channel; the largest is in channel {}", channel)
                   : tr_format("{} values, one per channel; the largest is in channel {}", values.size(), channel))
                  .c_str());
    const float room =
        ImGui::GetContentRegionAvail().y / static_cast<float>(values.size()) - ImGui::GetStyle().ItemSpacing.y;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    // In a lecture nobody scrolls: up to 64 values are all on screen.
    const float lowest = f.view.presenting && values.size() <= 64 ? 0.4F : 1.15F;
    rows(f, values, std::floor(std::clamp(room, ImGui::GetFontSize() * lowest, ImGui::GetFontSize() * 2.5F)));
    ImGui::PopStyleVar();
    ImGui::EndChild();
}

}  // namespace convlens
