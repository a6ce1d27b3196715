/// Draws the grid with its controls and its colorbar, handles zoom and pan, and marks the position under the mouse in
/// every cell.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/tools/grid/grid.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Draws the controls of value range, colormap and order.
void toolbar(Frame& f) {
    DisplayOptions& l = f.draft.display;
    const float em = ImGui::GetFontSize();
    constexpr Words<5> modes{"per channel", "shared", "shared, symmetric", "per channel, symmetric", "fixed"};
    int mode = static_cast<int>(l.scale.mode);
    ImGui::SetNextItemWidth(em * 10);
    if (choice(f, "scale", modes, mode,
               "Value range of the colormap (vmin, vmax): minimum and maximum of each channel or of all channels, "
               "optionally symmetric about zero, or a fixed range (keys 1 to 5)"))
        l.scale.mode = static_cast<ScaleMode>(mode);
    same_line_if_fits(em * 7);
    int map = static_cast<int>(l.effective_colormap());
    ImGui::SetNextItemWidth(em * 7);
    if (choice(f, "colormap", colormap_names(), map, "Colormap from the lowest to the highest value (keys 6 to 9)"))
        l.colormap = static_cast<Colormap>(map);
    same_line_if_fits(em * 7);
    constexpr Words<4> orders{"by index", "by mean", "by max", "by energy"};
    int order = static_cast<int>(l.sort);
    ImGui::SetNextItemWidth(em * 7);
    if (choice(f, "sort", orders, order,
               "Order of the cells: channel index, or largest mean, maximum or energy (mean |x|) first"))
        l.sort = static_cast<Sort>(order);
    same_line_if_fits(em * 4);
    if (button(f, "more", "More", "Shows options for dead channels, out-of-range values and columns"))
        ImGui::OpenPopup("more");
    if (ImGui::BeginPopup("more")) {
        ImGui::Checkbox(tr_label("hide dead channels").c_str(), &l.hide_dead);
        f.map.mark("hide dead");
        tooltip("Hides channels that have the same value everywhere, for example after a ReLU that outputs only zeros");
        ImGui::Checkbox(tr_label("mark out-of-range values").c_str(), &l.mark_beyond);
        f.map.mark("mark beyond");
        tooltip("Draws values below the value range (vmin, vmax) in light blue and values above it in pink");
        ImGui::SetNextItemWidth(em * 8);
        ImGui::SliderInt(tr_label("columns").c_str(), &l.columns, 1, 16);
        f.map.mark("columns");
        tooltip(
            "Number of cells per row; with 8, the default, fewer than 64 cells are arranged so that they are as large "
            "as possible");
        ImGui::EndPopup();
    }
    if (l.scale.mode != ScaleMode::fixed) return;
    same_line_if_fits(em * 12);
    ImGui::SetNextItemWidth(std::min(em * 12, ImGui::GetContentRegionAvail().x));
    const Scale before = l.scale;
    ImGui::DragFloatRange2("##range", &l.scale.lo, &l.scale.hi, 0.01F, 0, 0, "%.3g", "%.3g");
    if (!std::isfinite(l.scale.hi - l.scale.lo) || l.scale.lo >= l.scale.hi) l.scale = before;
    f.map.mark("range");
    tooltip(
        "Values mapped to the first and last color of the colormap (vmin, vmax); drag to change, double-click to type");
}

/// Returns the channel whose value range labels the colorbar if every channel has its own; -1 if there is no channel.
int bar_channel(const Frame& f) {
    const RenderResult& s = *f.shown;
    if (s.request.view.enlarged) return *s.request.view.enlarged;
    if (f.view.hover) return f.view.hover->channel;
    return f.view.selected.value_or(s.channels.empty() ? -1 : s.channels.front());
}

/// Returns true if a single colorbar holds for all that is shown.
bool one_scale(const Frame& f) {
    const RenderResult& s = *f.shown;
    return !is_per_channel(s.request.document.display.scale.mode) || s.channels.size() == 1;
}

/// Draws the colorbar.
void scale_bar(Frame& f) {
    const RenderResult& s = *f.shown;
    const ScaleMode mode = s.request.document.display.scale.mode;
    const int channel = bar_channel(f);
    const auto cell = std::find(s.channels.begin(), s.channels.end(), channel);
    std::optional<Range> range;
    std::string what;
    if (!is_per_channel(mode) && !s.ranges.empty()) {
        range = s.ranges[0];
        what = tr(mode == ScaleMode::fixed ? "all channels, fixed range" : "all channels");
    } else if (cell != s.channels.end()) {
        range = s.ranges[static_cast<std::size_t>(cell - s.channels.begin())];
        what = tr_format("channel {}, each has its own range", channel);
    }
    const auto hidden = static_cast<int>(s.stats.size()) - static_cast<int>(s.channels.size());
    if (s.request.document.display.hide_dead && hidden > 0 && !s.request.view.enlarged)
        what += hidden == 1 ? tr(", 1 dead channel hidden") : tr_format(", {} dead channels hidden", hidden);
    color_bar(f, "color bar", s.display.effective_colormap(), range, what);
}

