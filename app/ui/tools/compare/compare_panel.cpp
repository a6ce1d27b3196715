/// Draws the comparison: A and B side by side or by turns, their difference, and A scaled to [0,1] with and without
/// parentheses.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/compare/compare.h"
#include "app/ui/tools/compare/compared.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/view/fitting_text.h"

namespace convlens {
namespace {

/// Returns true if the page has one picture instead of two.
bool single(ComparePage page) {
    return page == ComparePage::a || page == ComparePage::b || page == ComparePage::difference;
}

/// Draws the row that selects B.
void target_row(Frame& f) {
    CompareTargetChoice& o = f.states.of<CompareRequest>().target;
    const float em = ImGui::GetFontSize();
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr(tight() ? "B:" : "A: current view, B:"));
    ImGui::SameLine();
    constexpr Words<5> names{"edge filters", "random, same shapes", "AlexNet's first layer", "kept as B",
                             "another layer"};
    int kind = static_cast<int>(o.kind);
    ImGui::SetNextItemWidth(em * 12);
    if (choice(f, "compare.b", names, kind,
               "Selects B. B gets the same normalized image as the current view (A). A set of kernels gets A's stride "
               "and the padding that makes its feature maps as large as A's, or its own values if no padding does"))
        o.kind = static_cast<CompareTarget>(kind);
    if (o.kind == CompareTarget::random) {
        same_line_if_fits(button_width("New"));
        if (button(f, "compare.again", "New", "Generates new random weights for B with the next seed")) ++o.seed;
    }
    if (o.kind == CompareTarget::layer) {
        std::vector<std::string_view> layers;
        for (std::size_t i = 0; i < f.chain.plan.runnable; ++i) layers.push_back(f.chain.plan.layers[i].name);
        auto at = std::find(layers.begin(), layers.end(), o.layer);
        int chosen = at == layers.end() ? 0 : static_cast<int>(at - layers.begin());
        same_line_if_fits(em * 10);
        ImGui::SetNextItemWidth(em * 10);
        if (!layers.empty()) {
            choice_as_shown(f, "compare.layer", layers, layers, chosen, "The layer of A's network to use as B");
            o.layer = layers[static_cast<std::size_t>(chosen)];
        }
    }
    same_line_if_fits(button_width("Keep as B"));
    if (button(f, "compare.keep", "Keep as B",
               "Keeps the current network, kernels, hyperparameters and layer as B, so that you can change A and "
               "compare")) {
        o.kind = CompareTarget::kept;
        o.kept = f.draft;
    }
}

/// Draws the row that selects the page.
void page_row(Frame& f) {
    CompareRequest& c = f.states.of<CompareRequest>();
    struct Page {
        ComparePage page;
        const char *id, *title, *tooltip_text;
    };
    constexpr Page pages[] = {
        {ComparePage::side_by_side, "compare.side", "Side by side", "Shows A and B next to each other"},
        {ComparePage::a, "compare.page.a", "A", "Shows only A; press b to toggle between A and B in the same place"},
        {ComparePage::b, "compare.page.b", "B", "Shows only B; press b to toggle between A and B in the same place"},
        {ComparePage::difference, "compare.difference", "A - B",
         "Shows the signed difference of each value: gray where A and B are equal, red where A is larger, blue where B "
         "is larger"},
        {ComparePage::normalized, "compare.normalized", "To [0,1]",
         "Shows the min-max normalization of A to [0,1], (y - y_min) / (y_max - y_min), next to the common mistake "
         "without the parentheses"}};
    for (const auto& p : pages) {
        if (&p != pages) same_line_if_fits(button_width(p.title));
        if (tab(f, p.id, p.title, p.tooltip_text, p.page == c.page)) c.page = p.page;
    }
    if (c.page == ComparePage::normalized) return;
    same_line_if_fits(ImGui::GetFrameHeight() + ImGui::CalcTextSize(tr("shared scale")).x + ImGui::GetFontSize());
    ImGui::Checkbox(tr_label("shared scale").c_str(), &c.one_scale);
    f.map.mark("compare.scale");
    tooltip("Uses one value range of the colormap for A, B and all channels; off uses the value range of the grid");
}

/// Draws the colorbar of a scale that applies to `what`.
void scale_bar(Frame& f, Colormap colormap, const Range& range, const char* what) {
    color_bar(f, "compare.bar", colormap, range, what);
    f.map.state("compare.scale", fmt::format("{:.6g} {:.6g}", range.lo, range.hi));
}

/// Draws wrapped text.
void words(const std::string& text) { ImGui::TextWrapped("%s", tr(text).c_str()); }

/// Draws the colorbar if one scale applies to everything on screen, otherwise a sentence about the scales.
void scale_row(Frame& f, const Compared& c) {
    if (c.request.page == ComparePage::normalized)
        return scale_bar(f, c.a.display.effective_colormap(), {0, 1}, "both sides");
    const ComparePicture& p = c.request.page == ComparePage::difference ? c.difference
                              : c.request.page == ComparePage::b        ? c.b
                                                                        : c.a;
    if (p.ranges.empty()) return;
    if (c.request.one_scale && c.request.page != ComparePage::difference)
        return scale_bar(f, p.display.effective_colormap(), p.ranges[0], "A and B, all channels");
    if (c.request.one_scale || p.channels.size() == 1)
        return scale_bar(f, p.display.effective_colormap(), p.ranges[0],
                         c.request.one_scale ? "A - B, all channels" : "this channel");
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("%s", tr("value range: as in the grid, separate for A and B"));
}

std::string number(const std::optional<float>& value) { return value ? fmt::format("{:+.5g}", *value) : tr("none"); }

/// Returns the calculation with parentheses of value `y` at `at`, whose result is `scaled`, and the one without, whose
/// result is `wrong`. `least` is the minimum as text.
std::string unit_text(const PixelPosition& at, float y, const std::string& least, float width, float scaled,
                      float wrong) {
    return tr_format(
        "channel {}, y {}, x {}: left ({:.4g} - {}) / {:.4g} = {:.4g}; right {:.4g} - {} / {:.4g} = {:.4g}", at.channel,
        at.y, at.x, y, least, width, scaled, y, least, width, wrong);
}

/// Returns a sentence about |A - B|; `equal` is in percent.
std::string difference_text(double largest, double mean, double equal, int most) {
    return tr_format("|A - B|: maximum {:.4g}, mean {:.4g}; {:.1f} % of the values are equal; channel {} differs most",
                     largest, mean, equal, most);
}

/// Returns a text with the values of both pictures at the position under the mouse.
std::string value_text(const Compared& c) {
    const ComparedValue& v = *c.value;
    if (c.request.page == ComparePage::normalized) {
        const UnitScaleNumbers& n = c.unit[static_cast<std::size_t>(v.a.channel)];
        const float y = v.value_a.value_or(0), width = n.values.hi - n.values.lo;
        if (n.flat)
            return tr_format(
                "channel {} has the value {:.4g} everywhere: y_max - y_min is 0, so the division is undefined",
                v.a.channel, y);
        const std::string least =
            n.values.lo < 0 ? fmt::format("({:.4g})", n.values.lo) : fmt::format("{:.4g}", n.values.lo);
        return unit_text(v.a, y, least, width, (y - n.values.lo) / width, y - n.shift);
    }
    std::string text = v.a == v.b ? tr_format("channel {}, y {}, x {}: A {}, B {}", v.a.channel, v.a.y, v.a.x,
                                              number(v.value_a), number(v.value_b))
                                  : tr_format("channel {}: A {} at y {}, x {}; B {} at y {}, x {}", v.a.channel,
                                              number(v.value_a), v.a.y, v.a.x, number(v.value_b), v.b.y, v.b.x);
    if (v.value_a && v.value_b) text += fmt::format("; A - B {:+.5g}", *v.value_a - *v.value_b);
    return text;
}

/// Returns a text with the statistics of A - B, or why there is no difference.
std::string difference_text(const Compared& c) {
    if (!c.no_difference.empty()) return c.no_difference;
    return difference_text(c.largest, c.mean,
                           c.count > 0 ? 100.0 * static_cast<double>(c.equal) / static_cast<double>(c.count) : 0.0,
                           c.most);
}

/// Returns the minimum and the maximum over all channels of one of their ranges.
Range all_of(const std::vector<UnitScaleNumbers>& unit, Range UnitScaleNumbers::*which) {
    Range all = unit[0].*which;
    for (const UnitScaleNumbers& n : unit) all = {std::min(all.lo, (n.*which).lo), std::max(all.hi, (n.*which).hi)};
    return all;
}

/// One grid on screen: finds the value under the mouse, and marks a value.
struct Area {
    const ComparePicture& picture;
    bool on_b;
    ImVec2 origin;  ///< Screen point of its upper left corner.

