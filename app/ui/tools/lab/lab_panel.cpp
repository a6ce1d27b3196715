/// Draws the weight-sharing lab: a small image, three layers with their weights and outputs, and max pooling.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/lab/lab.h"
#include "app/ui/widgets/cells.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

constexpr int full = 0, local = 1, conv = 2, pooled = 3;  ///< Values of LabView::panel.

float line_width() { return std::max(1.0F, std::round(ImGui::GetFontSize() / 9)); }

ImU32 faded(ImU32 color, unsigned alpha) { return (color & ~IM_COL32_A_MASK) | (alpha << IM_COL32_A_SHIFT); }

/// A square map of `side` x `side` values, drawn at `at` with `scale` pixels per value.
struct Board {
    ImVec2 at;
    float scale;
    int side;
    ImVec2 point(int y, int x) const {
        return {at.x + static_cast<float>(x) * scale, at.y + static_cast<float>(y) * scale};
    }
    ImVec2 end() const { return point(side, side); }
    /// Outlines `size` x `size` values from (y, x) on, `line` pixels thick, with a dark border.
    void box(int y, int x, int size, ImU32 color, float line) const {
        const ImVec2 a = point(y, x), b = point(y + size, x + size);
        ImDrawList& draw = *ImGui::GetWindowDrawList();
        draw.AddRect({a.x - line / 2, a.y - line / 2}, {b.x + line / 2, b.y + line / 2}, IM_COL32(0, 0, 0, 200), 0, 0,
                     2.2F * line);
        draw.AddRect({a.x - line / 2, a.y - line / 2}, {b.x + line / 2, b.y + line / 2}, color, 0, 0, line);
    }
};

/// Returns the unit whose connections are highlighted, clamped to the current output.
Size2 lit_unit(const Frame& f) {
    const int last = f.states.of<Lab>().shown->request.setup.out_side() - 1;
    return {std::clamp(f.states.of<Lab>().view.unit.h, 0, last), std::clamp(f.states.of<Lab>().view.unit.w, 0, last)};
}

/// Returns all weights of a layer; `panel` is a value of LabView::panel other than `pooled`.
const Tensor& weights_of(const LabLayers& layers, int panel) {
    return panel == full ? *layers.full.weight : panel == local ? *layers.local.weight : *layers.conv.weight;
}

/// Returns the weights of unit (y, x), row by row: one per pixel of the image (fully connected) or of the patch.
std::span<const float> unit_weights(const LabLayers& layers, int panel, int y, int x) {
    const int place = y * layers.setup.out_side() + x, taps = layers.setup.kernel_size * layers.setup.kernel_size;
    if (panel == full)
        return {&layers.full.weight->at(place, 0, 0, 0), static_cast<std::size_t>(layers.full.spec.in_features)};
    if (panel == local) return {&layers.local.weight->at(0, 0, place, 0), static_cast<std::size_t>(taps)};
    return layers.conv.weight->values();
}

double largest_magnitude(std::span<const float> values) {
    double largest = 0;
    for (const float v : values) largest = std::max(largest, std::abs(static_cast<double>(v)));
    return largest;
}

/// Draws values as colored squares of `cell` pixels, `columns` per row: blue is -largest, gray is 0, red is largest.
void draw_values(std::span<const float> values, int columns, ImVec2 at, float cell, double largest, unsigned alpha) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float x = at.x + static_cast<float>(static_cast<int>(i) % columns) * cell,
                    y = at.y + static_cast<float>(static_cast<int>(i) / columns) * cell;
        draw.AddRectFilled({x, y}, {x + cell, y + cell},
                           faded(signed_color(static_cast<double>(values[i]), largest), alpha));
    }
}

/// Draws a label and a number field, on the previous line if both fit there.
void named_number(Frame& f, const char* id, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* tooltip_text) {
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x, width = ImGui::GetFontSize() * 4.5F;
    same_line_if_fits(ImGui::CalcTextSize(tr(name)).x + gap + width);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr(name));
    tooltip(tooltip_text);
    ImGui::SameLine(0, gap);
    ImGui::SetNextItemWidth(width);
    number_field(f, id, value, lowest, highest, default_value, tooltip_text);
}

