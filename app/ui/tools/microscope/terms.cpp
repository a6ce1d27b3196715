/// Draws the patches, kernels and products of an explanation, or the list of its largest terms.
#include "app/ui/tools/microscope/terms.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/ui/language.h"
#include "app/ui/widgets/cells.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

constexpr ImU32 box_color = IM_COL32(255, 180, 70, 255);

/// Draws a cell of padding, which holds no value: gray with a diagonal line.
void padding_cell(ImVec2 at, float cell) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + cell, at.y + cell}, IM_COL32(120, 120, 120, 255));
    draw.AddLine({at.x, at.y + cell}, {at.x + cell, at.y}, IM_COL32(70, 70, 70, 255), std::max(1.0F, cell / 16));
}

/// The cells of one input channel, in rows and columns as in the layer's window.
struct Cells {
    const Explanation& e;
    const TermColors& palette;
    float cell;   ///< Side of a cell in pixels.
    int hovered;  ///< Index of the hovered term in its channel, or -1.
    int winner;   ///< Index of the maximum of a max pooling in its channel, or -1.

    float width() const { return cell * static_cast<float>(e.window.w); }
    float height() const { return cell * static_cast<float>(e.window.h); }

    ImVec2 corner(ImVec2 at, int i) const {
        return {at.x + static_cast<float>(i % e.window.w) * cell, at.y + static_cast<float>(i / e.window.w) * cell};
    }

    void draw(ImVec2 at, std::span<const Term> terms, TermPart part) const {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const float gap = cell > 6 ? 1 : 0;
        std::vector<double> numbers;
        for (const Term& t : terms) numbers.push_back(number_of(t, part));
        const int digits = fitting_digits(numbers, cell, part != TermPart::value);
        for (int i = 0; i < static_cast<int>(terms.size()); ++i) {
            const Term& t = terms[static_cast<std::size_t>(i)];
            const ImVec2 a = corner(at, i);
            if (part == TermPart::value && t.padding()) {
                padding_cell(a, cell - gap);
            } else {
                const double shown = number_of(t, part);
                const ImU32 background_color = packed(palette.of(t, part));
                list.AddRectFilled(a, {a.x + cell - gap, a.y + cell - gap}, background_color);
                if (digits >= 0)
                    number_in(a.x, a.y, cell - gap, short_number(shown, digits, part != TermPart::value),
                              background_color);
            }
            const float line = std::max(1.5F, cell / 12);
            if (i == winner) list.AddRect(a, {a.x + cell - gap, a.y + cell - gap}, accent(), 0, 0, 2 * line);
            if (i == hovered) list.AddRect(a, {a.x + cell - gap, a.y + cell - gap}, box_color, 0, 0, line);
        }
    }
};

/// Returns "channel 0, y 3, x 4", or "padding of channel 0".
std::string place_of(const Term& t) {
    return t.padding() ? tr_format("padding of channel {}", t.from.channel)
                       : tr_format("channel {}, y {}, x {}", t.from.channel, t.from.y, t.from.x);
}

/// Shows the tooltip of a term. `where` says where its value comes from, `weight` names its weight.
void term_tip(const Explanation& e, const Term& t, const std::string& where, const std::string& weight) {
    ImGui::BeginTooltip();
    if (e.has_weights())
        ImGui::TextUnformatted(
            tr_format("{}: {:.6g}\n{}: {:+.6g}\nproduct {:+.6g}", where, t.value, weight, t.weight, t.product).c_str());
    else
        ImGui::TextUnformatted(t.padding() ? where.c_str() : fmt::format("{}: {:.6g}", where, t.value).c_str());
    ImGui::EndTooltip();
}

/// Draws text at the right end of the current line.
void right_aligned(const std::string& text, unsigned color) {
    const float x = ImGui::GetWindowContentRegionMax().x - ImGui::CalcTextSize(text.c_str()).x;
    ImGui::SameLine(std::max(x, ImGui::GetCursorPosX()));
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(color));
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopStyleColor();
}

std::string signed_number(double value) { return fmt::format("{:+.5f}", value); }

/// Draws a name with a tooltip and, at the right end of the line, a number.
void line(const char* name, double value, const char* tooltip_text) {
    ImGui::TextDisabled("%s", tr(name));
    tooltip(tooltip_text);
    right_aligned(signed_number(value), ImGui::GetColorU32(ImGuiCol_Text));
}

/// Positions of patch, kernel and products: side by side, or one below the other if they are too wide.
struct Arrangement {
    float cell, between;  ///< Side of a cell, and space between two parts, in pixels.
    bool beside;          ///< Whether the parts are side by side.
    int parts;            ///< 3 for patch, kernel and products; 1 for the patch alone.