    /// Returns the value at a screen point; nullopt outside of the cells.
    std::optional<ComparePoint> under(ImVec2 mouse) const {
        const Rect region = picture.display.region.value_or(Rect{});
        const int px = static_cast<int>(mouse.x - origin.x) + region.x,
                  py = static_cast<int>(mouse.y - origin.y) + region.y;
        const auto cell = picture.layout.cell_at(px, py);
        if (!cell || mouse.x < origin.x || mouse.y < origin.y) return std::nullopt;
        const Rect r = picture.layout.cell_rect(*cell);
        const auto index = [](int at, int pixels, int count) {
            return std::min(static_cast<int>(std::int64_t{at} * count / pixels), count - 1);
        };
        return ComparePoint{on_b,
                            {picture.channels[static_cast<std::size_t>(*cell)], index(py - r.y, r.h, picture.shape.h),
                             index(px - r.x, r.w, picture.shape.w)}};
    }

    /// Draws a ring at the position if its channel is on screen.
    void ring(const PixelPosition& position) const {
        const auto cell = std::find(picture.channels.begin(), picture.channels.end(), position.channel);
        if (cell == picture.channels.end()) return;
        const Rect r = picture.layout.cell_rect(static_cast<int>(cell - picture.channels.begin())),
                   region = picture.display.region.value_or(Rect{});
        const auto along = [](int start, int seen, int length, int at, int count) {
            return static_cast<float>(start - seen) +
                   (static_cast<float>(at) + 0.5F) * static_cast<float>(length) / static_cast<float>(count);
        };
        const float line = hairline();
        const ImVec2 a{origin.x + static_cast<float>(r.x - region.x), origin.y + static_cast<float>(r.y - region.y)};
        if (picture.channels.size() > 1)
            ImGui::GetWindowDrawList()->AddRect(
                {a.x - line, a.y - line}, {a.x + static_cast<float>(r.w) + line, a.y + static_cast<float>(r.h) + line},
                accent(), 0, 0, 2 * line);
        position_ring(origin.x + along(r.x, region.x, r.w, position.x, picture.shape.w),
                      origin.y + along(r.y, region.y, r.h, position.y, picture.shape.h), picture.layout.cell);
    }
};

/// Zooms, scrolls and moves both pictures by the wheel and by dragging over one of them.
void move_view(CompareRequest& c, const Area& area, ImVec2 size) {
    const ImGuiIO& io = ImGui::GetIO();
    const auto height = static_cast<float>(area.picture.layout.height()),
               width = static_cast<float>(area.picture.layout.width());
    const auto cut = [](float center, float extent, float room) {
        return extent <= room ? 0.5F : std::clamp(center, room / 2 / extent, 1 - room / 2 / extent);
    };
    c.center_y = cut(c.center_y, height, size.y);
    c.center_x = cut(c.center_x, width, size.x);
    if (io.MouseWheel != 0 && ImGui::IsItemHovered()) {
        if (!io.KeyCtrl && c.zoom == 1 && height > size.y) {
            c.center_y = cut(c.center_y - io.MouseWheel * static_cast<float>(area.picture.layout.cell.h) / 2 / height,
                             height, size.y);
        } else {
            c.zoom = std::clamp(c.zoom * std::pow(1.2F, io.MouseWheel), 1.0F, 64.0F);
        }
    }
    if (ImGui::IsItemActive() && ImGui::IsMouseDragging(0, 4)) {
        c.center_x = cut(c.center_x - io.MouseDelta.x / width, width, size.x);
        c.center_y = cut(c.center_y - io.MouseDelta.y / height, height, size.y);
    }
}

/// Draws one picture below its title of height `line`, in an area of `size` pixels at ImGui's cursor. If `pointed`,
/// marks the position under the mouse, also while the mouse is over the other picture. Handles the mouse over the
/// picture.
void side(Frame& f, const ComparePicture& p, bool on_b, bool pointed, const char* id, const std::string& title,
          ImVec2 size, float line) {
    CompareRequest& c = f.states.of<CompareRequest>();
    const Compared& shown = *f.shown->answer<Compared>();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + size.x);
    ImGui::TextUnformatted(
        tight()
            ? fitting_text(title, size.x, [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; })
                  .c_str()
            : title.c_str());
    ImGui::PopTextWrapPos();
    tooltip_as_shown(title.c_str());
    ImGui::SetCursorScreenPos({at.x, at.y + line});
    const ImVec2 room{size.x, std::max(size.y - line, 16.0F)};
    ImGui::InvisibleButton(id, room);
    take_wheel();
    f.map.mark(id);
    if (!p.picture) return;
    const bool stale = (f.status.busy && f.status.busy_seconds > 0.1) || f.status.outdated;
    const auto w = static_cast<float>(p.picture->width), h = static_cast<float>(p.picture->height);
    const Area area{p, on_b, {at.x + std::floor(std::max(0.0F, room.x - w) / 2), at.y + line}};
    ImGui::PushClipRect(area.origin, {area.origin.x + std::min(w, room.x), area.origin.y + std::min(h, room.y)}, true);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(p.picture)), area.origin,
                                         {area.origin.x + w, area.origin.y + h}, {0, 0}, {1, 1},
                                         stale ? IM_COL32(255, 255, 255, 150) : IM_COL32_WHITE);
    if (shown.value && pointed) area.ring(on_b ? shown.value->b : shown.value->a);
    ImGui::PopClipRect();
    const ImVec2 drag = ImGui::GetMouseDragDelta(0, 4);
    if (ImGui::IsItemHovered()) c.point = area.under(ImGui::GetIO().MousePos);
    if (ImGui::IsItemHovered() && c.point && ImGui::IsItemDeactivated() && drag.x == 0 && drag.y == 0) {
        c.channel = c.channel ? std::nullopt : std::optional(c.point->position.channel);
        c.zoom = 1;
    }
    move_view(c, area, room);
}

