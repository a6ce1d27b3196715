/// The choice between CPU and OpenGL, with what was measured of both.
#include <imgui.h>

#include "app/ui/frame.h"
#include "app/ui/tools/backends/backends.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

void choices(Frame& f) {
    const auto choice = [&](BackendUse use, const char* id, const char* title, const char* meaning) {
        if (tab(f, id, title, meaning, f.view.use == use)) f.view.use = use;
        ImGui::SameLine();
    };
    choice(BackendUse::automatic, "use.auto", "Auto",
           "The faster one: both are measured once for each network and size of input, when nothing else is to be "
           "done. Without a graphics card, the CPU");
    choice(BackendUse::cpu, "use.cpu", "CPU", "Vector instructions on all cores");
    choice(BackendUse::gl, "use.gl", "OpenGL",
           "Compute shaders, on the graphics card or on whatever the driver computes with");
    if (button(f, "measure", "Measure both",
               "Runs this network on both back ends and compares all values of the layer that is shown"))
        f.requests.measure = true;
}

void row(const char* what, const std::string& name, double ms, std::size_t macs, bool used) {
    const auto cell = [&](const std::string& text) {
        ImGui::TableNextColumn();
        used ? ImGui::TextUnformatted(text.c_str()) : ImGui::TextDisabled("%s", text.c_str());
    };
    cell(fmt::format("{}{}", what, used ? ", in use" : ""));
    cell(fmt::format("{:.2f}", ms));
    cell(fmt::format("{:.1f}", static_cast<double>(macs) * 1e-6 / std::max(ms, 1e-6)));
    ImGui::TableNextColumn();
    ImGui::TextDisabled("%s", name.c_str());
}

void table(const RenderResult& s, const Comparison& c) {
    if (ImGui::BeginTable("times", 4, ImGuiTableFlags_BordersInnerH)) {
        const float em = ImGui::GetFontSize();
        ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, em * 7);
        ImGui::TableSetupColumn("milliseconds", ImGuiTableColumnFlags_WidthFixed, em * 6);
        ImGui::TableSetupColumn("GMAC/s", ImGuiTableColumnFlags_WidthFixed, em * 5);
        ImGui::TableSetupColumn("what computes", ImGuiTableColumnFlags_WidthStretch);
        ImGui::TableHeadersRow();
        const bool on_gl = s.backend.starts_with("OpenGL");
        row("CPU", c.cpu, c.cpu_ms, c.multiply_accumulates, !on_gl);
        if (c.gl_missing.empty()) row("OpenGL", c.gl, c.gl_ms, c.multiply_accumulates, on_gl);
        ImGui::EndTable();
    }
    if (c.gl_missing.empty())
        ImGui::TextWrapped("Largest difference between any two values of %s: %.2g; the largest value is %.3g.",
                           c.layer.c_str(), c.largest_difference, c.largest_magnitude);
    else
        ImGui::TextWrapped("OpenGL was not measured: %s.", c.gl_missing.c_str());
    ImGui::TextDisabled("All layers up to %s and their statistics, without the picture.", c.layer.c_str());
}

}  // namespace

void backends_panel(Frame& f) {
    if (!f.shown) return;
    const float em = ImGui::GetFontSize();
    if (begin_overlay("back ends", em * 42, em * 16)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted("What computes");
        ImGui::PopFont();
        choices(f);
        ImGui::NewLine();
        ImGui::TextWrapped("In use: %s", f.shown->backend.c_str());
        if (!f.shown->gl_failure.empty()) {
            ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
            ImGui::TextWrapped("OpenGL failed, the CPU took over: %s. Choose the CPU and then OpenGL to try again.",
                               f.shown->gl_failure.c_str());
            ImGui::PopStyleColor();
        }
        ImGui::Spacing();
        if (f.status.busy)
            ImGui::ProgressBar(f.status.progress, {em * 12, ImGui::GetFrameHeight() * 0.8F});
        else if (f.shown->comparison)
            table(*f.shown, *f.shown->comparison);
        else
            ImGui::TextDisabled("Not measured yet for this network and this size of input.");
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