/// Draws the settings of the lab.
void controls(Frame& f) {
    LabView& v = f.states.of<Lab>().view;
    LabSetup& s = v.setup;
    const float em = ImGui::GetFontSize();
    constexpr Words<2> images{"digit", "current image"};
    int image = v.from_picture ? 1 : 0;
    ImGui::SetNextItemWidth(em * 9);
    if (choice(f, "lab.image", images, image,
               "Input of the lab: a handwritten two, or the center of the current image, converted to gray"))
        v.from_picture = image == 1;
    named_number(f, "lab.side", "size", s.side, lab_side_least, lab_side_most, 32,
                 "Number of rows and columns of the image");
    named_number(f, "lab.kernel_size", "kernel_size", s.kernel_size, lab_kernel_least, lab_kernel_most, 5,
                 "Number of rows and columns of the patch that each unit of the locally connected layer and of the "
                 "convolution sees");
    same_line_if_fits(em * 7.5F);
    constexpr Words<3> kernels{"edge kernel", "blur kernel", "random kernel"};
    int kernel = static_cast<int>(s.kernel);
    ImGui::SetNextItemWidth(em * 7.5F);
    if (choice(f, "lab.kernel", kernels, kernel,
               "Kernel of the convolution: a vertical edge (derivative of a Gaussian along x), a blur (Gaussian), or "
               "random; the other two layers have random weights"))
        s.kernel = static_cast<LabKernel>(kernel);
    named_number(f, "lab.pool", "pooling", s.pool, 1, lab_pool_most, 2,
                 "kernel_size and stride of the max pooling layer");
    s.pool = std::min(s.pool, s.out_side());
    same_line_if_fits(button_width("New weights"));
    if (button(f, "lab.again", "New weights", "Generates new random weights with the next seed")) ++s.seed;
    same_line_if_fits(ImGui::GetFrameHeight() + ImGui::CalcTextSize(tr("tie the weights")).x + em / 2);
    ImGui::Checkbox(tr_label("tie the weights").c_str(), &s.tied);
    f.map.mark("lab.tie");
    tooltip(
        "Gives every position of the locally connected layer the convolution's kernel, which makes this layer a "
        "convolution (t)");
}

/// Draws a title and a square picture of `size` pixels that shows `side` x `side` values, and sets `made` to its
/// position. Returns true while the mouse is over the picture or drags it.
bool board(Frame& f, const char* id, const char* title, const std::shared_ptr<const Image>& picture, int side,
           float size, Board& made) {
    ImGui::Dummy({0, 0});  // all columns begin at the same height
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(tr(title));
    ImGui::PopFont();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    made = {at, size / static_cast<float>(side), side};
    ImGui::InvisibleButton(id, {size, size});
    f.map.mark(id);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(picture)), at, made.end());
    ImGui::GetWindowDrawList()->AddRect(at, made.end(), ImGui::GetColorU32(ImGuiCol_Separator), 0, 0,
                                        std::max(1.0F, line_width() / 2));
    return ImGui::IsItemHovered() || ImGui::IsItemActive();
}

/// Returns the row and the column of the value under the mouse.
Size2 under_mouse(const Board& b) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const auto index = [&](float offset) { return std::clamp(static_cast<int>(offset / b.scale), 0, b.side - 1); };
    return {index(mouse.y - b.at.y), index(mouse.x - b.at.x)};
}

/// Darkens everything outside of the patch of `size` x `size` pixels from `unit` on, and tints the patch with the
/// colors of the weights, if there are any.
void light_patch(const Board& b, Size2 unit, int size, std::span<const float> weights) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 from = b.point(unit.h, unit.w), to = b.point(unit.h + size, unit.w + size), end = b.end();
    constexpr ImU32 dark = IM_COL32(0, 0, 0, 110);
    draw.AddRectFilled(b.at, {end.x, from.y}, dark);
    draw.AddRectFilled({b.at.x, to.y}, end, dark);
    draw.AddRectFilled({b.at.x, from.y}, {from.x, to.y}, dark);
    draw.AddRectFilled({to.x, from.y}, {end.x, to.y}, dark);
    if (!weights.empty()) draw_values(weights, size, from, b.scale, largest_magnitude(weights), 150);
    b.box(unit.h, unit.w, size, accent(), line_width());
}