/// Returns a title like "A: 64 edge filters, conv1, 64 x 269 x 479".
std::string title_of(const char* letter, const ComparePicture& p) {
    return fmt::format("{}: {}, {}, {} x {} x {}", letter, p.title, p.layer, p.shape.c, p.shape.h, p.shape.w);
}

/// Returns the statistics of the channels on screen: of all channels, or of the enlarged one.
std::vector<UnitScaleNumbers> unit_on_screen(const Compared& c) {
    const bool alone = c.request.channel && static_cast<std::size_t>(*c.request.channel) < c.unit.size();
    return alone ? std::vector{c.unit[static_cast<std::size_t>(*c.request.channel)]} : c.unit;
}

/// Returns the titles of the two pictures: each formula with the range of its results.
std::array<std::string, 2> unit_titles(const Compared& c) {
    const std::vector<UnitScaleNumbers> shown = unit_on_screen(c);
    const Range intended = all_of(shown, &UnitScaleNumbers::intended),
                unbracketed = all_of(shown, &UnitScaleNumbers::unbracketed);
    return {tr_format("(y - y_min) / (y_max - y_min): {:.4g} to {:.4g}", intended.lo, intended.hi),
            tr_format("y - y_min / (y_max - y_min): {:+.4g} to {:+.4g}", unbracketed.lo, unbracketed.hi)};
}

