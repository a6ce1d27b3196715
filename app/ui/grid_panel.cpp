/// The live grid: zoom, pan, linked cursor, colour bar.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/panels.h"

namespace convlens {
namespace {

constexpr ImU32 accent = IM_COL32(232, 153, 46, 255);

void colour_bar(Frame& f) {
    const Shown& s = *f.shown;
    const Look& look = s.look;
    const auto table = colors(look.effective_colormap());
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetFontSize() * 10, height = ImGui::GetFontSize();
    for (int i = 0; i < 128; ++i) {
        const Rgba& c = table[static_cast<std::size_t>(2 * i)];
        const float x = at.x + width * static_cast<float>(i) / 128;
        draw.AddRectFilled({x, at.y}, {x + width / 128 + 1, at.y + height}, IM_COL32(c[0], c[1], c[2], 255));
    }
    ImGui::Dummy({width, height});
    ImGui::SameLine();
    const bool own = s.request.document.look.scale.mode == ScaleMode::per_channel;
    const int channel = s.request.view.enlarged ? *s.request.view.enlarged
                        : f.view.hover         ? f.view.hover->channel
                                               : f.view.marked.value_or(-1);
    const auto cell = std::find(s.channels.begin(), s.channels.end(), channel);
    if (!own && !s.ranges.empty()) {
        ImGui::Text("%.4g  to  %.4g, all channels", static_cast<double>(s.ranges[0].lo), static_cast<double>(s.ranges[0].hi));
    } else if (cell != s.channels.end()) {
        const Range r = s.ranges[static_cast<std::size_t>(cell - s.channels.begin())];
        ImGui::Text("%.4g  to  %.4g, channel %d", static_cast<double>(r.lo), static_cast<double>(r.hi), channel);
    } else {
        ImGui::TextUnformatted("each channel from its own minimum to its own maximum");
    }
}

/// The mouse over the picture: hover, enlarge, zoom, pan.
void interact(Frame& f, ImVec2 origin, bool hovered) {
    const Shown& s = *f.shown;
    const ImGuiIO& io = ImGui::GetIO();
    const Rect region = s.look.region.value_or(Rect{});
    f.view.hover.reset();
    if (!hovered) return;
    const int px = static_cast<int>(io.MousePos.x - origin.x) + region.x, py = static_cast<int>(io.MousePos.y - origin.y) + region.y;
    if (const auto cell = s.layout.cell_at(px, py)) {
        const Rect r = s.layout.cell_rect(*cell);
        f.view.hover = Spot{s.channels[static_cast<std::size_t>(*cell)],
                            std::min((py - r.y) * s.output_shape.h / r.h, s.output_shape.h - 1),
                            std::min((px - r.x) * s.output_shape.w / r.w, s.output_shape.w - 1)};
        if (ImGui::IsMouseReleased(0) && ImGui::GetMouseDragDelta(0, 4).x == 0 && ImGui::GetMouseDragDelta(0, 4).y == 0) {
            f.view.marked = f.view.hover->channel;
            f.view.grid.enlarged = f.view.grid.enlarged ? std::nullopt : std::optional(f.view.hover->channel);
            f.view.grid.zoom = 1;
        }
    }
    const auto width = static_cast<float>(s.layout.width()), height = static_cast<float>(s.layout.height());
    if (io.MouseWheel != 0) f.view.grid.zoom = std::clamp(f.view.grid.zoom * std::pow(1.2F, io.MouseWheel), 0.25F, 64.0F);
    if (ImGui::IsMouseDragging(0, 4)) {
        f.view.grid.center.x = std::clamp(f.view.grid.center.x - io.MouseDelta.x / width, 0.0F, 1.0F);
        f.view.grid.center.y = std::clamp(f.view.grid.center.y - io.MouseDelta.y / height, 0.0F, 1.0F);
    }
}

void draw_marks(const Frame& f, ImVec2 origin) {
    const Shown& s = *f.shown;
    const Rect region = s.look.region.value_or(Rect{});
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < s.channels.size(); ++i) {
        const Rect r = s.layout.cell_rect(static_cast<int>(i));
        const ImVec2 a{origin.x + static_cast<float>(r.x - region.x), origin.y + static_cast<float>(r.y - region.y)};
        const ImVec2 b{a.x + static_cast<float>(r.w), a.y + static_cast<float>(r.h)};
        if (f.view.marked == s.channels[i]) draw.AddRect({a.x - 1, a.y - 1}, {b.x + 1, b.y + 1}, accent, 0, 0, 2);
        if (!f.view.hover) continue;
        const float x = a.x + (static_cast<float>(f.view.hover->x) + 0.5F) * static_cast<float>(r.w) / static_cast<float>(s.output_shape.w);
        const float y = a.y + (static_cast<float>(f.view.hover->y) + 0.5F) * static_cast<float>(r.h) / static_cast<float>(s.output_shape.h);
        draw.AddCircle({x, y}, 4, IM_COL32(0, 0, 0, 200), 0, 3);
        draw.AddCircle({x, y}, 4, accent, 0, 1.5F);
        const auto c = static_cast<std::size_t>(s.channels[i]);
        if (s.request.probe == f.view.hover && c < s.probed.size() && static_cast<float>(r.w) > ImGui::GetFontSize() * 4) {
            const std::string value = fmt::format("{:.3g}", s.probed[c]);
            draw.AddText({a.x + 3, a.y + 1}, IM_COL32(0, 0, 0, 255), value.c_str());
            draw.AddText({a.x + 2, a.y}, IM_COL32_WHITE, value.c_str());
        }
    }
}

}  // namespace

void grid_panel(Frame& f) {
    if (!f.shown) {
        ImGui::TextUnformatted(f.status.error.empty() ? "Computing the first grid ..." : f.status.error.c_str());
    } else {
        colour_bar(f);
    }
    const ImVec2 origin = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    f.view.grid.area = {std::clamp(static_cast<int>(room.y), 16, max_picture_side), std::clamp(static_cast<int>(room.x), 16, max_picture_side)};
    ImGui::InvisibleButton("grid", {std::max(room.x, 16.0F), std::max(room.y, 16.0F)});
    f.map.mark("grid");
    if (!f.shown || !f.shown->picture) return;
    const Image& image = *f.shown->picture;
    const bool stale = f.status.busy && f.status.busy_seconds > 0.1;
    ImGui::GetWindowDrawList()->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(f.textures.picture)), origin,
                                         {origin.x + static_cast<float>(image.width), origin.y + static_cast<float>(image.height)}, {0, 0},
                                         {1, 1}, stale || !f.status.error.empty() ? IM_COL32(255, 255, 255, 150) : IM_COL32_WHITE);
    interact(f, origin, ImGui::IsItemHovered());
    draw_marks(f, origin);
}

}  // namespace convlens