    Arrangement(const Explanation& e, float room, float zoom, int parts_) : parts(parts_) {
        const float em = ImGui::GetFontSize(), columns = static_cast<float>(e.window.w);
        between = em * 1.1F;
        const float fit = (room - between * static_cast<float>(parts - 1)) / (columns * static_cast<float>(parts));
        cell = std::floor(std::clamp(std::min(fit, em * 3.2F) * zoom, 2.0F, em * 6));
        beside = (cell * columns + between) * static_cast<float>(parts) - between <= room + 1;
    }
    ImVec2 origin(const Cells& cells, ImVec2 at, int part) const {
        const auto i = static_cast<float>(part);
        return beside ? ImVec2{at.x + i * (cells.width() + between), at.y}
                      : ImVec2{at.x, at.y + i * (cells.height() + between)};
    }
    ImVec2 extent(const Cells& cells) const {
        const auto n = static_cast<float>(parts);
        return beside ? ImVec2{n * (cells.width() + between) - between, cells.height()}
                      : ImVec2{cells.width(), n * (cells.height() + between) - between};
    }
};

/// Draws "patch x kernel = products" above the first channel.
void heading(const Explanation& e, const TermColors& palette, const Arrangement& a) {
    const Cells cells{e, palette, a.cell, -1, -1};
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushFont(font(Type::small));
    const char* first = tr(e.inputs.empty() ? "patch" : "inputs");
    const char* titles[] = {first, a.beside ? tr("x kernel") : first, a.beside ? tr("= products") : first};
    ImGui::Dummy({1, ImGui::GetTextLineHeight()});
    for (int i = 0; i < (a.beside ? a.parts : 0); ++i)
        ImGui::GetWindowDrawList()->AddText({a.origin(cells, at, i).x, at.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                                            titles[i]);
    if (!a.beside)
        ImGui::GetWindowDrawList()->AddText(at, ImGui::GetColorU32(ImGuiCol_TextDisabled),
                                            a.parts == 3 ? tr("patch, x kernel, = products") : first);
    ImGui::PopFont();
}

/// Draws one input channel, e.first_channel + index: its name, its cells and its subtotal.
void channel_terms(const Explanation& e, int input_channels, const TermColors& palette, const Arrangement& a,
                   int index) {
    const auto terms = e.channel(index);
    const int channel = e.first_channel + index;
    ImGui::PushID(index);
    const bool joins = !e.inputs.empty();
    const unsigned color = joins ? ImGui::GetColorU32(ImGuiCol_Text) : channel_color(e.source, input_channels, channel);
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::ColorConvertU32ToFloat4(color));
    ImGui::TextUnformatted(joins ? e.inputs[static_cast<std::size_t>(index)].c_str()
                                 : channel_name(e.source, input_channels, channel).c_str());
    ImGui::PopStyleColor();
    if (e.rule == TermRule::sum)
        right_aligned(signed_number(e.subtotals[static_cast<std::size_t>(index)]), ImGui::GetColorU32(ImGuiCol_Text));

    const int count = static_cast<int>(terms.size());
    Cells cells{e, palette, a.cell, -1, e.winner >= 0 && e.winner / count == index ? e.winner % count : -1};
    const ImVec2 at = ImGui::GetCursorScreenPos(), extent = a.extent(cells);
    ImGui::InvisibleButton("terms", {std::max(extent.x, 1.0F), std::max(extent.y, 1.0F)});
    if (ImGui::IsItemVisible()) {
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        for (int part = 0; ImGui::IsItemHovered() && part < a.parts; ++part) {
            const ImVec2 o = a.origin(cells, at, part);
            const int x = static_cast<int>(std::floor((mouse.x - o.x) / a.cell)),
                      y = static_cast<int>(std::floor((mouse.y - o.y) / a.cell));
            if (x >= 0 && x < e.window.w && y >= 0 && y < e.window.h) cells.hovered = y * e.window.w + x;
        }
        constexpr TermPart all[] = {TermPart::value, TermPart::weight, TermPart::product};
        for (int part = 0; part < a.parts; ++part) cells.draw(a.origin(cells, at, part), terms, all[part]);
        if (cells.hovered >= 0) {
            const Term& t = terms[static_cast<std::size_t>(cells.hovered)];
            term_tip(e, t, place_of(t), tr_format("kernel row {}, column {}", t.ky, t.kx));
        }
    }
    ImGui::PopID();
}