/// Draws the explanation of the mistake without parentheses.
void unit_words(Frame& f, const Compared& c) {
    double outside = 0;
    const std::vector<UnitScaleNumbers> shown = unit_on_screen(c);
    for (const UnitScaleNumbers& n : shown) outside += n.outside / static_cast<double>(shown.size());
    const std::string why = tr(
        "Division comes before subtraction: without parentheses only y_min is divided, and every value of a channel is "
        "shifted by the same constant, y_min / (y_max - y_min). ");
    const std::string seen = tr_format(
        "The range keeps its width and is not [0,1]: {:.1f} % of the values on the right are outside, drawn in light "
        "blue below 0 and in pink above 1.",
        100 * outside);
    words(tight() ? tr_format("{:.1f} % of the values on the right are outside [0,1]", 100 * outside) : why + seen);
    if (tight()) tooltip((why + seen).c_str());
    f.map.mark("compare.why");
    f.map.state("compare.outside", fmt::format("{:.6f}", outside));
}

/// Draws everything above the pictures.
void header(Frame& f, const Compared& c) {
    scale_row(f, c);
    if (!c.error.empty()) words(tr_format("B is not available: {}", c.error));
    if (!c.note.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
        words(c.note);
        ImGui::PopStyleColor();
    }
    if (c.request.page == ComparePage::normalized && !c.unit.empty()) unit_words(f, c);
    const bool pointed = c.value && f.states.of<CompareRequest>().point,
               unit = c.request.page == ComparePage::normalized;
    // Reserves space for the longest text, so that the pictures do not move.
    const std::string longest = unit ? unit_text({888, 888, 888}, -8.888F, "(-8.888)", 8.888F, 0.8888F, -8.888F)
                                     : difference_text(0.08888, 0.08888, 88.8, 888);
    const float top = ImGui::GetCursorPosY(),
                height = ImGui::CalcTextSize(longest.c_str(), nullptr, false, ImGui::GetContentRegionAvail().x).y;
    words(pointed           ? value_text(c)
          : unit            ? "Hover over a value to see both calculations; click a channel to enlarge it."
          : c.error.empty() ? difference_text(c)
                            : "");
    f.map.mark("compare.text");
    ImGui::SetCursorPosY(std::max(ImGui::GetCursorPosY(), top + height + ImGui::GetStyle().ItemSpacing.y));
}

