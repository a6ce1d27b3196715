/// Draws the spectrum of the image, the response of the marked kernel, and the spectrum of the output beside each
/// other.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/axes.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

void spectrum(Frame& f, const char* id, const char* title, const SharedPicture& picture, float width, float height,
              const char* tooltip_text) {
    const PlotArea area = axes(f, id, {-0.5, 0.5, width > ImGui::GetFontSize() * 12 ? "fx (cycles per pixel)" : "fx"},
                               {0.5, -0.5, title}, width, height);
    tooltip(tooltip_text);
    picture_in(f, area, picture);
}

/// Draws a sign between two pictures.
void sign(const char* text, float width, float height) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    ImFont* large = font(Type::title);
    const ImVec2 size = large->CalcTextSizeA(large->FontSize, 1000, 0, text);
    ImGui::GetWindowDrawList()->AddText(large, large->FontSize,
                                        {at.x + (width - size.x) / 2, at.y + (height - size.y) / 2 - size.y / 2},
                                        ImGui::GetColorU32(ImGuiCol_Text), text);
}

}  // namespace

void spectra_part(Frame& f, FilterStudy& study, const FiltersShown& s) {
    if (!s.spectra) return;
    const SpectraShown& n = *s.spectra;
    const float em = ImGui::GetFontSize(), gap = ImGui::GetStyle().ItemSpacing.x;
    if (!f.view.presenting) {
        int kernel = s.request.marked;
        number(f, "filters.spectra.kernel", "kernel", kernel, 0, std::max(s.weight->shape().n - 1, 0), 0,
               "The kernel whose output is shown");
        if (kernel != s.request.marked) f.view.selected = kernel;
    }
    if (!n.error.empty()) return ImGui::TextWrapped("%s.", n.error.c_str());
    const bool whole = std::min(n.picture.h, n.picture.w) - n.side < std::max(s.weight->shape().h, s.weight->shape().w);
    const std::string about =
        whole ? tr_format(
                    "A square of {0}x{0} of {1}x{2} pixels, without its mean, under a Hann window that hides its "
                    "borders. Colors: -60 to 0 dB.",
                    n.side, n.picture.h, n.picture.w)
              : tr_format(
                    "The middle {0}x{0} of {1}x{2} pixels, without its mean, under a Hann window that hides its "
                    "borders. Colors: -60 to 0 dB.",
                    n.side, n.picture.h, n.picture.w);
    if (!f.view.presenting) same_line_if_fits(ImGui::CalcTextSize(about.c_str()).x);
    ImGui::PushTextWrapPos(0);
    ImGui::TextDisabled("%s", about.c_str());
    ImGui::PopTextWrapPos();
    ImGui::BeginChild("filters.spectra.all");
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float high = f.view.presenting ? std::max(room.y - axis_room_y() + axis_room_x() - em, em * 4)
                                         : std::max(room.y * 0.58F, em * 10);
    const float sign_width = em * 1.4F, width = std::min((room.x - 2 * sign_width - 4 * gap) / 3, high),
                height = width - axis_room_x() + axis_room_y() + em * 0.4F;
    spectrum(
        f, "filters.spectra.input", "|X|: the image", n.input, width, height,
        "Spectrum of the image: which waves it consists of. Slow waves, in the middle, are the strongest in photos");
    ImGui::SameLine();
    sign("\xC3\x97", sign_width, height);
    ImGui::SameLine();
    spectrum(f, "filters.spectra.response", tr_format("|H|: kernel {}", s.request.marked).c_str(), n.response, width,
             height, "Response of the kernel: the factor for each wave");
    ImGui::SameLine();
    sign("=", sign_width, height);
    ImGui::SameLine();
    spectrum(f, "filters.spectra.output", "|Y|: the output", n.output, width, height,
             "Spectrum of the kernel's output with stride 1, computed from the output itself");
    if (f.view.presenting) return ImGui::EndChild();
    const ImVec2 rest{ImGui::GetContentRegionAvail().x, std::max(ImGui::GetContentRegionAvail().y, em * 10)};
    ImGui::BeginChild("filters.spectra.plot", {rest.x * 0.6F, rest.y});
    study.pointed = draw_chart(f, "filters.spectra.chart", n.chart, study.pointed, NAN, rest.x * 0.6F,
                               std::max(em * 7, ImGui::GetContentRegionAvail().y - em * 1.8F));
    legend(f, n.chart);
    fade_edges();
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("filters.spectra.pictures", {0, rest.y});
    const float side = std::min((ImGui::GetContentRegionAvail().x - gap) / 2, std::max(em * 5, rest.y - em * 6));
    captioned(f, "filters.spectra.before", "the image", n.before, side, "The part whose spectrum is shown");
    ImGui::SameLine();
    captioned(f, "filters.spectra.after", tr_format("output of kernel {}", s.request.marked), n.after, side,
              "The output with stride 1: blue is negative, gray zero, red positive");
    ImGui::PushTextWrapPos(0);
    ImGui::PushFont(font(Type::small));
    ImGui::TextUnformatted(tr_format("The spectrum of the output differs from the product by {:.1f} % of its norm: by "
                                     "what the window and the borders do.",
                                     100 * n.difference)
                               .c_str());
    ImGui::PopFont();
    ImGui::PopTextWrapPos();
    save_chart_button(f, "filters.spectra.save", n.chart, "-spectra");
    fade_edges();
    ImGui::EndChild();
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
