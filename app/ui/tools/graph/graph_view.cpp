/// Draws the boxes and edges of the network, and handles the mouse over them.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/tools/graph/graph.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/plot.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/shorten.h"
#include "app/ui/widgets/theme.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

constexpr float min_zoom = 0.02F, max_zoom = 4;

/// Maps points of the layout to the screen.
struct Mapping {
    ImVec2 at, size;       ///< The area on screen.
    float x, y;            ///< The point of the layout in its middle.
    float unit_x, unit_y;  ///< Pixels per unit of the layout.

    ImVec2 operator()(float px, float py) const {
        return {at.x + size.x / 2 + (px - x) * unit_x, at.y + size.y / 2 + (py - y) * unit_y};
    }
};

/// Returns the size of a unit of the layout at zoom 1, so that two small lines of text fit into a box.
ImVec2 unit() {
    const float small = font(Type::small)->FontSize;
    return {small * 17, small * 2.5F / graph_box_height};
}

Mapping mapping_of(const GraphView& v, ImVec2 at, ImVec2 size) {
    const ImVec2 u = unit();
    return {at, size, v.x, v.y, u.x * v.zoom, u.y * v.zoom};
}

/// Keeps the middle of the view within the drawing.
void clamp_middle(GraphView& v) {
    v.x = std::clamp(v.x, 0.0F, v.layout.width);
    v.y = std::clamp(v.y, 0.0F, v.layout.height);
}

/// Shows the whole drawing.
void fit(GraphView& v, ImVec2 size) {
    const ImVec2 u = unit();
    const float gap = u.x * 0.1F;
    v.zoom =
        std::clamp(std::min((size.x - 2 * gap) / (v.layout.width * u.x), (size.y - 2 * gap) / (v.layout.height * u.y)),
                   min_zoom, 1.0F);
    v.x = v.layout.width / 2;
    v.y = v.layout.height / 2;
}

/// Moves the view to the layer on screen after it has changed, if it is not visible.
void follow(const Frame& f, GraphView& v, ImVec2 size) {
    const int layer = f.chain.error.empty() ? f.chain.plan.layer : -1;
    if (v.followed == layer) return;
    const bool first = v.followed == -2;
    v.followed = layer;
    if (v.fit || static_cast<std::size_t>(layer + 1) >= v.layout.places.size()) return;
    const GraphPlace& place = v.layout.places[static_cast<std::size_t>(layer + 1)];
    const float x = static_cast<float>(place.column) + graph_box_width / 2,
                y = static_cast<float>(place.rank) + graph_box_height / 2;
    const ImVec2 u = unit();
    const float half_x = size.x / 2 / (u.x * v.zoom) - graph_box_width / 2,
                half_y = size.y / 2 / (u.y * v.zoom) - graph_box_height;
    if (first || std::abs(x - v.x) > half_x) v.x = x;
    if (first || std::abs(y - v.y) > half_y) v.y = y;
}

/// Zooms at the mouse and pans.
void navigate(GraphView& v, const Mapping& m) {
    const ImGuiIO& io = ImGui::GetIO();
    if (ImGui::IsItemHovered()) take_wheel();
    if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
        const float before = v.zoom;
        v.zoom = std::clamp(v.zoom * std::pow(1.2F, io.MouseWheel), min_zoom, max_zoom);
        const ImVec2 u = unit();
        const float dx = io.MousePos.x - (m.at.x + m.size.x / 2), dy = io.MousePos.y - (m.at.y + m.size.y / 2);
        v.x += dx / (u.x * before) - dx / (u.x * v.zoom);
        v.y += dy / (u.y * before) - dy / (u.y * v.zoom);
        v.fit = false;
        clamp_middle(v);
    }
    if (ImGui::IsItemActive() && ImGui::IsMouseDragging(0, 4)) {
        v.x -= io.MouseDelta.x / m.unit_x;
        v.y -= io.MouseDelta.y / m.unit_y;
        v.fit = false;
        clamp_middle(v);
    }
}

/// Returns the box under the mouse, -1 for the network's input; nullopt if there is none.
std::optional<int> box_at_mouse(const GraphView& v, const Mapping& m) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (std::size_t i = 0; i < v.layout.places.size(); ++i) {
        const auto x = static_cast<float>(v.layout.places[i].column), y = static_cast<float>(v.layout.places[i].rank);
        const ImVec2 a = m(x, y), b = m(x + graph_box_width, y + graph_box_height);
        if (mouse.x >= a.x && mouse.x < b.x && mouse.y >= a.y && mouse.y < b.y) return static_cast<int>(i) - 1;
    }
    return std::nullopt;
}