/// Draws one or two pictures and sets the size to request.
void pictures(Frame& f, const Compared& c) {
    const float gap = ImGui::GetFontSize();
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const ComparePage page = f.states.of<CompareRequest>().page;
    const bool one = single(page);
    const bool unit = page == ComparePage::normalized;
    const ImVec2 size{one ? room.x : std::floor((room.x - gap) / 2),
                      std::max(std::floor(room.y), ImGui::GetFontSize() * (tight() ? 6.0F : 14.0F))};
    const auto titles = unit && !c.unit.empty()
                            ? unit_titles(c)
                            : std::array{title_of("A", c.a), c.b.picture ? title_of("B", c.b) : std::string("B")};
    float line = 0;
    for (const std::string& title : titles)
        line = std::max(line, ImGui::CalcTextSize(title.c_str(), nullptr, false, tight() ? -1.0F : size.x).y +
                                  ImGui::GetStyle().ItemSpacing.y);
    const auto pixels = [](float extent) { return std::clamp(static_cast<int>(extent), 16, max_picture_side); };
    f.states.of<CompareRequest>().area = {pixels(size.y - line), pixels(size.x)};
    const bool pointed = f.states.of<CompareRequest>().point.has_value();
    f.states.of<CompareRequest>().point.reset();
    const auto drawn_with = [&](ComparePage p) { return (page == p) == (c.request.page == p); };
    if (single(c.request.page) != one || !drawn_with(ComparePage::normalized) || !drawn_with(ComparePage::difference))
        return ImGui::Dummy(size);  // the worker's answer is for another page
    if (page == ComparePage::difference)
        return side(f, c.difference, false, pointed, "compare.a", c.no_difference.empty() ? "A - B" : c.no_difference,
                    size, line);
    if (page == ComparePage::b) return side(f, c.b, true, pointed, "compare.b.grid", titles[1], size, line);
    side(f, c.a, false, pointed, "compare.a", titles[0], size, line);
    if (page == ComparePage::a) return;
    ImGui::SetCursorScreenPos({at.x + size.x + gap, at.y});
    side(f, c.b, true, pointed, "compare.b.grid", titles[1], size, line);
}

