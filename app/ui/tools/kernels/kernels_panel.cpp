/// Draws all kernels of the layer, and the statistics of one channel.
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/kernels/kernels.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Returns true if the kernels on screen are the built-in edge filters.
bool edge_bank(const RenderResult& s) {
    return std::holds_alternative<ConvChain>(s.request.document.network) &&
           std::holds_alternative<EdgeKernels>(s.request.document.kernels.bank);
}

/// Returns the name of kernel `i` for its tooltip: "12: Sobel x" for an edge filter, otherwise "kernel 12".
std::string kernel_title(const RenderResult& s, int i) {
    const bool edges = edge_bank(s);
    if (edges && static_cast<std::size_t>(i) < edge_kernels().size())
        return fmt::format("{}: {}", i, tr(edge_kernels()[static_cast<std::size_t>(i)].name));
    return tr_format("kernel {}", i);
}

/// Returns the channel whose kernel is highlighted: that under the cursor in the grid, else the selected one; -1 if
/// there is none.
int selected_channel(const Frame& f) { return f.view.hover ? f.view.hover->channel : f.view.selected.value_or(-1); }

/// Draws all kernels. If there are many, they scroll separately, so that the channel's statistics stay visible below.
void strip(Frame& f) {
    const RenderResult& s = *f.shown;
    const int count = s.weight->shape().n, columns = s.kernel_columns, rows = (count + columns - 1) / columns;
    const float em = ImGui::GetFontSize();
    const auto side = [&](float width) { return std::min(width / static_cast<float>(columns), em * 4); };
    const float aspect = static_cast<float>(s.weight->shape().h) / static_cast<float>(s.weight->shape().w);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float most = std::max(room.y - em * 14, em * 8);
    const bool scrolls = side(room.x) * aspect * static_cast<float>(rows) > most;
    const float width = room.x - (scrolls ? ImGui::GetStyle().ScrollbarSize : 0), cell = side(width);
    const float cell_h = cell * aspect, height = cell_h * static_cast<float>(rows);
    ImGui::BeginChild("strip", {0, std::min(height, most)}, false, scrolls ? 0 : ImGuiWindowFlags_NoScrollbar);
    const float gap = std::max(1.0F, em / 16);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImGui::InvisibleButton("kernels", {width, height});
    f.map.mark("kernels");
    int& scrolled_to = *ImGui::GetStateStorage()->GetIntRef(ImGui::GetID("scrolled to"), -1);
    if (const int selected = selected_channel(f);
        std::exchange(scrolled_to, selected) != selected && selected >= 0 && selected < count) {
        const float top = at.y + static_cast<float>(selected / columns) * cell_h;
        scroll_into_view(top, top + cell_h);
    }
    const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (int i = 0; i < count; ++i) {
        const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
        const ImVec2 a{at.x + column * cell, at.y + row * cell_h}, b{a.x + cell - gap, a.y + cell_h - gap};
        if (!ImGui::IsRectVisible(a, b)) continue;
        const auto all_columns = static_cast<float>(columns), all_rows = static_cast<float>(rows);
        draw.AddImage(texture_id(f.textures.of(f.shown->kernels)), a, b, {column / all_columns, row / all_rows},
                      {(column + 1) / all_columns, (row + 1) / all_rows});
        if (f.view.selected == i) f.map.mark("kernel.selected", a.x, a.y, b.x, b.y);
        const bool under = hovered && mouse.x >= a.x && mouse.x < b.x && mouse.y >= a.y && mouse.y < b.y;
        if (under) tooltip(tr_format("{}: click to select its channel in the grid", kernel_title(s, i)).c_str());
        if (under && clicked) f.view.selected = f.view.selected == i ? std::nullopt : std::optional(i);
        if (f.view.selected == i || (f.view.hover && f.view.hover->channel == i) || under)
            draw.AddRect(a, b, accent(), 0, 0, 2 * gap);
    }
    fade_edges();
    ImGui::EndChild();
}

/// Returns "KERNEL 28 (0 TO 255)" if a kernel is highlighted, else "256 KERNELS"; "CHANNELS" if the layer has no
/// kernels.
std::string kernels_heading(const Frame& f) {
    if (!f.shown->weight) return tr("CHANNELS");
    const int count = f.shown->weight->shape().n, selected = selected_channel(f);
    if (selected < 0 || selected >= count) return tr_format("{} KERNELS", count);
    return tr_format("KERNEL {} (0 TO {})", selected, count - 1);
}