/// Highlights the connections of the unit in the input picture.
void light_connections(const Frame& f, const Board& b) {
    const LabLayers& layers = f.states.of<Lab>().shown->layers;
    const Size2 unit = lit_unit(f);
    const int k = layers.setup.kernel_size, pool = layers.setup.pool;
    switch (f.states.of<Lab>().view.panel) {
        case full: {
            const auto weights = unit_weights(layers, full, unit.h, unit.w);
            draw_values(weights, b.side, b.at, b.scale, largest_magnitude(weights), 190);
            b.box(0, 0, b.side, accent(), line_width());
            break;
        }
        case pooled: {
            const int blocks = layers.setup.out_side() / pool;
            const Size2 block{std::min(unit.h / pool, blocks - 1), std::min(unit.w / pool, blocks - 1)};
            light_patch(b, {block.h * pool, block.w * pool}, k + pool - 1, {});
            break;
        }
        default: light_patch(b, unit, k, unit_weights(layers, f.states.of<Lab>().view.panel, unit.h, unit.w));
    }
}

/// Shifts the image while it is dragged.
void drag_image(Frame& f, const Board& b) {
    LabView& v = f.states.of<Lab>().view;
    if (ImGui::IsItemHovered() || ImGui::IsItemActive()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (ImGui::IsItemActivated()) v.shift_before = v.shift;
    if (!ImGui::IsItemActive()) return;
    const ImVec2 drag = ImGui::GetMouseDragDelta(0, 1);
    const auto pixels = [&](float d) { return static_cast<int>(std::lround(d / b.scale)); };
    v.shift = lab_shift(v.setup, {v.shift_before.h + pixels(drag.y), v.shift_before.w + pixels(drag.x)});
}

/// Draws the first column: the image, its shift, and the calculator.
void input_column(Frame& f, float size) {
    LabView& v = f.states.of<Lab>().view;
    const LabSetup& s = f.states.of<Lab>().shown->request.setup;
    Board b{};
    board(f, "lab.input", tr_format("input {0} x {0}", s.side).c_str(), f.states.of<Lab>().shown->picture, s.side, size,
          b);
    drag_image(f, b);
    tooltip(
        "Drag to shift the image, or use the arrow keys to shift it by one pixel; uncovered edges are filled with "
        "black");
    light_connections(f, b);
    const float em = ImGui::GetFontSize(), gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const int most = v.setup.side / 2;
    const auto shift = [&](const char* id, const char* name, int& value, const char* tooltip_text) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(tr(name));
        ImGui::SameLine(0, gap);
        ImGui::SetNextItemWidth(-1);
        number_field(f, id, value, -most, most, 0, tooltip_text);
    };
    shift("lab.down", "shift down ", v.shift.h,
          "Number of pixels by which the image is shifted down; negative values shift it up");
    shift("lab.right", "shift right", v.shift.w,
          "Number of pixels by which the image is shifted to the right; negative values shift it to the left");
    if (button(f, "lab.unshift", "Reset shift", "Sets both shifts to zero")) v.shift = {};
    constexpr std::array<Word, 4> names{"fully connected", "locally connected", "convolution", "max pooling"};
    const Size2 unit = lit_unit(f);
    ImGui::TextWrapped("%s", tr_format("Highlighted: the inputs of unit y {}, x {} of the {} layer. Blue weights are "
                                       "negative, red weights positive.",
                                       unit.h, unit.w, tr(names[static_cast<std::size_t>(v.panel)]))
                                 .c_str());
    section("CALCULATOR: ANY SIZE");
    const auto paper = [&](const char* id, const char* name, int& value, int highest, int default_value,
                           const char* tooltip_text) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(tr(name));
        ImGui::SameLine(0, gap);
        ImGui::SetNextItemWidth(std::max(ImGui::GetContentRegionAvail().x, em * 3));
        number_field(f, id, value, 1, highest, default_value, tooltip_text);
    };
    paper("lab.paper_side", "image size", v.paper_side, 4096, 200,
          "Number of rows, and of columns, of an imagined square image; the \"calculated\" lines show the number of "
          "weights "
          "that it would need");
    paper("lab.paper_units", "units", v.paper_units, 1'000'000, 500, "Number of outputs of the calculated layer");
}