/// Returns the center, as a fraction of the grid's extent along one axis, clamped so that the area does not extend
/// beyond the grid. A grid smaller than the area is not clamped.
float cut_center(float center, float extent, float area) {
    const float low = area / 2 / extent;
    return low >= 0.5F ? low : std::clamp(center, low, 1 - low);
}

void cut_center(GridView& view, const GridLayout& layout) {
    view.center = {cut_center(view.center.x, static_cast<float>(layout.width()), static_cast<float>(view.area.w)),
                   cut_center(view.center.y, static_cast<float>(layout.height()), static_cast<float>(view.area.h))};
}

/// Zooms by `factor` and keeps the grid point at offset (`dx`, `dy`) in pixels from the area's center in place.
void zoom_at(GridView& view, const GridLayout& layout, float dx, float dy, float factor) {
    const float zoom = std::clamp(view.zoom * factor, 0.25F, 64.0F), by = zoom / view.zoom;
    cut_center(view, layout);
    // A grid narrower than its area is centered.
    if (static_cast<float>(layout.width()) < static_cast<float>(view.area.w)) view.center.x = 0.5F;
    const auto moved = [by](float center, float extent, float d) {
        return std::clamp(center + d / extent * (1 - 1 / by), 0.0F, 1.0F);
    };
    view.center = {moved(view.center.x, static_cast<float>(layout.width()), dx),
                   moved(view.center.y, static_cast<float>(layout.height()), dy)};
    view.zoom = zoom;
}

/// Scrolls or zooms by the mouse wheel; `middle` is the screen point at the center of the area.
void wheel(Frame& f, ImVec2 middle) {
    const ImGuiIO& io = ImGui::GetIO();
    const GridLayout& layout = f.shown->layout;
    GridView& view = f.view.grid;
    if (io.MouseWheel == 0) return;
    const bool scrolls = !io.KeyCtrl && view.zoom == 1 && layout.height() > view.area.h;
    if (scrolls) {
        const auto height = static_cast<float>(layout.height()), area = static_cast<float>(view.area.h);
        cut_center(view, layout);
        view.center.y =
            cut_center(view.center.y - io.MouseWheel * static_cast<float>(layout.cell.h) / 2 / height, height, area);
    } else {
        zoom_at(view, layout, io.MousePos.x - middle.x, io.MousePos.y - middle.y, std::pow(1.2F, io.MouseWheel));
    }
}

/// Returns the index of the value under pixel `at` of a cell that shows `count` values in `pixels` pixels, along one
/// axis.
int value_at(int at, int pixels, int count) {
    return static_cast<int>(std::min<std::int64_t>(std::int64_t{at} * count / pixels, count - 1));
}

/// Handles the mouse over the picture: hover, pin, enlarge, zoom, pan.
void interact(Frame& f, ImVec2 origin, ImVec2 middle, bool hovered) {
    const RenderResult& s = *f.shown;
    const ImGuiIO& io = ImGui::GetIO();
    const bool moved = io.MouseDelta.x != 0 || io.MouseDelta.y != 0;
    if (hovered && (moved || ImGui::IsAnyMouseDown())) f.view.by_keys = false;
    if (f.view.by_keys) {
        if (hovered) wheel(f, middle);
        return;
    }
    f.view.hover.reset();
    if (!hovered) return;
    wheel(f, middle);
    const bool still = ImGui::GetMouseDragDelta(0, 4).x == 0 && ImGui::GetMouseDragDelta(0, 4).y == 0;
    const Rect region = s.display.region.value_or(Rect{});
    const int px = static_cast<int>(io.MousePos.x - origin.x) + region.x,
              py = static_cast<int>(io.MousePos.y - origin.y) + region.y;
    if (const auto cell = s.layout.cell_at(px, py)) {
        const Rect r = s.layout.cell_rect(*cell);
        f.view.hover =
            PixelPosition{s.channels[static_cast<std::size_t>(*cell)], value_at(py - r.y, r.h, s.output_shape.h),
                          value_at(px - r.x, r.w, s.output_shape.w)};
        if (ImGui::IsMouseReleased(0) && still && ImGui::IsItemDeactivated()) {
            f.view.selected = f.view.hover->channel;
            f.view.pin = f.view.hover;
            if (f.view.side == &kernels_tool && io.MouseClickedLastCount[0] < 2) f.view.side = &microscope_tool;
        }
        if (ImGui::IsMouseDoubleClicked(0)) {
            f.view.grid.enlarged = f.view.grid.enlarged ? std::nullopt : std::optional(f.view.hover->channel);
            f.view.grid.zoom = 1;
            if (f.view.side == &microscope_tool)
                f.view.side = &kernels_tool;  // shows the kernel and the histogram beside it
        }
    }
    if (ImGui::IsItemActive() && ImGui::IsMouseDragging(0, 4)) {
        const auto width = static_cast<float>(s.layout.width()), height = static_cast<float>(s.layout.height());
        GridView& view = f.view.grid;
        cut_center(view, s.layout);
        if (s.layout.width() > view.area.w)
            view.center.x = cut_center(view.center.x - io.MouseDelta.x / width, width, static_cast<float>(view.area.w));
        if (s.layout.height() > view.area.h)
            view.center.y =
                cut_center(view.center.y - io.MouseDelta.y / height, height, static_cast<float>(view.area.h));
    }
}

