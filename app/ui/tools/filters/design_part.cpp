/// Draws the band that a kernel should pass, which is drawn with the mouse, and the kernel that comes closest.
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
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/document/custom_kernels.h"

namespace convlens {
namespace {

void controls(Frame& f, BandChoice& b) {
    constexpr Words<2> shapes{"ring", "wedge"};
    int shape = b.spread < 180 ? 1 : 0;
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 6);
    if (choice(f, "filters.design.shape", shapes, shape,
               "ring: waves of all directions pass. wedge: only waves that change in directions around one"))
        b.spread = shape == 0 ? 180 : 40;
    number(f, "filters.design.lowest", "from", b.lowest, 0, 71, 10,
           "Lowest frequency that passes, in cycles per 100 pixels");
    number(f, "filters.design.highest", "to", b.highest, 0, 71, 25,
           "Highest frequency that passes, in cycles per 100 pixels");
    if (b.spread < 180) {
        number(f, "filters.design.orientation", "direction", b.orientation, 0, 179, 0,
               "Direction in which the waves change, in degrees: 0 for vertical stripes");
        number(f, "filters.design.spread", "spread", b.spread, 2, 179, 40,
               "Angle between the sides of the wedge, in degrees");
    }
    number(f, "filters.design.side", "kernel_size", b.side, 3, max_band_kernel, 11,
           "Rows and columns of the kernel; odd");
    b.side |= 1;
    number(f, "filters.design.outside", "weight outside", b.outside, 1, 50, 1,
           "How much a squared error outside of the band counts, compared with one inside: more suppresses the other "
           "waves "
           "better, and passes less of the band");
}

/// Where the mouse is in the plane of frequencies: radius in cycles per 100 pixels, and angle in degrees.
struct Polar {
    double radius, angle;
};

Polar polar(const PlotArea& area, ImVec2 at) {
    const double x = area.x.value(static_cast<double>((at.x - area.x0) / (area.x1 - area.x0))),
                 y = area.y.value(static_cast<double>((area.y1 - at.y) / (area.y1 - area.y0)));
    return {100 * std::hypot(x, y), std::atan2(-y, x) * 180 / std::numbers::pi};
}

/// Sets the band to what the mouse has been dragged over: a ring, or a wedge between two corners.
void draw_band(BandChoice& b, const PlotArea& area) {
    const ImGuiIO& io = ImGui::GetIO();
    const ImVec2 moved = ImGui::GetMouseDragDelta(0, 0), from{io.MousePos.x - moved.x, io.MousePos.y - moved.y};
    if (std::hypot(moved.x, moved.y) < ImGui::GetFontSize() * 0.3F) return;
    const Polar a = polar(area, from), c = polar(area, io.MousePos);
    const auto whole = [](double v) { return static_cast<int>(std::lround(v)); };
    b.lowest = std::clamp(whole(std::min(a.radius, c.radius)), 0, 71);
    b.highest = std::clamp(whole(std::max(a.radius, c.radius)), b.lowest, 71);
    if (b.spread >= 180) return;
    const double turned = std::remainder(c.angle - a.angle, 360), middle = a.angle + turned / 2;
    b.spread = std::clamp(whole(std::abs(turned)), 2, 179);
    b.orientation = (whole(middle) % 180 + 180) % 180;
}

/// Draws the edges of the band.
void outline(const PlotArea& area, const BandChoice& b) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect({area.x0, area.y0}, {area.x1, area.y1}, true);
    const auto at = [&](double radius, double degrees) {
        const double angle = degrees * std::numbers::pi / 180;
        return ImVec2{area.place_x(radius / 100 * std::cos(angle)), area.place_y(-radius / 100 * std::sin(angle))};
    };
    const bool wedge = b.spread < 180;
    for (const double turn : {0.0, 180.0}) {
        const double first = b.orientation - b.spread / 2.0 + turn, last = b.orientation + b.spread / 2.0 + turn;
        for (const int radius : {b.lowest, b.highest}) {
            std::vector<ImVec2> points;
            for (int i = 0; i <= 48; ++i) points.push_back(at(radius, first + (last - first) * i / 48));
            draw.AddPolyline(points.data(), static_cast<int>(points.size()), accent(), 0, hairline() * 2);
        }
        for (const double angle : {first, last})
            if (wedge) draw.AddLine(at(b.lowest, angle), at(b.highest, angle), accent(), hairline() * 2);
    }
    draw.PopClipRect();
}