/// Draws "802,816 weights" in large type, then the number of multiply-accumulates, then the number of weights for the
/// sizes in the calculator.
void counters(Frame& f, int panel) {
    const LabView& v = f.states.of<Lab>().view;
    const auto of = [&](const LabCosts& c) { return panel == full ? c.full : panel == local ? c.local : c.conv; };
    const LayerCost here = of(f.states.of<Lab>().shown->costs);
    const auto side = static_cast<std::uint64_t>(v.paper_side), k = static_cast<std::uint64_t>(v.setup.kernel_size);
    const LayerCost paper = of(lab_costs(side * side, static_cast<std::uint64_t>(v.paper_units), k * k));
    constexpr std::array<const char*, 3> ids{"full", "local", "conv"};
    constexpr std::array<Word, 3> formulas{"pixels x units", "units x kernel_size x kernel_size",
                                           "kernel_size x kernel_size, shared by all units"};
    const auto which = static_cast<std::size_t>(panel);
    ImGui::PushFont(font(Type::title));
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
    ImGui::TextUnformatted(grouped(here.weights).c_str());
    f.map.mark(fmt::format("lab.weights.{}", ids[which]));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    tooltip(
        tr_format("Number of trainable weights: {}; the layers of the lab have no bias", tr(formulas[which])).c_str());
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + font(Type::title)->FontSize - font(Type::body)->FontSize - 1);
    ImGui::TextDisabled("%s", tr("weights"));
    ImGui::TextUnformatted(tr_format("{} MACs", grouped(here.multiply_accumulates)).c_str());
    tooltip("Multiply-accumulates of one forward pass; every unit uses each of its weights once, shared or not");
    ImGui::TextWrapped("%s", tr_format("calculated {}", grouped(paper.weights)).c_str());
    tooltip(tr_format("Calculated for {0} x {0} pixels and {1} units: {2} weights and {3} multiply-accumulates",
                      v.paper_side, grouped(static_cast<std::uint64_t>(v.paper_units)), grouped(paper.weights),
                      grouped(paper.multiply_accumulates))
                .c_str());
    f.map.state(fmt::format("lab.{}", ids[which]),
                fmt::format("{} {} {}", here.weights, here.multiply_accumulates, paper.weights));
}

/// Draws how the shift of the image changed the output.
void shift_numbers(Frame& f, const LabPanel& panel, const char* id) {
    const LabDifference& d = panel.back;
    f.map.state(fmt::format("lab.back.{}", id), fmt::format("{:.6g} {} {}", d.largest, d.equal, d.places));
    if (f.states.of<Lab>().shown->request.shift == Size2{}) {
        ImGui::TextDisabled("%s", tr("not shifted yet"));
        return;
    }
    ImGui::TextWrapped("%s", (d.largest == 0 ? std::string(tr("shifted back, error 0"))
                                             : tr_format("shifted back, error up to {:.3g}", d.largest))
                                 .c_str());
    tooltip(
        "Shifts this output back and compares it with the output of the unshifted image: the largest difference; units "
        "that exist in only one of the two are ignored");
    ImGui::TextWrapped("%s", tr_format("{} of {} units equal", grouped(static_cast<std::uint64_t>(d.equal)),
                                       grouped(static_cast<std::uint64_t>(d.places)))
                                 .c_str());
}