/// Draws a name with a tooltip, and a number. The numbers of consecutive rows end at the same x.
void fact(const char* name, float value, const char* tooltip_text) {
    ImGui::TextDisabled("%s", tr(name));
    tooltip(tooltip_text);
    const float right = std::min(ImGui::GetFontSize() * 11, ImGui::GetWindowContentRegionMax().x),
                gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float begin = ImGui::CalcTextSize(tr(name)).x + ImGui::GetStyle().WindowPadding.x + gap, room = right - begin;
    std::string text = fmt::format("{:+.5f}", value);
    if (ImGui::CalcTextSize(text.c_str()).x > room) text = fmt::format("{:+.3g}", value);
    ImGui::SameLine(std::max(right - ImGui::CalcTextSize(text.c_str()).x, begin));
    ImGui::TextUnformatted(text.c_str());
}

/// Draws the histogram of the selected channel, from its minimum to its maximum.
void draw_histogram(Frame& f, const std::vector<float>& counts, const ChannelStats& stats) {
    const float width = ImGui::GetContentRegionAvail().x, height = ImGui::GetFontSize() * 3.5F;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    f.map.mark("histogram");
    tooltip(tr_format(
                "Histogram of the channel's values from {:.4g} to {:.4g} with logarithmic counts; the line marks zero",
                stats.min, stats.max)
                .c_str());
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float most = std::log1p(*std::max_element(counts.begin(), counts.end())),
                bar = width / static_cast<float>(counts.size());
    draw.AddRectFilled(at, {at.x + width, at.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const float x = at.x + bar * static_cast<float>(i), h = most > 0 ? height * std::log1p(counts[i]) / most : 0;
        draw.AddRectFilled({x, at.y + height - h}, {x + std::max(bar - 1, 1.0F), at.y + height},
                           ImGui::GetColorU32(ImGuiCol_Text, 0.6F));
    }
    if (stats.min < 0 && stats.max > 0) {
        const float x = at.x + width * -stats.min / (stats.max - stats.min);
        draw.AddLine({x, at.y}, {x, at.y + height}, accent(), std::max(1.0F, ImGui::GetFontSize() / 12));
    }
    ImGui::PushFont(font(Type::small));
    const ScaleEnds ends = scale_ends({stats.min, stats.max});
    ImGui::TextDisabled("%s", ends.low.c_str());
    ImGui::SameLine(
        std::max(0.0F, width + ImGui::GetStyle().WindowPadding.x - ImGui::CalcTextSize(ends.high.c_str()).x));
    ImGui::TextDisabled("%s", ends.high.c_str());
    ImGui::PopFont();
}

/// Draws the statistics of channel `c`.
void channel(Frame& f, int c) {
    const RenderResult& s = *f.shown;
    if (c < 0 || static_cast<std::size_t>(c) >= s.stats.size()) return;
    section(tr_format("CHANNEL {}", c).c_str());
    if (edge_bank(s) && static_cast<std::size_t>(c) < edge_kernels().size()) {
        const NamedKernel& kernel = edge_kernels()[static_cast<std::size_t>(c)];
        ImGui::TextUnformatted(tr(kernel.name).c_str());
        ImGui::TextWrapped("%s.", tr(kernel.tooltip_text).c_str());
    }
    const ChannelStats& stats = s.stats[static_cast<std::size_t>(c)];
    if (const auto* histogram = s.answer<Histogram>(); histogram && histogram->channel == c)
        draw_histogram(f, histogram->counts, stats);
    fact("minimum", stats.min, "Smallest value of this channel");
    fact("maximum", stats.max, "Largest value of this channel");
    fact("mean", stats.mean, "Mean value of this channel");
    fact("energy, mean |x|", stats.mean_abs, "Mean absolute value of this channel");
    if (f.view.hover && s.request.probe && static_cast<std::size_t>(c) < s.probed.size())
        fact(fmt::format("y {}, x {}", s.request.probe->y, s.request.probe->x).c_str(),
             s.probed[static_cast<std::size_t>(c)], "Value under the cursor; row y and column x count from 0");
}

}  // namespace

void kernels_panel(Frame& f) {
    if (!f.shown) return;
    section(kernels_heading(f).c_str());
    ImGui::TextWrapped("%s", f.shown->kernels_title.c_str());
    if (!f.shown->weight) {
        ImGui::TextDisabled("%s", tr_format("{} has no kernels", f.shown->layer).c_str());
        channel(f, selected_channel(f));
        return;
    }
    if (!f.shown->kernels) {
        ImGui::TextWrapped("%s", tr("There are too many kernels to draw here."));
    } else {
        strip(f);
    }
    if (selected_channel(f) >= 0) {
        channel(f, selected_channel(f));
    } else {
        ImGui::Spacing();
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        ImGui::TextWrapped("%s", tr("Each kernel produces one output channel, which is one cell of the grid. In a "
                                    "kernel, gray is zero, bright "
                                    "is positive and dark is negative. Click a kernel to select its channel."));
        ImGui::PopStyleColor();
    }
}

}  // namespace convlens