/// Returns the value of each channel at the marked position as text, with as many digits as fit into every cell; empty
/// if not even one digit fits.
std::vector<std::string> cell_values(const RenderResult& s, float cell_width) {
    ImFont* small = font(Type::small);
    for (const char* format : {"{:.3g}", "{:.2g}", "{:.1g}"}) {
        std::vector<std::string> texts;
        float widest = 0;
        for (const float value : s.probed) {
            texts.push_back(fmt::format(fmt::runtime(format), value));
            widest = std::max(widest, small->CalcTextSizeA(small->FontSize, 1000, 0, texts.back().c_str()).x);
        }
        if (widest + 6 <= cell_width) return texts;
    }
    return {};
}

/// Draws text on a dark background that makes it readable on any color.
void cell_text(ImVec2 at, const std::string& text) {
    ImFont* small = font(Type::small);
    const ImVec2 size = small->CalcTextSizeA(small->FontSize, 1000, 0, text.c_str());
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + size.x + 6, at.y + size.y + 2}, IM_COL32(0, 0, 0, 170));
    draw.AddText(small, small->FontSize, {at.x + 3, at.y + 1}, IM_COL32_WHITE, text.c_str());
}

/// Outlines the pinned value in its cell, whose corners are the screen points `a` and `b`.
void draw_pin(const RenderResult& s, const PixelPosition& pin, ImVec2 a, ImVec2 b) {
    const float w = (b.x - a.x) / static_cast<float>(s.output_shape.w),
                h = (b.y - a.y) / static_cast<float>(s.output_shape.h), line = hairline();
    const float least = ImGui::GetFontSize() / 3, side = std::max(std::max(w, h), least);
    const ImVec2 middle{a.x + (static_cast<float>(pin.x) + 0.5F) * w, a.y + (static_cast<float>(pin.y) + 0.5F) * h};
    const ImVec2 from{middle.x - side / 2 - line, middle.y - side / 2 - line},
        to{middle.x + side / 2 + line, middle.y + side / 2 + line};
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRect(from, to, IM_COL32(0, 0, 0, 220), 0, 0, 4 * line);
    draw.AddRect(from, to, accent(), 0, 0, 2 * line);
}

/// Draws everything on top of the picture: the selected channel, the marked position and its values, and the pinned
/// value.
void draw_marks(const Frame& f, ImVec2 origin) {
    const RenderResult& s = *f.shown;
    const Rect region = s.display.region.value_or(Rect{0, 0, s.layout.width(), s.layout.height()});
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect({origin.x - 3, origin.y - 3},
                      {origin.x + static_cast<float>(region.w) + 3, origin.y + static_cast<float>(region.h) + 3}, true);
    const float line = hairline();
    // Rings and numbers belong to the position of the worker's last answer, which lags behind a fast mouse.
    const auto& position = s.request.probe;
    const bool pointed = (f.view.hover || f.view.pin) && position && !s.probed.empty();
    const auto texts = pointed ? cell_values(s, static_cast<float>(s.layout.cell.w)) : std::vector<std::string>{};
    for (std::size_t i = 0; i < s.channels.size(); ++i) {
        const Rect r = s.layout.cell_rect(static_cast<int>(i));
        if (r.y + r.h < region.y || r.y > region.y + region.h || r.x + r.w < region.x || r.x > region.x + region.w)
            continue;
        const ImVec2 a{origin.x + static_cast<float>(r.x - region.x), origin.y + static_cast<float>(r.y - region.y)};
        const ImVec2 b{a.x + static_cast<float>(r.w), a.y + static_cast<float>(r.h)};
        if (f.view.selected == s.channels[i] && s.channels.size() > 1)
            draw.AddRect({a.x - line, a.y - line}, {b.x + line, b.y + line}, accent(), 0, 0, 2 * line);
        if (!pointed) continue;
        const float x = a.x + (static_cast<float>(position->x) + 0.5F) * static_cast<float>(r.w) /
                                  static_cast<float>(s.output_shape.w);
        const float y = a.y + (static_cast<float>(position->y) + 0.5F) * static_cast<float>(r.h) /
                                  static_cast<float>(s.output_shape.h);
        position_ring(x, y, s.layout.cell);
        if (f.view.pin && f.view.pin->channel == s.channels[i]) draw_pin(s, *f.view.pin, a, b);
        const auto c = static_cast<std::size_t>(s.channels[i]);
        if (c < texts.size()) cell_text(a, texts[c]);
    }
    draw.PopClipRect();
}