/// Draws the weights of the highlighted unit: one per pixel (fully connected), or its kernel among the kernels of its
/// neighbors.
void draw_weights(Frame& f, int panel, float size) {
    const LabLayers& layers = f.states.of<Lab>().shown->layers;
    const Size2 unit = lit_unit(f);
    const int out = layers.setup.out_side(), k = layers.setup.kernel_size;
    ImGui::PushFont(font(Type::small));
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr(panel == full ? "weights of the unit" : "kernels of the unit and its neighbors"));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::Dummy({size, size});
    constexpr std::array<Word, 3> tooltip_texts{
        "Weights of the highlighted unit, one for every pixel of the image",
        "Kernels of the highlighted unit (framed) and of its eight neighbors; each unit has its own kernel unless the "
        "weights are tied",
        "Kernels of the highlighted unit (framed) and of its eight neighbors; all units share one kernel"};
    tooltip(tooltip_texts[static_cast<std::size_t>(panel)]);
    if (panel == full) {
        const auto weights = unit_weights(layers, full, unit.h, unit.w);
        draw_values(weights, layers.setup.side, at, size / static_cast<float>(layers.setup.side),
                    largest_magnitude(weights), 255);
        return;
    }
    const float gap = line_width() * 2, cell = (size - 2 * gap) / static_cast<float>(3 * k),
                step = cell * static_cast<float>(k) + gap;
    const double largest = largest_magnitude(weights_of(layers, panel).values());
    for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
            const int y = unit.h + dy, x = unit.w + dx;
            if (y < 0 || x < 0 || y >= out || x >= out) continue;
            draw_values(unit_weights(layers, panel, y, x), k,
                        {at.x + static_cast<float>(dx + 1) * step, at.y + static_cast<float>(dy + 1) * step}, cell,
                        largest, 255);
        }
    Board{{at.x + step, at.y + step}, cell, k}.box(0, 0, k, accent(), line_width());
}

/// Draws the value range of the output's colors.
void scale_numbers(const LabPanel& panel) {
    ImGui::PushFont(font(Type::small));
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextWrapped("%s", tr_format("blue {:+.3g}, gray 0, red {:+.3g}", -panel.range, panel.range).c_str());
    ImGui::PopStyleColor();
    ImGui::PopFont();
    tooltip("Value range of the colormap for this output, taken from the output of the unshifted image");
}

/// Outlines the highlighted unit in the output of layer `panel`; with a thin line if another layer's connections are
/// highlighted.
void mark_unit(const Frame& f, const Board& b, int panel) {
    const Size2 unit = lit_unit(f);
    const bool lit = f.states.of<Lab>().view.panel == panel;
    if (panel == conv && f.states.of<Lab>().view.panel == pooled) {
        const int pool = f.states.of<Lab>().shown->request.setup.pool;
        return b.box(unit.h / pool * pool, unit.w / pool * pool, pool, accent(), line_width());
    }
    b.box(unit.h, unit.w, 1, lit ? accent() : IM_COL32(255, 255, 255, 200), lit ? line_width() : line_width() / 2);
}

/// Draws the column of one of the three layers: output, numbers and weights.
void layer_column(Frame& f, int panel, const char* id, const char* title, const LabPanel& shown, const char* sentence,
                  float size, float weights_size) {
    Board b{};
    if (board(f, fmt::format("lab.{}", id).c_str(), title, shown.picture,
              f.states.of<Lab>().shown->request.setup.out_side(), size, b)) {
        f.states.of<Lab>().view.panel = panel;
        f.states.of<Lab>().view.unit = under_mouse(b);
    }
    const Size2 unit = lit_unit(f);
    tooltip(tr_format("Unit y {}, x {}: {:+.4g}", unit.h, unit.w, shown.values->at(0, 0, unit.h, unit.w)).c_str());
    mark_unit(f, b, panel);
    scale_numbers(shown);
    counters(f, panel);
    shift_numbers(f, shown, id);
    draw_weights(f, panel, weights_size);
    ImGui::TextWrapped("%s", tr(sentence));
}

/// Returns the fraction of equal values as text: "38 %".
std::string percent(const LabDifference& d) {
    return fmt::format("{:.0f} %", d.places > 0 ? 100.0 * d.equal / d.places : 100.0);
}