/// Draws the edges that are in sight; those of the hovered and of the shown layer on top of the others.
void draw_edges(const Frame& f, const GraphView& v, const Mapping& m, const std::vector<bool>& needed) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const int shown = f.chain.error.empty() ? f.chain.plan.layer : -2;
    const float line = hairline() * std::clamp(v.zoom * 1.5F, 1.0F, 2.0F);
    std::vector<ImVec2> points;
    for (const int pass : {0, 1}) {
        for (const GraphEdge& e : v.layout.edges) {
            const int from = e.from - 1, to = e.to - 1;
            const bool marked = from == shown || to == shown || (v.hovered && (from == *v.hovered || to == *v.hovered));
            if (marked != (pass == 1)) continue;
            if (m(0, e.points.front()[1]).y > m.at.y + m.size.y || m(0, e.points.back()[1]).y < m.at.y) continue;
            points.clear();
            for (const auto& p : e.points) points.push_back(m(p[0], p[1]));
            const bool used = needed[static_cast<std::size_t>(to)];
            const ImU32 color = marked ? accent() : ImGui::GetColorU32(ImGuiCol_Text, used ? 0.45F : 0.15F);
            draw.AddPolyline(points.data(), static_cast<int>(points.size()), color, 0, marked ? line * 1.5F : line);
            if (v.zoom < 0.4F) continue;
            const ImVec2 end = points.back();
            const float head = font(Type::small)->FontSize * 0.28F;
            draw.AddTriangleFilled(end, {end.x - head, end.y - 1.4F * head}, {end.x + head, end.y - 1.4F * head},
                                   color);
        }
    }
}

/// What the text of a box is.
struct BoxText {
    std::string name, type, shape;
};

BoxText text_of_box(const Frame& f, int layer) {
    if (layer < 0) return {tr("input"), "", f.shown ? to_string(f.shown->input_shape) : ""};
    const auto i = static_cast<std::size_t>(layer);
    const LayerSpec& spec = f.chain.plan.layers[i];
    std::string type(type_name(spec.operation));
    if (const std::string bar = bar_text(f, i); !bar.empty()) type += ", " + bar;
    return {spec.name, type, i < f.chain.numbers.layers.size() ? to_string(f.chain.numbers.layers[i].output) : ""};
}

/// Draws the histogram of a layer's values into an area, and a line at zero. The heights are the square roots of the
/// counts, so that few values beside many zeros can be seen.
void draw_histogram(const LayerValues& values, ImVec2 a, ImVec2 b) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float largest = std::sqrt(*std::ranges::max_element(values.histogram)), low = values.quantiles.front(),
                high = values.quantiles.back(), wide = (b.x - a.x) / static_cast<float>(values.histogram.size());
    for (std::size_t i = 0; i < values.histogram.size(); ++i) {
        const float part = std::sqrt(values.histogram[i]) / largest, left = a.x + wide * static_cast<float>(i);
        if (part > 0) draw.AddRectFilled({left, b.y - part * (b.y - a.y)}, {left + wide, b.y}, second_ink);
    }
    if (low >= 0 || high <= 0) return;
    const float zero = a.x + (b.x - a.x) * (-low / (high - low));
    draw.AddLine({zero, a.y}, {zero, b.y}, ImGui::GetColorU32(ImGuiCol_Text, 0.6F), hairline());
}

