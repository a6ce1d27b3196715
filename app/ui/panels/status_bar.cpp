/// The status bar: progress, shapes, messages, backend and times.
#include <imgui.h>

#include <thread>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/panels/panels.h"
#include "app/ui/tools/backends/backends.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/view/fitting_text.h"

namespace convlens {

void status_bar(Frame& f) {
    ImGui::AlignTextToFramePadding();
    if (!f.status.error.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
        ImGui::TextWrapped("%s", f.status.error.c_str());
        ImGui::PopStyleColor();
        f.map.mark("status");
        tooltip_as_shown(f.status.error.c_str());
        return;
    }
    if (f.status.loading || (f.status.busy && f.status.busy_seconds > 0.1)) {
        ImGui::ProgressBar(f.status.loading ? 0.0F : f.status.progress,
                           {ImGui::GetFontSize() * 8, ImGui::GetFrameHeight() * 0.8F},
                           f.status.loading ? tr("loading") : nullptr);
        ImGui::SameLine();
    }
    if (f.shown) {
        const RenderResult& s = *f.shown;
        const double rate = s.forward_ms > 0 ? static_cast<double>(s.multiply_accumulates) / s.forward_ms * 1e-6 : 0;
        ImGui::Text("%s -> %s", to_string(s.input_shape).c_str(), to_string(s.output_shape).c_str());
        tooltip("Shapes of the input and of the output: N batch items x C channels x H rows x W columns");
        // Both texts are in the language of the window, or names.
        const auto part = [](const std::string& text, const char* tooltip_text) {
            const float gap = ImGui::GetFontSize() * 1.5F,
                        right = ImGui::GetItemRectMax().x + gap + ImGui::CalcTextSize(text.c_str()).x;
            if (right > ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x)
                return false;  // the most important parts come first
            ImGui::SameLine(0, gap);
            ImGui::TextUnformatted(text.c_str());
            tooltip_as_shown(tooltip_text);
            return true;
        };
        if (f.status.writing)
            part(tr("writing ..."), tr("A file is being written in the background"));
        else if (!f.status.note.empty() && !part(f.status.note, tr("Result of the last command"))) {
            // Too long for this window: as much as fits, and all of it in the tooltip.
            const float room = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x -
                               ImGui::GetItemRectMax().x - ImGui::GetFontSize() * 1.6F;
            part(fitting_text(f.status.note, room,
                              [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; }),
                 f.status.note.c_str());
        }
        if (!s.gl_failure.empty() &&
            !part(tr_format("OpenGL failed: {}", s.gl_failure), tr("The CPU computes instead of OpenGL")))
            part(tr("OpenGL failed"), s.gl_failure.c_str());
        if (part(s.backend, tr("Compute backend; click to choose another or to compare the speed of both (Ctrl+G)"))) {
            f.map.mark("backend");
            if (ImGui::IsItemClicked()) f.view.overlay = &backends_overlay;
        }
        // A rate that no processor reaches means that the layer was cached: a core does at most 32 multiply-accumulates
        // per cycle, of which Winograd's algorithm saves three of four.
        const double largest =
            s.backend.starts_with("CPU") ? 800.0 * std::max(1U, std::thread::hardware_concurrency()) : 1e5;
        if (rate > largest)
            part(tr("cached"), tr("The output of this layer was already computed and is reused"));
        else
            part(fmt::format("{:.1f} ms  {:.1f} GMAC/s", s.forward_ms, rate),
                 tr("Time of the forward pass and its throughput in GMAC/s (10^9 multiply-accumulates per second)"));
        if (s.normalize != "none")
            part(tr_format("normalized: {}", s.normalize),
                 tr("Normalization of the pixels before they enter the network"));
    }
    f.map.mark("status");
}

}  // namespace convlens
