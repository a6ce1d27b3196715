/// Draws axes and what is in them.
#include "app/ui/widgets/axes.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Draws small text with its center at (x, y) or, with align 0 or 1, with its left or right end there.
void small_text(float x, float y, float align, const std::string& text) {
    ImFont* small = font(Type::small);
    const ImVec2 size = small->CalcTextSizeA(small->FontSize, 10000, 0, text.c_str());
    ImGui::GetWindowDrawList()->AddText(small, small->FontSize,
                                        {std::round(x - size.x * align), std::round(y - size.y / 2)},
                                        ImGui::GetColorU32(ImGuiCol_TextDisabled), text.c_str());
}

float small_width(const std::string& text) {
    ImFont* small = font(Type::small);
    return small->CalcTextSizeA(small->FontSize, 10000, 0, text.c_str()).x;
}

}  // namespace

float axis_room_x() { return small_width("-0.50") + ImGui::GetFontSize() * 0.4F; }
float axis_room_y() { return font(Type::small)->FontSize * 2.5F; }

float PlotArea::place_x(double value) const { return x0 + static_cast<float>(x.place(value)) * (x1 - x0); }
float PlotArea::place_y(double value) const { return y1 - static_cast<float>(y.place(value)) * (y1 - y0); }
double PlotArea::mouse_x() const { return x.value(static_cast<double>((ImGui::GetIO().MousePos.x - x0) / (x1 - x0))); }
double PlotArea::mouse_y() const { return y.value(static_cast<double>((y1 - ImGui::GetIO().MousePos.y) / (y1 - y0))); }

PlotArea axes(Frame& f, const char* id, Axis x, Axis y, float width, float height) {
    const float line = font(Type::small)->FontSize, tick = line * 0.3F;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({width, height});
    f.map.mark(id);
    const float top = y.label.empty() ? line * 0.5F : line * 1.4F;
    PlotArea area{at.x + axis_room_x(),          at.y + top,   at.x + width - line,
                  at.y + height - axis_room_y(), std::move(x), std::move(y)};
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled({area.x0, area.y0}, {area.x1, area.y1}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    const ImU32 faint = ImGui::GetColorU32(ImGuiCol_TextDisabled, 0.7F);
    for (const Tick& t : ticks(area.x, static_cast<int>((area.x1 - area.x0) / (line * 3.2F)))) {
        const float px = area.place_x(t.value);
        draw.AddLine({px, area.y1}, {px, area.y1 + tick}, faint, hairline());
        small_text(px, area.y1 + tick + line * 0.5F, 0.5F, t.text);
    }
    for (const Tick& t : ticks(area.y, static_cast<int>((area.y1 - area.y0) / (line * 1.8F)))) {
        const float py = area.place_y(t.value);
        draw.AddLine({area.x0 - tick, py}, {area.x0, py}, faint, hairline());
        small_text(area.x0 - tick * 1.5F, py, 1, t.text);
    }
    draw.AddLine({area.x0, area.y1}, {area.x1, area.y1}, faint, hairline());
    draw.AddLine({area.x0, area.y0}, {area.x0, area.y1}, faint, hairline());
    small_text((area.x0 + area.x1) / 2, area.y1 + tick + line * 1.6F, 0.5F, tr(area.x.label));
    small_text(at.x, at.y + line * 0.6F, 0, tr(area.y.label));
    return area;
}

void curve(const PlotArea& area, std::span<const double> x, std::span<const double> y, unsigned color) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect({area.x0, area.y0}, {area.x1, area.y1}, true);
    std::vector<ImVec2> points;
    const auto finish = [&] {
        draw.AddPolyline(points.data(), static_cast<int>(points.size()), color, 0, hairline() * 1.5F);
        points.clear();
    };
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        if (std::isfinite(y[i]))
            points.push_back({area.place_x(x[i]), area.place_y(y[i])});
        else
            finish();
    }
    finish();
    draw.PopClipRect();
}

void bars(const PlotArea& area, std::span<const double> values, int full, unsigned color) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float width = std::max(1.0F, (area.place_x(1) - area.place_x(0)) * 0.7F), zero = area.place_y(0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float middle = area.place_x(static_cast<double>(i + 1)), top = area.place_y(values[i]);
        const bool faint = static_cast<int>(i) >= full;
        draw.AddRectFilled({middle - width / 2, std::min(top, zero - hairline())}, {middle + width / 2, zero},
                           faint ? ImGui::GetColorU32(ImGuiCol_Text, 0.25F) : color);
    }
}

void picture_in(Frame& f, const PlotArea& area, const std::shared_ptr<const Image>& picture) {
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(picture)), {area.x0, area.y0}, {area.x1, area.y1});
}

void mark_x(const PlotArea& area, double x, const std::string& english) {
    const std::string text = tr(english);
    if (!(x >= area.x.lo && x <= area.x.hi)) return;
    const float at = area.place_x(x), gap = ImGui::GetFontSize() * 0.25F;
    ImGui::GetWindowDrawList()->AddLine({at, area.y0}, {at, area.y1}, accent(), hairline());
    const bool right = at + gap + small_width(text) < area.x1;
    small_text(right ? at + gap : at - gap, area.y0 + font(Type::small)->FontSize * 0.6F, right ? 0.0F : 1.0F, text);
}

}  // namespace convlens