/// Draws the last column: max pooling of the convolution's output.
void pool_column(Frame& f, float size) {
    const LabSetup& s = f.states.of<Lab>().shown->request.setup;
    const int side = s.out_side() / s.pool;
    Board b{};
    if (board(f, "lab.pooled", tr_format("max pooling {0} x {0}", s.pool).c_str(),
              f.states.of<Lab>().shown->pooled.picture, side, size, b)) {
        const Size2 block = under_mouse(b);
        f.states.of<Lab>().view.panel = pooled;
        f.states.of<Lab>().view.unit = {block.h * s.pool, block.w * s.pool};
        tooltip(tr_format("Maximum of {0} x {0} values of the convolution: {1:+.4g}", s.pool,
                          f.states.of<Lab>().shown->pooled.values->at(0, 0, block.h, block.w))
                    .c_str());
    }
    const Size2 unit = lit_unit(f);
    if (f.states.of<Lab>().view.panel == pooled)
        b.box(std::min(unit.h / s.pool, side - 1), std::min(unit.w / s.pool, side - 1), 1, accent(), line_width());
    scale_numbers(f.states.of<Lab>().shown->pooled);
    ImGui::TextWrapped("%s", tr_format("of the convolution's output: {0} x {0} values, no weights", side).c_str());
    const LabDifference &mine = f.states.of<Lab>().shown->pooled_stayed,
                        &before = f.states.of<Lab>().shown->conv_stayed;
    f.map.state("lab.stayed", fmt::format("{} {} {} {}", mine.equal, mine.places, before.equal, before.places));
    if (f.states.of<Lab>().shown->request.shift == Size2{}) {
        ImGui::TextDisabled("%s", tr("not shifted yet"));
    } else {
        ImGui::TextUnformatted(tr("unchanged by the shift:"));
        tooltip(
            "Share of values that are equal at the same position before and after the shift; positions where both are "
            "zero are ignored");
        ImGui::PushFont(font(Type::title));
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(accent()));
        ImGui::TextUnformatted(percent(mine).c_str());
        ImGui::PopStyleColor();
        ImGui::PopFont();
        ImGui::TextWrapped("%s", tr_format("of the pooled values, {} of the convolution's", percent(before)).c_str());
    }
    ImGui::TextWrapped(
        "%s",
        tr("Each block passes on only its largest value. If a shift keeps this value in its block and brings no larger "
           "one in, the output stays the same."));
}

void columns(Frame& f) {
    const float em = ImGui::GetFontSize(), width = ImGui::GetContentRegionAvail().x,
                height = ImGui::GetContentRegionAvail().y;
    const int count = std::clamp(static_cast<int>(width / (em * 9)), 1, 5);
    if (!ImGui::BeginTable("lab.columns", count, ImGuiTableFlags_SizingStretchSame)) return;
    const float column = width / static_cast<float>(count) - ImGui::GetStyle().CellPadding.x * 2 - 1;
    const float size = std::floor(std::min(column, std::max(height * 0.4F, em * 9))),
                weights = std::floor(std::min(column, std::max(height * 0.2F, em * 5)));
    ImGui::TableNextColumn();
    input_column(f, size);
    ImGui::TableNextColumn();
    layer_column(f, full, "full", "fully connected", f.states.of<Lab>().shown->full,
                 "Every unit sees every pixel. Each connection has its own weight.", size, weights);
    ImGui::TableNextColumn();
    constexpr Word apart = "Every unit sees one patch and has its own kernel.";
    constexpr Word tied =
        "Tied: the same kernel at every position. This is a convolution: its output is bitwise equal to that of the "
        "convolution layer.";
    layer_column(f, local, "local", "locally connected", f.states.of<Lab>().shown->local,
                 f.states.of<Lab>().shown->same ? tied : apart, size, weights);
    ImGui::TableNextColumn();
    layer_column(
        f, conv, "conv", "convolution", f.states.of<Lab>().shown->conv,
        "Every unit sees one patch, and all units share one kernel, which detects its pattern at any position.", size,
        weights);
    ImGui::TableNextColumn();
    pool_column(f, size);
    ImGui::EndTable();
}