/// Writes the states that tests check.
void states(Frame& f, const Compared& c) {
    f.map.state("compare.page", fmt::format("{}", static_cast<int>(c.request.page)));
    f.map.state("compare.target", fmt::format("{}", static_cast<int>(c.request.target.kind)));
    f.map.state("compare.shapes", fmt::format("{} {}", to_string(c.a.shape), c.b.picture ? to_string(c.b.shape) : "-"));
    f.map.state("compare.titles", fmt::format("{} | {}", c.a.title, c.b.title));
    f.map.state("compare.difference", c.error.empty() && c.no_difference.empty()
                                          ? fmt::format("{:.6g} {:.6g} {} {}", c.largest, c.mean, c.equal, c.count)
                                          : "-");
    f.map.state("compare.value",
                c.value ? fmt::format("{} {}", number(c.value->value_a), number(c.value->value_b)) : "-");
    f.map.state("compare.channel", c.request.channel ? fmt::format("{}", *c.request.channel) : "-");
    const auto range = [](const ComparePicture& p) {
        return p.ranges.empty() ? std::string("-") : fmt::format("{:.6g} {:.6g}", p.ranges[0].lo, p.ranges[0].hi);
    };
    f.map.state("compare.ranges", fmt::format("{} {}", range(c.a), range(c.b)));
    if (!c.unit.empty())
        f.map.state("compare.unit",
                    fmt::format("{:.6g} {:.6g} {:.6g} {:.6g}", all_of(c.unit, &UnitScaleNumbers::intended).lo,
                                all_of(c.unit, &UnitScaleNumbers::intended).hi,
                                all_of(c.unit, &UnitScaleNumbers::unbracketed).lo,
                                all_of(c.unit, &UnitScaleNumbers::unbracketed).hi));
}

}  // namespace

void compare_panel(Frame& f) {
    target_row(f);
    page_row(f);
    const Compared* c = f.shown ? f.shown->answer<Compared>() : nullptr;
    if (!c) {
        ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Computing ...") : f.status.error.c_str());
        const ImVec2 room = ImGui::GetContentRegionAvail();
        f.states.of<CompareRequest>().area = {std::clamp(static_cast<int>(room.y), 16, max_picture_side),
                                              std::clamp(static_cast<int>(room.x / 2), 16, max_picture_side)};
        return;
    }
    ImGui::BeginChild("compare.scroll");  // scrolls if there is still too little space
    ImGui::PushFont(font(tight() ? Type::small : Type::body));
    header(f, *c);
    pictures(f, *c);
    ImGui::PopFont();
    ImGui::EndChild();
    states(f, *c);
}

}  // namespace convlens