/// Returns where the value of a term comes from: "channel 3, y 1, x 2". If the layer's input has one value per channel,
/// as after a Flatten, returns the position in the feature maps that were flattened: "pool2 channel 3, y 1, x 2". If
/// there are none, returns the name of the layer before and the index of the value: "fc1 12".
std::string term_source(const Network& network, const ValueExplanation& why, const Term& t) {
    const Explanation& e = *why.explanation;
    if (!e.inputs.empty())
        return fmt::format("{} {}", e.inputs[static_cast<std::size_t>(&t - e.terms.data())], t.from.channel);
    if (e.window.h * e.window.w > 1 || e.source == 0)
        return tr_format("channel {}, y {}, x {}", t.from.channel, t.from.y, t.from.x);
    for (std::size_t i = e.source; i > 0;) {  // finds the layer whose maps were flattened
        const PathStep& p = why.path[i];
        const int plane = p.map.h * p.map.w;
        if (plane > 1 && plane * p.channels == e.channels)
            return tr_format("{} channel {}, y {}, x {}", p.name, t.from.channel / plane,
                             t.from.channel % plane / p.map.w, t.from.channel % p.map.w);
        const Operation& made_by = network.layers[i - 1].operation;
        const std::vector<int> inputs = inputs_of(network.layers, static_cast<int>(i) - 1);
        if (plane > 1 || inputs.size() > 1 || !pointwise(made_by)) break;
        i = static_cast<std::size_t>(inputs.front() + 1);
    }
    return fmt::format("{} {}", why.path[e.source].name, t.from.channel);
}

/// Draws the largest contributions as bars, and the sum of all others.
void contributions(Frame& f, const ValueExplanation& why) {
    const Explanation& e = *why.explanation;
    constexpr std::size_t most = 40;
    const auto order = largest_terms(e, most);
    const std::size_t shown = order.size();
    const double largest = shown > 0 ? std::abs(e.terms[order[0]].product) : 0;
    ImGui::TextDisabled("%s", tr_format("The {} largest of {} contributions", shown, e.terms.size()).c_str());
    double rest =
        std::accumulate(e.terms.begin(), e.terms.end(), 0.0, [](double sum, const Term& t) { return sum + t.product; });
    for (std::size_t i = 0; i < shown; ++i) {
        const Term& t = e.terms[order[i]];
        const std::string source = term_source(f.shown->network, why, t);
        rest -= t.product;
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float height = ImGui::GetTextLineHeight(), width = ImGui::GetContentRegionAvail().x;
        const auto length = static_cast<float>(largest > 0 ? std::abs(t.product) / largest : 0) * width;
        ImGui::GetWindowDrawList()->AddRectFilled(
            at, {at.x + length, at.y + height}, t.product < 0 ? IM_COL32(90, 130, 220, 90) : IM_COL32(205, 95, 80, 90));
        ImGui::TextUnformatted(source.c_str());
        if (i == 0) f.map.mark("contribution.0");
        right_aligned(e.rule == TermRule::softmax ? fmt::format("{:.4f}", t.product) : signed_number(t.product),
                      ImGui::GetColorU32(ImGuiCol_Text));
        if (ImGui::IsMouseHoveringRect(at, {at.x + width, at.y + height})) term_tip(e, t, source, tr("weight"));
    }
    if (shown < e.terms.size()) line("sum of all others", rest, "Sum of the contributions that are not listed");
}

/// Draws the bias, the total, the results of the pointwise layers, and the value in the grid.
void sums(const Explanation& e) {
    ImGui::Separator();
    if (e.bias)
        line("bias", static_cast<double>(*e.bias), "The kernel's bias, which is added to every value of its channel");
    constexpr Word names[] = {"total", "maximum", "mean", "share", "value", "product"};
    if (e.rule == TermRule::mean) ImGui::TextDisabled("%s", tr_format("sum of the values / {}", e.divisor).c_str());
    constexpr Word tooltip_texts[] = {"Sum of all products and the bias, computed in double precision",
                                      "Largest value in the window; padding is never the maximum",
                                      "Sum of the values in the window divided by the divisor",
                                      "exp(x) of this channel divided by the sum of exp(x) over all channels",
                                      "Value of the network's input",
                                      "Product of the values of all inputs"};
    line(names[static_cast<std::size_t>(e.rule)], e.total, tooltip_texts[static_cast<std::size_t>(e.rule)]);
    for (const PointwiseStep& s : e.steps) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        ImGui::TextWrapped("%s: %s", s.layer.c_str(), s.formula.c_str());
        ImGui::PopStyleColor();
        line(s.beyond ? "  would give" : "  gives", s.value, "Result of the layer for the value above");
    }
    line("in the grid", static_cast<double>(e.shown), "The value in the grid, computed in single precision");
}

}  // namespace