/// Draws the lab in lecture mode: the input and the layers that the scene shows, as large as they fit, each with its
/// number of weights and its weights.
void stage_columns(Frame& f) {
    const Lab& lab = f.states.of<Lab>();
    const LabShown& shown = *lab.shown;
    const float em = ImGui::GetFontSize(), gap = em;
    const ImVec2 room = ImGui::GetContentRegionAvail(), corner = ImGui::GetCursorScreenPos();
    const int count = 1 + std::popcount(lab.view.stage & 0xFU);
    const float title = font(Type::title)->FontSize * 1.3F, below = title * 1.2F, columns = static_cast<float>(count);
    const float size =
        std::floor(std::max(std::min((room.x - gap * (columns - 1)) / columns, room.y - title - below), em));
    const float left = corner.x + (room.x - size * columns - gap * (columns - 1)) / 2;
    const float top = corner.y + (room.y - size - title - below) / 2;
    int column = 0;
    const auto at = [&] { return ImVec2{left + static_cast<float>(column++) * (size + gap), top}; };
    const auto caption = [&](const Board& b, const std::string& words) {
        ImFont* large = font(Type::title);
        ImGui::GetWindowDrawList()->AddText(large, large->FontSize, {b.at.x, b.end().y + em * 0.3F}, accent(),
                                            words.c_str());
    };
    const LabSetup& s = shown.request.setup;
    Board b{};
    ImGui::SetCursorScreenPos(at());
    ImGui::BeginGroup();
    board(f, "lab.input", tr_format("input {0} x {0}", s.side).c_str(), shown.picture, s.side, size, b);
    drag_image(f, b);
    light_connections(f, b);
    ImGui::EndGroup();
    constexpr std::array<const char*, 4> ids{"full", "local", "conv", "pooled"};
    constexpr std::array<Word, 4> titles{"fully connected", "locally connected", "convolution", "max pooling"};
    const std::array<const LabPanel*, 4> panels{&shown.full, &shown.local, &shown.conv, &shown.pooled};
    const std::array<LayerCost, 3> costs{shown.costs.full, shown.costs.local, shown.costs.conv};
    for (int i = 0; i < 4; ++i) {
        const auto which = static_cast<std::size_t>(i);
        if ((lab.view.stage >> which & 1U) == 0) continue;
        ImGui::SetCursorScreenPos(at());
        ImGui::BeginGroup();
        const int side = i == pooled ? s.out_side() / s.pool : s.out_side();
        if (board(f, fmt::format("lab.{}", ids[which]).c_str(), titles[which], panels[which]->picture, side, size, b)) {
            LabView& v = f.states.of<Lab>().view;
            const Size2 unit = under_mouse(b);
            v.panel = i;
            v.unit = i == pooled ? Size2{unit.h * s.pool, unit.w * s.pool} : unit;
        }
        if (i != pooled) mark_unit(f, b, i);
        caption(b, i == pooled ? tr_format("{0} x {0} values", side)
                               : tr_format("{} weights", grouped(costs[which].weights)));
        ImGui::EndGroup();
    }
}

}  // namespace

void lab_panel(Frame& f) {
    if (!f.view.presenting) controls(f);
    if (!f.states.of<Lab>().shown) {
        ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Computing ...") : f.status.error.c_str());
        return;
    }
    f.map.state("lab.same", f.states.of<Lab>().shown->same ? "1" : "0");
    f.map.state("lab.shift", fmt::format("{} {}", f.states.of<Lab>().shown->request.shift.h,
                                         f.states.of<Lab>().shown->request.shift.w));
    f.map.state("lab.unit", fmt::format("{} {} {}", f.states.of<Lab>().view.panel, f.states.of<Lab>().view.unit.h,
                                        f.states.of<Lab>().view.unit.w));
    if (f.view.presenting) return stage_columns(f);
    ImGui::BeginChild("lab.scroll");
    columns(f);
    ImGui::EndChild();
}

}  // namespace convlens
