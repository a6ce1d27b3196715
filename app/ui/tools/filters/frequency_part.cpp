/// Draws frequency responses: those of all kernels, and the marked one with axes and numbers.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/axes.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/plot.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

double in_decibels(double gain, double peak) {
    return peak > 0 && gain > 0 ? std::max(20 * std::log10(gain / peak), static_cast<double>(least_decibels))
                                : static_cast<double>(least_decibels);
}

/// Returns one line about a filter: "band-pass, peak 3.1 at 0.18 cycles per pixel, 35 degrees".
std::string summary(const FilterNumbers& n) {
    if (n.kind == FilterKind::none) return tr("all weights are zero");
    std::string text =
        tr_format("{}, peak {:.3g} at {:.2f} cycles per pixel", tr(to_string(n.kind)), n.peak, n.frequency);
    if (n.frequency > 0) text += tr_format(", {:.0f} degrees", n.orientation);
    return text;
}

/// Returns what else is known about the marked filter, in sentences.
std::string details(const FilterNumbers& n, const KernelFilter& filter) {
    std::string text;
    if (n.kind == FilterKind::none) return text;
    if (n.frequency > 0)
        text += std::isnan(n.bandwidth)
                    ? tr_format("At least half as strong within {:.0f} degrees. ", n.spread)
                    : tr_format("At least half as strong within {:.1f} octaves and {:.0f} degrees. ", n.bandwidth,
                                n.spread);
    text += tr_format("Constants pass with {:.0f} % of the peak. ", 100 * n.dc / n.peak);
    if (n.kind == FilterKind::low_pass && !std::isnan(n.cutoff))
        text += tr_format("Cut-off (-3 dB, mean of all directions) at {:.2f} cycles per pixel. ", n.cutoff);
    text += n.selectivity < 0.1F ? tr("All directions are treated alike.")
                                 : tr_format("Selectivity of direction {:.2f} (0 to 1).", n.selectivity);
    if (filter.gabor) {
        const Gabor& g = *filter.gabor;
        text += tr_format(
            "\nGabor fit{}: wavelength {:.1f} px, {:.0f} degrees, phase {:.0f} degrees, sigma {:.1f} x "
            "{:.1f} px; it leaves {:.0f} % of the norm.",
            filter.plane_share < 0.999
                ? tr_format(" of the plane with {:.0f} % of the squared weights", 100 * filter.plane_share)
                : "",
            g.wavelength, g.orientation, std::round(g.phase) + 0.0, g.sigma_u, g.sigma_v, 100 * g.residual);
    }
    return text;
}

void controls(Frame& f, FiltersRequest& chosen, int inputs) {
    const float em = ImGui::GetFontSize();
    constexpr Words<3> views{"magnitude", "decibels", "phase"};
    constexpr Words<3> sources{"all input channels", "gray input", "one input channel"};
    constexpr Words<3> orders{"order: index", "order: orientation", "order: frequency"};
    int view = static_cast<int>(chosen.view), order = static_cast<int>(chosen.order),
        source = chosen.input >= 0 ? 2 : static_cast<int>(chosen.of);
    ImGui::SetNextItemWidth(em * 8);
    if (choice(f, "filters.view", views, view,
               "magnitude: |H| from 0 to its peak. decibels: 20 log10(|H| / peak) from -60 to 0. phase: its hue is the "
               "shift of the wave, red for 0 degrees and cyan for 180; dark where |H| is small"))
        chosen.view = static_cast<ResponseView>(view);
    same_line_if_fits(em * 10.5F);
    ImGui::SetNextItemWidth(em * 10.5F);
    if (choice(
            f, "filters.source", sources, source,
            "all input channels: the largest factor for a wave whose colors are free, the root of the sum of |H|^2. "
            "gray input: for a wave that is the same in all input channels. A phase is always that of a gray input or "
            "of one input channel")) {
        chosen.input = source == 2 ? 0 : -1;
        chosen.of = source == 1 ? ResponseOf::gray : ResponseOf::all;
    }
    if (chosen.input >= 0) {
        same_line_if_fits(em * 5);
        ImGui::SetNextItemWidth(em * 5);
        number_field(f, "filters.input", chosen.input, 0, std::max(inputs - 1, 0), 0,
                     "Input channel; of a color image, 0 is red, 1 green, 2 blue");
    }
    same_line_if_fits(em * 10.5F);
    ImGui::SetNextItemWidth(em * 10.5F);
    if (choice(f, "filters.order", orders, order,
               "Order of the grid: by the number of the kernel, by the orientation of the peak (kernels without a "
               "direction last), or by the frequency of the peak"))
        chosen.order = static_cast<FilterOrder>(order);
}

/// Draws a kernel, and returns the width that it took.
void small_picture(Frame& f, const char* id, const std::shared_ptr<const Image>& picture, float side,
                   const char* tooltip_text) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float scale = side / static_cast<float>(std::max(picture->width, picture->height));
    const ImVec2 size{static_cast<float>(picture->width) * scale, static_cast<float>(picture->height) * scale};
    ImGui::Dummy(size);
    f.map.mark(id);
    tooltip(tooltip_text);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(picture)), at, {at.x + size.x, at.y + size.y});
}