/// Draws one box. `share` is the length of its bar, 0..1.
void draw_box(const Frame& f, const GraphView& v, const Mapping& m, int layer, double share, bool needed) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const GraphPlace& place = v.layout.places[static_cast<std::size_t>(layer + 1)];
    const auto x = static_cast<float>(place.column), y = static_cast<float>(place.rank);
    const ImVec2 a = m(x, y), b = m(x + graph_box_width, y + graph_box_height);
    if (b.y < m.at.y || a.y > m.at.y + m.size.y || b.x < m.at.x || a.x > m.at.x + m.size.x) return;
    const float height = b.y - a.y, width = b.x - a.x, round = std::min(4.0F, height / 4), line = hairline();
    const bool shown = f.chain.error.empty() && layer == f.chain.plan.layer;
    const bool runs =
        layer < static_cast<int>(f.chain.plan.runnable) && layer < static_cast<int>(f.chain.numbers.layers.size());
    draw.AddRectFilled(a, b, ImGui::GetColorU32(ImGuiCol_FrameBg, needed ? 1.0F : 0.5F), round);
    if (share > 0)
        draw.AddRectFilled(a, {a.x + std::max(width * static_cast<float>(share), 2 * line), b.y},
                           (first_ink & 0x00FFFFFFU) | (needed ? 0xA0000000U : 0x50000000U), round);
    const bool matches = std::ranges::binary_search(v.found, layer);
    const ImU32 frame = shown     ? accent()
                        : matches ? second_ink
                                  : ImGui::GetColorU32(ImGuiCol_Text, v.hovered == layer ? 0.8F
                                                                      : needed           ? 0.35F
                                                                                         : 0.15F);
    draw.AddRect(a, b, frame, round, 0, shown ? 3 * line : matches ? 2.5F * line : line);
    if (layer >= 0) {  // for tests; boxes in sight only
        const float left = std::max(a.x, m.at.x), right = std::min(b.x, m.at.x + m.size.x), top = std::max(a.y, m.at.y),
                    bottom = std::min(b.y, m.at.y + m.size.y);
        if (f.map.enabled() && bottom - top > 4 && right - left > 4)
            f.map.mark("graph.box." + f.chain.plan.layers[static_cast<std::size_t>(layer)].name, left, top, right,
                       bottom);
    }
    ImFont* small = font(Type::small);
    const float size = small->FontSize;
    float room = width - size * 0.8F;
    if (height < size * 1.1F || room < size * 3) return;
    const LayerValues* values = layer >= 0 ? values_of(f, static_cast<std::size_t>(layer)) : nullptr;
    if (const float wide = size * 2.4F; values && !values->histogram.empty() && room > 3 * wide) {
        const float gap = std::min(size * 0.2F, height / 6);
        draw_histogram(*values, {b.x - wide - gap, a.y + gap}, {b.x - gap, b.y - gap});
        room -= wide;
    }
    const BoxText text = text_of_box(f, layer);
    const ImU32 ink = ImGui::GetColorU32(layer < 0 || (runs && needed) ? ImGuiCol_Text : ImGuiCol_TextDisabled);
    const bool two = height > size * 2.3F;
    const float left = a.x + size * 0.4F, top = two ? a.y + (height - size * 2.2F) / 2 : a.y + (height - size) / 2;
    draw.AddText(small, size, {left, top}, ink, shortened(text.name, small, room).c_str());
    if (two && !text.type.empty()) {
        const std::string type = !runs && layer >= 0 ? tr("does not run") : shortened(text.type, small, room);
        draw.AddText(small, size, {left, top + size * 1.15F}, ImGui::GetColorU32(ImGuiCol_Text, 0.7F), type.c_str());
    }
    if ((1 - graph_box_height) * m.unit_y < size * 1.3F) return;
    draw.AddText(small, size, {(a.x + b.x) / 2 + size * 0.4F, b.y + size * 0.05F},
                 ImGui::GetColorU32(ImGuiCol_TextDisabled), text.shape.c_str());
}

}  // namespace

void draw_graph(Frame& f, float width, float height) {
    auto& v = f.states.of<GraphView>();
    const ImVec2 at = ImGui::GetCursorScreenPos(), size{std::max(width, 16.0F), std::max(height, 16.0F)};
    const bool clicked = ImGui::InvisibleButton("graph", size);
    f.map.mark("graph");
    if (v.fit) fit(v, size);
    follow(f, v, size);
    navigate(v, mapping_of(v, at, size));
    const Mapping m = mapping_of(v, at, size);
    v.hovered = ImGui::IsItemHovered() ? box_at_mouse(v, m) : std::nullopt;
    const bool still = ImGui::GetMouseDragDelta(0, 4).x == 0 && ImGui::GetMouseDragDelta(0, 4).y == 0;
    if (clicked && still && v.hovered && *v.hovered >= 0) {
        select_layer(f, *v.hovered);
        v.followed = *v.hovered;
    }
    if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0) && v.hovered) f.view.tool = &grid_tool;
    const bool measured = v.hovered && *v.hovered >= 0 && values_of(f, static_cast<std::size_t>(*v.hovered));
    tooltip(v.hovered
                ? (tr_format("{}\nClick to show its feature maps, double-click to show them alone",
                             text_of_box(f, *v.hovered).name) +
                   (measured ? tr(". On the right: how many of its values are how large, from the smallest to the "
                                  "largest; heights are square roots, the line is at 0")
                             : ""))
                      .c_str()
                : "The wheel zooms, dragging moves the drawing. Arrow keys go to the layers that are read (up), "
                  "that read (down) and beside");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect(at, {at.x + size.x, at.y + size.y}, true);
    const auto& layers = f.chain.plan.layers;
    const std::vector<bool> needed =
        f.chain.error.empty() ? needed_for(layers, f.chain.plan.layer) : std::vector<bool>(layers.size(), true);
    draw_edges(f, v, m, needed);
    const double largest = largest_bar(f);
    for (int layer = -1; layer < static_cast<int>(layers.size()); ++layer) {
        const auto i = static_cast<std::size_t>(std::max(layer, 0));
        draw_box(f, v, m, layer, layer < 0 || largest <= 0 ? 0 : bar_value(f, i) / largest, layer < 0 || needed[i]);
    }
    draw.PopClipRect();
}

}  // namespace convlens