/// Puts the kernel into the layer: in place of the selected one if it has its size, else, without a network, in place
/// of all. Returns why it can't; null if it can. Does nothing unless `now`.
const char* use(Frame& f, int index, const Tensor& kernel, bool now) {
    auto own = custom_kernels(f.draft, f.shown->network, f.shown->shown_layer);
    if (!own) return tr("The layer's kernels can't be edited");
    const Shape have = own->weight->shape(), k = kernel.shape();
    const bool same = have.h == k.h && have.w == k.w && index < have.n;
    if (!same && !std::holds_alternative<ConvChain>(f.draft.network))
        return tr("The layer's kernels have another size: choose their kernel_size");
    if (!same && f.draft.conv.groups > 1) return tr("The layer has groups, and one kernel has none: set groups to 1");
    if (!now) return nullptr;
    Tensor weight = same ? own->weight->clone() : Tensor({1, have.c, k.h, k.w});
    for (int c = 0; c < have.c; ++c)
        std::ranges::transform(kernel.values(), weight.plane(same ? index : 0, c).begin(),
                               [&](float v) { return v / static_cast<float>(have.c); });
    own->weight = std::make_shared<const Tensor>(std::move(weight));
    if (!same) own->bias = nullptr;
    put_kernels(f.draft, f.shown->network, std::move(*own));
    f.requests.step = true;
    if (!same) f.view.selected.reset();
    return nullptr;
}

void numbers(Frame& f, FilterStudy& study, const FiltersShown& s, const DesignShown& d) {
    const float em = ImGui::GetFontSize(), room = ImGui::GetContentRegionAvail().x;
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(tr_format("{0}x{0} kernel, error {1:.0f} % of the norm of the wanted response. Waves of "
                                     "the band pass with {2:.2f} on "
                                     "average, no other with more than {3:.2f}.",
                                     d.filter.kernel.shape().h, 100 * d.filter.error, d.filter.passed, d.filter.leaked)
                               .c_str());
    ImGui::PopTextWrapPos();
    if (!f.view.presenting) {
        const char* reason = use(f, s.request.marked, d.filter.kernel, false);
        ImGui::BeginDisabled(reason != nullptr);
        if (button(
                f, "filters.design.use", "Put into the layer",
                reason
                    ? reason
                    : "Replaces the selected kernel of the layer or, if kernel_size differs, all kernels by this one; "
                      "its values are divided evenly among the input channels; undo restores them"))
            use(f, s.request.marked, d.filter.kernel, true);
        ImGui::EndDisabled();
        ImGui::SameLine();
        save_chart_button(f, "filters.design.save", d.chart, "-design");
    }
    const float side = std::min((room - em) / 2, em * 11);
    captioned(f, "filters.design.kernel", "kernel", d.kernel, side, "The kernel that comes closest: gray is zero");
    ImGui::SameLine();
    captioned(f, "filters.design.map", "what passes of the image", d.map, side,
              "The kernel applied to the middle of the image in gray; without its brightness, blue is negative and red "
              "positive");
    study.pointed = draw_chart(f, "filters.design.chart", d.chart, study.pointed, NAN, room,
                               std::max(em * 8, ImGui::GetContentRegionAvail().y - em * 1.6F));
    legend(f, d.chart);
}

}  // namespace

void design_part(Frame& f, FilterStudy& study, const FiltersShown& s) {
    BandChoice& b = f.states.of<FiltersView>().choice.design;
    if (!f.view.presenting) controls(f, b);
    if (!s.design) return;
    const DesignShown& d = *s.design;
    const float em = ImGui::GetFontSize();
    ImGui::BeginChild("filters.design.all");
    const float line = font(Type::small)->FontSize * 1.4F, least = 2 * (em * 9 + axis_room_y() + line);
    const ImVec2 room{ImGui::GetContentRegionAvail().x, std::max(ImGui::GetContentRegionAvail().y, least)};
    const float tall = (room.y - line * 2) / 2,
                width = std::min(room.x * 0.45F, tall - axis_room_y() - em * 0.4F + axis_room_x());
    ImGui::BeginChild("filters.design.planes", {std::max(width, room.x * 0.4F), room.y});
    const float height = width - axis_room_x() + axis_room_y() + em * 0.4F;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const PlotArea area = axes(f, "filters.design.wanted", {-0.5, 0.5, "fx (cycles per pixel)"},
                               {0.5, -0.5, "wanted: fy (cycles per pixel)"}, width, height);
    picture_in(f, area, d.wanted);
    outline(area, b);
    const ImVec2 below = ImGui::GetCursorScreenPos();
    ImGui::SetCursorScreenPos({area.x0, area.y0});
    ImGui::InvisibleButton("filters.design.plane", {area.x1 - area.x0, area.y1 - area.y0});
    f.map.mark("filters.design.plane");
    if (ImGui::IsItemActive())
        draw_band(b, area);
    else
        tooltip("Drag from one radius to another to draw the band; with a wedge, from corner to corner");
    ImGui::SetCursorScreenPos({at.x, below.y});
    if (d.error.empty()) {
        const PlotArea reached = axes(f, "filters.design.response", {-0.5, 0.5, "fx (cycles per pixel)"},
                                      {0.5, -0.5, "|H| of the kernel that comes closest"}, width, height);
        tooltip("The response of the kernel, from 0 (black) to its largest value");
        picture_in(f, reached, d.response);
        outline(reached, b);
    }
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("filters.design.numbers", {0, room.y});
    if (d.error.empty())
        numbers(f, study, s, d);
    else
        ImGui::TextWrapped("%s.", d.error.c_str());
    fade_edges();
    ImGui::EndChild();
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
