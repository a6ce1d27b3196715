/// The kernel strip and what is known of the marked channel; the status bar.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/imgui_compat.h"
#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/theme.h"

namespace convlens {
namespace {

bool edge_bank(const Shown& s) {
    return std::holds_alternative<ConvChain>(s.request.document.network) &&
           std::holds_alternative<EdgeKernels>(s.request.document.kernels.bank);
}

/// What a person calls kernel `i`.
std::string kernel_title(const Shown& s, int i) {
    const bool edges = edge_bank(s);
    if (edges && static_cast<std::size_t>(i) < edge_kernels().size())
        return fmt::format("{}: {}", i, edge_kernels()[static_cast<std::size_t>(i)].name);
    return fmt::format("kernel {}", i);
}

void strip(Frame& f) {
    const Shown& s = *f.shown;
    const int count = s.weight->shape().n, columns = s.kernel_columns, rows = (count + columns - 1) / columns;
    const float width = ImGui::GetContentRegionAvail().x,
                cell = std::min(width / static_cast<float>(columns), ImGui::GetFontSize() * 4);
    const float cell_h = cell * static_cast<float>(s.weight->shape().h) / static_cast<float>(s.weight->shape().w);
    const float gap = std::max(1.0F, ImGui::GetFontSize() / 16);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImGui::InvisibleButton("kernels", {width, cell_h * static_cast<float>(rows)});
    f.map.mark("kernels");
    const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (int i = 0; i < count; ++i) {
        const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
        const ImVec2 a{at.x + column * cell, at.y + row * cell_h}, b{a.x + cell - gap, a.y + cell_h - gap};
        if (!ImGui::IsRectVisible(a, b)) continue;
        const auto all_columns = static_cast<float>(columns), all_rows = static_cast<float>(rows);
        draw.AddImage(texture_id(f.textures.of(f.shown->kernels)), a, b, {column / all_columns, row / all_rows},
                      {(column + 1) / all_columns, (row + 1) / all_rows});
        const bool under = hovered && mouse.x >= a.x && mouse.x < b.x && mouse.y >= a.y && mouse.y < b.y;
        if (under) tip(fmt::format("{}. Click to mark its channel in the grid.", kernel_title(s, i)).c_str());
        if (under && clicked) f.view.marked = f.view.marked == i ? std::nullopt : std::optional(i);
        if (f.view.marked == i || (f.view.hover && f.view.hover->channel == i) || under)
            draw.AddRect(a, b, accent(), 0, 0, 2 * gap);
    }
}

/// A name and its number, numbers below each other.
void fact(const char* name, float value, const char* meaning) {
    ImGui::TextDisabled("%s", name);
    tip(meaning);
    const float right = std::min(ImGui::GetFontSize() * 11, ImGui::GetWindowContentRegionMax().x),
                gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float room = right - ImGui::CalcTextSize(name).x - ImGui::GetStyle().WindowPadding.x - gap;
    std::string text = fmt::format("{:+.5f}", value);
    if (ImGui::CalcTextSize(text.c_str()).x > room) text = fmt::format("{:+.3g}", value);
    ImGui::SameLine(right - ImGui::CalcTextSize(text.c_str()).x);
    ImGui::TextUnformatted(text.c_str());
}

/// How often each value occurs in the marked channel, from its minimum to its maximum.
void histogram(Frame& f, const ChannelStats& stats) {
    const auto& counts = f.shown->histogram;
    const float width = ImGui::GetContentRegionAvail().x, height = ImGui::GetFontSize() * 3.5F;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    f.map.mark("histogram");
    tip(fmt::format("How many values of the channel lie where between {:.4g} and {:.4g}, on a logarithmic scale; the "
                    "line is zero",
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

void channel(Frame& f, int c) {
    const Shown& s = *f.shown;
    if (c < 0 || static_cast<std::size_t>(c) >= s.stats.size()) return;
    section(fmt::format("CHANNEL {}", c).c_str());
    if (edge_bank(s) && static_cast<std::size_t>(c) < edge_kernels().size()) {
        const NamedKernel& kernel = edge_kernels()[static_cast<std::size_t>(c)];
        ImGui::TextUnformatted(kernel.name.c_str());
        ImGui::TextWrapped("%s.", kernel.meaning.c_str());
    }
    const ChannelStats& stats = s.stats[static_cast<std::size_t>(c)];
    if (s.request.histogram == c && !s.histogram.empty()) histogram(f, stats);
    fact("minimum", stats.min, "The smallest value of this channel");
    fact("maximum", stats.max, "The largest value of this channel");
    fact("mean", stats.mean, "The mean value of this channel");
    fact("energy, mean |x|", stats.mean_abs, "The mean magnitude of this channel");
    if (f.view.hover && s.request.probe && static_cast<std::size_t>(c) < s.probed.size())
        fact(fmt::format("y {}, x {}", s.request.probe->y, s.request.probe->x).c_str(),
             s.probed[static_cast<std::size_t>(c)], "The value under the cursor, row y and column x counted from 0");
}

}  // namespace

void kernels_panel(Frame& f) {
    if (!f.shown) return;
    section(f.shown->weight ? "KERNELS" : "CHANNELS");
    ImGui::TextWrapped("%s", f.shown->kernels_title.c_str());
    if (!f.shown->weight) {
        ImGui::TextDisabled("%s has no kernels to show", f.shown->layer.c_str());
        if (f.view.hover || f.view.marked) channel(f, f.view.hover ? f.view.hover->channel : *f.view.marked);
        return;
    }
    if (!f.shown->kernels) {
        ImGui::TextWrapped("These kernels are too many to be drawn here.");
    } else {
        strip(f);
    }
    if (f.view.hover) {
        channel(f, f.view.hover->channel);
    } else if (f.view.marked) {
        channel(f, *f.view.marked);
    } else {
        ImGui::Spacing();
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        ImGui::TextWrapped(
            "Each kernel makes one channel of the grid. Grey is zero, bright adds, dark subtracts. Click one to mark "
            "its channel.");
        ImGui::PopStyleColor();
    }
}

void status_bar(Frame& f) {
    ImGui::AlignTextToFramePadding();
    if (!f.status.error.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
        ImGui::TextWrapped("%s", f.status.error.c_str());
        ImGui::PopStyleColor();
        f.map.mark("status");
        tip(f.status.error.c_str());
        return;
    }
    if (f.status.loading || (f.status.busy && f.status.busy_seconds > 0.1)) {
        ImGui::ProgressBar(f.status.loading ? 0.0F : f.status.progress,
                           {ImGui::GetFontSize() * 8, ImGui::GetFrameHeight() * 0.8F},
                           f.status.loading ? "loading" : nullptr);
        ImGui::SameLine();
    }
    if (f.shown) {
        const Shown& s = *f.shown;
        const double rate = s.forward_ms > 0 ? static_cast<double>(s.multiply_accumulates) / s.forward_ms * 1e-6 : 0;
        ImGui::Text("%s -> %s", to_string(s.input_shape).c_str(), to_string(s.output_shape).c_str());
        tip("Shape of the input and of the output: N items, C channels, H rows, W columns");
        const auto part = [](const std::string& text, const char* meaning) {
            const float gap = ImGui::GetFontSize() * 1.5F,
                        right = ImGui::GetItemRectMax().x + gap + ImGui::CalcTextSize(text.c_str()).x;
            if (right > ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x)
                return false;  // the most important come first
            ImGui::SameLine(0, gap);
            ImGui::TextUnformatted(text.c_str());
            tip(meaning);
            return true;
        };
        if (f.status.writing)
            part("writing ...", "A file is being made; go on as you like");
        else if (!f.status.note.empty())
            part(f.status.note, "News");
        if (!s.gl_failure.empty() && !part(fmt::format("OpenGL failed: {}", s.gl_failure), "The CPU computes instead"))
            part("OpenGL failed", s.gl_failure.c_str());
        if (part(s.backend, "What computes. Click to choose and to measure (Ctrl+G)")) {
            f.map.mark("backend");
            if (ImGui::IsItemClicked()) f.view.backends = true;
        }
        // More than a million of millions of products a second: the layer had been computed before.
        if (rate > 1e4)
            part("computed before", "This layer's output was still there");
        else
            part(fmt::format("{:.1f} ms  {:.1f} GMAC/s", s.forward_ms, rate),
                 "Time of the convolution, and thousand millions of multiply-adds a second");
        if (s.normalize != "none")
            part(fmt::format("normalised: {}", s.normalize),
                 "What is done to the pixels before they enter the network");
    }
    f.map.mark("status");
}

}  // namespace convlens