/// Draws the response with its axes, the peak and the value under the mouse.
void response(Frame& f, const FiltersShown& s, float side) {
    const float width = side + axis_room_x(), height = side + axis_room_y() + ImGui::GetFontSize();
    const PlotArea area = axes(f, "filters.response", {-0.5, 0.5, "fx (cycles per pixel)"},
                               {0.5, -0.5, "fy (cycles per pixel)"}, width, height);
    picture_in(f, area, s.response);
    const FiltersRequest& r = s.request;
    const FilterNumbers& n = s.marked->numbers(r.of);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    if (n.frequency > 0) {
        const double a = static_cast<double>(n.orientation) * std::numbers::pi / 180;
        for (const double sign : {1.0, -1.0})
            draw.AddCircle(
                {area.place_x(sign * n.frequency * std::cos(a)), area.place_y(-sign * n.frequency * std::sin(a))},
                ImGui::GetFontSize() * 0.3F, accent(), 0, hairline() * 1.5F);
    }
    if (!ImGui::IsItemHovered()) return;
    const double x = area.mouse_x(), y = area.mouse_y();
    if (std::abs(x) > 0.5 || std::abs(y) > 0.5) return;
    const auto gain = static_cast<double>(s.marked->magnitudes(r.of).at(y, x));
    tooltip(tr_format("fx {:.3f}, fy {:.3f}: a wave of {:.3f} cycles per pixel (period {:.1f} pixels) is multiplied by "
                      "{:.4g}, {:.1f} dB of the peak. The rings mark the peak.",
                      x, y, std::hypot(x, y), 1 / std::max(std::hypot(x, y), 1e-3), gain,
                      in_decibels(gain, static_cast<double>(n.peak)))
                .c_str());
}

/// Draws |H| along the direction of the peak.
void section_curve(Frame& f, const FiltersShown& s, float width, float height) {
    const FiltersRequest& r = s.request;
    const FilterNumbers& n = s.marked->numbers(r.of);
    const Magnitudes& m = s.marked->magnitudes(r.of);
    const bool decibels = r.view == ResponseView::decibels;
    const auto peak = static_cast<double>(n.peak);
    const double a = static_cast<double>(n.orientation) * std::numbers::pi / 180;
    std::vector<double> x, y;
    for (int i = 0; i <= 2 * m.size; ++i) {
        const double frequency = 0.75 * i / (2 * m.size), fx = frequency * std::cos(a), fy = -frequency * std::sin(a);
        if (std::abs(fx) > 0.5 || std::abs(fy) > 0.5) break;
        const auto gain = static_cast<double>(m.at(fy, fx));
        x.push_back(frequency);
        y.push_back(decibels ? in_decibels(gain, peak) : gain);
    }
    const PlotArea area =
        axes(f, "filters.section",
             {0, std::max(0.5, x.back()),
              tr_format("frequency in the direction of {:.0f} degrees (cycles per pixel)", n.orientation)},
             decibels ? Axis{static_cast<double>(least_decibels), 0, "|H| / peak (dB)"}
                      : Axis{0, peak > 0 ? peak * 1.05 : 1, "|H|"},
             width, height);
    tooltip("The response along the ray from zero through the peak");
    curve(area, x, y, first_ink);
    if (n.frequency > 0) mark_x(area, static_cast<double>(n.frequency), fmt::format("{:.3f}", n.frequency));
}

/// Draws the marked kernel.
void marked(Frame& f, const FiltersShown& s) {
    const float em = ImGui::GetFontSize(), room = ImGui::GetContentRegionAvail().x;
    const FiltersRequest& r = s.request;
    const FilterNumbers& n = s.marked->numbers(r.of);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(tr_format("Kernel {}: {}.", r.marked, summary(n)).c_str());
    ImGui::PopTextWrapPos();
    const float beside = em * 6, side = std::max(em * 8, std::min(room - beside - axis_room_x() - em,
                                                                  ImGui::GetContentRegionAvail().y * 0.5F));
    const float top = ImGui::GetCursorPosY();
    response(f, s, side);
    const float below = ImGui::GetCursorPosY();
    ImGui::SetCursorPos({ImGui::GetCursorPosX() + side + axis_room_x() + em * 0.5F, top + em});
    ImGui::BeginGroup();
    small_picture(f, "filters.kernel", s.kernel, em * 5, "The kernel: gray is zero");
    if (s.gabor) {
        ImGui::Spacing();
        small_picture(f, "filters.gabor", s.gabor, em * 5,
                      "The Gabor function, a wave under a Gaussian, that comes closest to the kernel; for a kernel of "
                      "several input channels, to the plane that they have in common");
        ImGui::PushTextWrapPos(0);
        ImGui::TextDisabled("%s", tr("Gabor fit"));
        ImGui::PopTextWrapPos();
    }
    ImGui::EndGroup();
    ImGui::SetCursorPosY(std::max(below, ImGui::GetCursorPosY()));
    const float rest = ImGui::GetContentRegionAvail().y;
    section_curve(f, s, room, f.view.presenting ? std::max(rest - em * 0.5F, em * 5) : em * 9);
    if (f.view.presenting) return;
    ImGui::PushFont(font(Type::small));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(details(n, *s.marked).c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
}

}  // namespace

void frequency_part(Frame& f, const FiltersShown& s) {
    if (!f.view.presenting) controls(f, f.states.of<FiltersView>().choice, s.weight->shape().c);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const Size2 grid = filters_grid(f, s, room.x * 0.56F, [&](int position) {
        const auto i = static_cast<std::size_t>(position);
        return tr_format("kernel {}: {}", s.request.kernels[i], summary(s.bank[i]->numbers(s.request.of)));
    });
    ImGui::SameLine();
    ImGui::BeginChild("filters.marked", {0, std::max(room.y, static_cast<float>(std::min(grid.h, 1)))});
    marked(f, s);
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
