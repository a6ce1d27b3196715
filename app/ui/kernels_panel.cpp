/// The kernel strip and what is known of the marked channel; the status bar.
#include <imgui.h>

#include <algorithm>

#include "app/ui/panels.h"

namespace convlens {
namespace {

ImTextureID texture(unsigned name) { return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(name)); }

void strip(Frame& f) {
    const Shown& s = *f.shown;
    const int count = s.weight->shape().n, columns = s.kernel_columns, rows = (count + columns - 1) / columns;
    const float width = ImGui::GetContentRegionAvail().x, cell = width / static_cast<float>(columns);
    const float cell_h = cell * static_cast<float>(s.weight->shape().h) / static_cast<float>(s.weight->shape().w);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    ImGui::InvisibleButton("kernels", {width, cell_h * static_cast<float>(rows)});
    f.map.mark("kernels");
    const bool hovered = ImGui::IsItemHovered(), clicked = ImGui::IsItemClicked();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (int i = 0; i < count; ++i) {
        const auto column = static_cast<float>(i % columns), row = static_cast<float>(i / columns);
        const ImVec2 a{at.x + column * cell + 1, at.y + row * cell_h + 1}, b{a.x + cell - 2, a.y + cell_h - 2};
        const auto all_columns = static_cast<float>(columns), all_rows = static_cast<float>(rows);
        draw.AddImage(texture(f.textures.kernels), a, b, {column / all_columns, row / all_rows},
                      {(column + 1) / all_columns, (row + 1) / all_rows});
        const bool under = hovered && mouse.x >= a.x && mouse.x < b.x && mouse.y >= a.y && mouse.y < b.y;
        if (under && clicked) f.view.marked = f.view.marked == i ? std::nullopt : std::optional(i);
        if (f.view.marked == i || (f.view.hover && f.view.hover->channel == i) || under)
            draw.AddRect(a, b, IM_COL32(232, 153, 46, 255), 0, 0, 2);
    }
}

void channel(Frame& f, int c) {
    const Shown& s = *f.shown;
    if (c < 0 || static_cast<std::size_t>(c) >= s.stats.size()) return;
    ImGui::Separator();
    ImGui::TextDisabled("CHANNEL %d", c);
    if (std::holds_alternative<EdgeKernels>(s.request.document.kernels.bank) && static_cast<std::size_t>(c) < edge_kernels().size()) {
        const NamedKernel& kernel = edge_kernels()[static_cast<std::size_t>(c)];
        ImGui::TextUnformatted(kernel.name.c_str());
        ImGui::TextWrapped("%s", kernel.meaning.c_str());
    }
    const ChannelStats& stats = s.stats[static_cast<std::size_t>(c)];
    ImGui::Text("min   %+.5g\nmax   %+.5g\nmean  %+.5g\n|x|   %.5g", static_cast<double>(stats.min), static_cast<double>(stats.max),
                static_cast<double>(stats.mean), static_cast<double>(stats.mean_abs));
    if (f.view.hover && s.request.probe == f.view.hover && static_cast<std::size_t>(c) < s.probed.size())
        ImGui::Text("y %d, x %d: %.6g", f.view.hover->y, f.view.hover->x, static_cast<double>(s.probed[static_cast<std::size_t>(c)]));
}

}  // namespace

void kernels_panel(Frame& f) {
    if (!f.shown || !f.shown->kernels) return;
    ImGui::TextDisabled("KERNELS");
    ImGui::TextWrapped("%s", f.shown->kernels_title.c_str());
    strip(f);
    if (f.view.hover) {
        channel(f, f.view.hover->channel);
    } else if (f.view.marked) {
        channel(f, *f.view.marked);
    } else {
        ImGui::TextWrapped("Each kernel makes one channel of the grid. Grey is zero. Click one to mark its channel.");
    }
}

void status_bar(Frame& f) {
    if (!f.status.error.empty()) {
        ImGui::TextColored({0.91F, 0.60F, 0.18F, 1}, "%s", f.status.error.c_str());
    } else if (f.shown) {
        const Shown& s = *f.shown;
        const double rate = s.forward_ms > 0 ? static_cast<double>(s.multiply_accumulates) / s.forward_ms * 1e-6 : 0;
        ImGui::Text("%s -> %s    %s    %.1f ms  %.1f GMAC/s    normalise: %s    %s", to_string(s.input_shape).c_str(),
                    to_string(s.output_shape).c_str(), s.backend.c_str(), s.forward_ms, rate, s.normalize.c_str(),
                    f.status.note.c_str());
    }
    f.map.mark("status");
    if (f.status.loading || (f.status.busy && f.status.busy_seconds > 0.1)) {
        ImGui::SameLine();
        ImGui::Text("working, %.0f %%", static_cast<double>(f.status.progress) * 100);
    }
}

}  // namespace convlens
