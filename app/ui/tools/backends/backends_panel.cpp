/// Draws the choice between CPU and OpenGL, and measurements of both.
#include <imgui.h>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/backends/backends.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

void choices(Frame& f) {
    const auto choice = [&](BackendUse use, const char* id, const char* title, const char* tooltip_text) {
        if (tab(f, id, title, tooltip_text, f.view.use == use)) f.view.use = use;
        ImGui::SameLine();
    };
    choice(BackendUse::automatic, "use.auto", "Auto",
           "Measures both backends once for each network and input size, while the program is idle, and uses the "
           "faster one; without a GPU, uses the CPU");
    choice(BackendUse::cpu, "use.cpu", "CPU", "Computes with SIMD instructions on all CPU cores");
    choice(BackendUse::gl, "use.gl", "OpenGL",
           "Computes with OpenGL compute shaders on the GPU, or on the CPU if OpenGL runs in software");
    if (button(f, "measure", "Measure both",
               "Measures this network on both backends and compares all values of the current layer"))
        f.requests.measure = true;
}

/// Draws a row of the table: the backend's name and its time for `macs` multiply-accumulates.
void row(const char* what, const std::string& name, double ms, std::uint64_t macs, bool used) {
    const auto cell = [&](const std::string& text) {
        ImGui::TableNextColumn();
        used ? ImGui::TextUnformatted(text.c_str()) : ImGui::TextDisabled("%s", text.c_str());
    };
    cell(used ? tr_format("{}, in use", what) : what);
    cell(fmt::format("{:.2f}", ms));
    cell(fmt::format("{:.1f}", static_cast<double>(macs) * 1e-6 / std::max(ms, 1e-6)));
    ImGui::TableNextColumn();
    ImGui::TextDisabled("%s", name.c_str());
}

/// Draws the measurements of both backends.
void table(const RenderResult& s, const Comparison& c) {
    if (c.cpu_ms > 0 && ImGui::BeginTable("times", 4, ImGuiTableFlags_BordersInnerH)) {
        const float em = ImGui::GetFontSize();
        ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, em * 7);
        ImGui::TableSetupColumn(tr("milliseconds"), ImGuiTableColumnFlags_WidthFixed, em * 6);
        ImGui::TableSetupColumn(tr("GMAC/s"), ImGuiTableColumnFlags_WidthFixed, em * 5);
        ImGui::TableSetupColumn(tr("backend"), ImGuiTableColumnFlags_WidthStretch);
        ImGui::TableHeadersRow();
        const bool on_gl = s.backend.starts_with("OpenGL");
        row("CPU", c.cpu, c.cpu_ms, c.multiply_accumulates, !on_gl);
        if (c.gl_missing.empty()) row("OpenGL", c.gl, c.gl_ms, c.multiply_accumulates, on_gl);
        ImGui::EndTable();
    }
    if (c.gl_missing.empty())
        ImGui::TextWrapped("%s", tr_format("Largest difference between corresponding values of {}: {:.2g}; the largest "
                                           "magnitude is {:.3g}.",
                                           c.layer, c.largest_difference, c.largest_magnitude)
                                     .c_str());
    else
        ImGui::TextWrapped("%s", tr_format("OpenGL was not measured: {}.", c.gl_missing).c_str());
    if (c.cpu_ms > 0)
        ImGui::TextDisabled("%s", tr_format("The times include all layers up to {} and their statistics, but not "
                                            "drawing the grid.",
                                            c.layer)
                                      .c_str());
}

}  // namespace

void backends_panel(Frame& f) {
    if (!f.shown) return;
    const float em = ImGui::GetFontSize();
    if (begin_overlay("backends", em * 42, em * 16)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted(tr("Compute backend"));
        ImGui::PopFont();
        choices(f);
        ImGui::NewLine();
        ImGui::TextWrapped("%s", tr_format("In use: {}", f.shown->backend).c_str());
        if (!f.shown->gl_failure.empty()) {
            ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
            ImGui::TextWrapped("%s", tr_format("OpenGL failed: {}. The CPU computes instead. Choose CPU and then "
                                               "OpenGL to try again.",
                                               f.shown->gl_failure)
                                         .c_str());
            ImGui::PopStyleColor();
        }
        ImGui::Spacing();
        if (f.status.busy)
            ImGui::ProgressBar(f.status.progress, {em * 12, ImGui::GetFrameHeight() * 0.8F});
        else if (f.shown->comparison)
            table(*f.shown, *f.shown->comparison);
        else
            ImGui::TextDisabled("%s", tr("Not measured yet for this network and input size."));
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