/// Draws a scroll bar for a grid with more rows than fit.
void scroll_bar(Frame& f, ImVec2 at, float width) {
    const auto height = static_cast<float>(f.shown->layout.height()), area = static_cast<float>(f.view.grid.area.h);
    ImGui::SetCursorScreenPos(at);
    ImGui::InvisibleButton("scroll", {width, area});
    f.map.mark("scroll");
    tooltip("Drag the scroll bar, or use the wheel, to see more rows");
    float& center = f.view.grid.center.y;
    if (ImGui::IsItemActive()) center = cut_center((ImGui::GetIO().MousePos.y - at.y) / area, height, area);
    const float top = at.y + (cut_center(center, height, area) - area / 2 / height) * area,
                length = area * area / height;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + width, at.y + area}, ImGui::GetColorU32(ImGuiCol_ScrollbarBg), 3);
    draw.AddRectFilled(
        {at.x, top}, {at.x + width, top + length},
        ImGui::GetColorU32(ImGui::IsItemHovered() ? ImGuiCol_ScrollbarGrabHovered : ImGuiCol_ScrollbarGrab), 3);
}

}  // namespace

void grid_panel(Frame& f) {
    if (!f.view.presenting) toolbar(f);
    if (!f.shown) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(f.status.error.empty() ? tr("Computing the first grid ...") : f.status.error.c_str());
    } else if (f.shown->output_shape.plane() > 1 && (!f.view.presenting || one_scale(f))) {
        scale_bar(f);
    }
    const ImVec2 corner = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const bool many = f.shown && f.shown->channels.size() > 64;
    const float bar = many ? ImGui::GetStyle().ScrollbarSize : 0,
                width = std::max(room.x - bar - (many ? 4 : 0), 16.0F);
    f.view.grid.area = {std::clamp(static_cast<int>(room.y), 16, max_picture_side),
                        std::clamp(static_cast<int>(width), 16, max_picture_side)};
    ImGui::InvisibleButton("grid", {width, std::max(room.y, 16.0F)});
    f.map.mark("grid");
    if (!f.shown || !f.shown->picture) return;
    if (f.shown->output_shape.plane() == 1) {
        ImGui::SetCursorScreenPos(corner);
        return bars(f);
    }
    const Image& image = *f.shown->picture;
    const float below = std::max(0.0F, room.y - static_cast<float>(image.height));
    const ImVec2 origin{corner.x + std::floor(std::max(0.0F, width - static_cast<float>(image.width)) / 2),
                        corner.y + (f.view.presenting ? std::floor(below / 2) : 0)};
    f.map.mark("picture", origin.x, origin.y, origin.x + static_cast<float>(image.width),
               origin.y + static_cast<float>(image.height));
    const ImVec2 middle{corner.x + width / 2, corner.y + room.y / 2};
    const bool stale = f.status.busy && f.status.busy_seconds > 0.1;
    ImGui::GetWindowDrawList()->AddImage(
        texture_id(f.textures.of(f.shown->picture)), origin,
        {origin.x + static_cast<float>(image.width), origin.y + static_cast<float>(image.height)}, {0, 0}, {1, 1},
        stale || f.status.outdated ? IM_COL32(255, 255, 255, 150) : IM_COL32_WHITE);
    interact(f, origin, middle, ImGui::IsItemHovered());
    draw_marks(f, origin);
    if (many && f.shown->layout.height() > f.view.grid.area.h) scroll_bar(f, {corner.x + width + 4, corner.y}, bar);
}

}  // namespace convlens