unsigned channel_color(std::size_t depth, int channels, int channel) {
    const auto color = channel_rgba(depth, channels, channel);
    return color ? packed(*color) : ImGui::GetColorU32(ImGuiCol_Text);
}

void draw_terms(Frame& f, const ValueExplanation& why, float zoom) {
    const Explanation& e = *why.explanation;
    if (is_list(e)) {
        contributions(f, why);
    } else {
        const TermColors palette(e);
        const Arrangement arrangement(e, ImGui::GetContentRegionAvail().x, zoom, e.has_weights() ? 3 : 1);
        heading(e, palette, arrangement);
        f.map.mark("terms");
        for (const int i : channel_order(e)) channel_terms(e, why.path[e.source].channels, palette, arrangement, i);
    }
    sums(e);
    f.map.mark("total");
}

void draw_boxed(unsigned texture, float x, float y, float width, float height, Size2 map, const Rect& box) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(texture), {x, y}, {x + width, y + height});
    if (box.w == 0) return;
    const float sx = width / static_cast<float>(map.w), sy = height / static_cast<float>(map.h);
    ImVec2 a{x + static_cast<float>(box.x) * sx, y + static_cast<float>(box.y) * sy};
    ImVec2 b{a.x + static_cast<float>(box.w) * sx, a.y + static_cast<float>(box.h) * sy};
    const float least = ImGui::GetFontSize() / 3;  // keeps the box of a single pixel visible
    if (b.x - a.x < least) a.x = (a.x + b.x - least) / 2, b.x = a.x + least;
    if (b.y - a.y < least) a.y = (a.y + b.y - least) / 2, b.y = a.y + least;
    const float line = std::max(1.0F, std::round(ImGui::GetFontSize() / 12));
    draw.AddRect({a.x - line, a.y - line}, {b.x + line, b.y + line}, IM_COL32(0, 0, 0, 220), 0, 0, 3 * line);
    draw.AddRect({a.x - line, a.y - line}, {b.x + line, b.y + line}, box_color, 0, 0, line);
}

void draw_path(Frame& f, const ValueExplanation& all, float height, int rows) {
    ValueExplanation why = all;
    std::erase_if(why.path, [](const PathStep& p) { return !p.picture; });
    if (rows > 1 && why.path.size() > 5) why.path.erase(why.path.begin() + 1, why.path.end() - 3);
    const auto title_of = [](const PathStep& p) {
        return p.channel < 0 ? tr("input") : fmt::format("{} [{}]", p.name, p.channel);
    };
    ImFont* small = font(Type::small);
    const auto width_of = [&](const PathStep& p) {
        return height * std::clamp(static_cast<float>(p.map.w) / static_cast<float>(p.map.h), 0.3F, 2.0F);
    };
    const auto column_of = [&](const PathStep& p) {
        return std::max(width_of(p), small->CalcTextSizeA(small->FontSize, 1000, 0, title_of(p).c_str()).x);
    };
    const float room = ImGui::GetContentRegionAvail().x, gap = ImGui::GetStyle().ItemSpacing.x;
    const auto rows_needed = [&] {
        int needed = 1;
        float x = 0;
        for (const PathStep& p : why.path) {
            if (x > 0 && x + column_of(p) > room) ++needed, x = 0;
            x += column_of(p) + gap;
        }
        return needed;
    };
    while (rows_needed() > rows && height > ImGui::GetFontSize() * 2) height *= 0.9F;
    for (std::size_t i = 0; i < why.path.size(); ++i) {
        const PathStep& p = why.path[i];
        const float width = width_of(p), column = column_of(p);
        const std::string title = title_of(p);
        if (i > 0) same_line_if_fits(column);
        ImGui::BeginGroup();
        ImGui::PushFont(font(Type::small));
        ImGui::TextDisabled("%s", title.c_str());
        ImGui::PopFont();
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::Dummy({width, height});
        draw_boxed(f.textures.of(p.picture), at.x, at.y, width, height, p.map, p.box);
        ImGui::EndGroup();
        f.map.mark(fmt::format("path.{}", p.name));
        const bool last = i + 1 == why.path.size();
        tooltip(last
                    ? "The feature map that contains the value"
                    : tr_format(
                          "{}: {} x {} x {}; the value depends only on the {} x {} values in the box (receptive field)",
                          p.channel < 0 ? tr("input") : p.name, p.channels, p.map.h, p.map.w, p.box.h, p.box.w)
                          .c_str());
    }
}

}  // namespace convlens
