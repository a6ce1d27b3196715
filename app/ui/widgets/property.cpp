/// Draws the elements of panels and handles typed numbers.
#include "app/ui/widgets/property.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "app/ui/language.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// State of the slider that the user has turned into a text field by a double click, and of the last clicked slider.
struct TypedNumber {
    unsigned id = 0;       ///< Dear ImGui's id of the slider; 0 if there is none.
    bool focused = false;  ///< Whether the text field has had the keyboard focus.
    int seen = 0;  ///< The frame in which the text field was last drawn: a row may disappear while its number is typed.
    unsigned clicked = 0;  ///< Id of the last clicked slider.
    int before_click = 0;  ///< Value of that slider before the click, which a double click restores.
};

/// Returns the MousePointer of the current context.
MousePointer& pointer() { return *static_cast<MousePointer*>(ImGui::GetIO().UserData); }

/// Draws a slider that becomes a text field on a double click. If not `undoable`, a double click restores the value
/// without undo. Returns true if the value has changed.
bool number(Frame& f, const char* id, int& value, int lowest, int highest, int default_value, bool undoable = true) {
    auto& typing = f.states.of<TypedNumber>();
    const ImGuiID key = ImGui::GetID(id);
    const int before = value;
    if (typing.id != 0 && typing.seen < ImGui::GetFrameCount() - 1) typing = {};
    if (typing.id == key) {
        typing.seen = ImGui::GetFrameCount();
        const std::string field = std::string("##typed") + id;
        if (!typing.focused) ImGui::SetKeyboardFocusHere();
        ImGui::InputInt(field.c_str(), &value, 0, 0, ImGuiInputTextFlags_AutoSelectAll);
        if (ImGui::IsItemActive()) typing.focused = true;
        if (typing.focused && ImGui::IsItemDeactivated()) typing = {};
        return value != before;
    }
    ImGui::SliderInt(id, &value, lowest, highest);
    if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0)) {
        value = before;
        // The first of the two clicks has moved the slider: restores its value.
        if (typing.clicked == key && typing.before_click != before) {
            if (undoable)
                ++f.requests.undo;
            else
                value = typing.before_click;
        }
        typing = {key, false, ImGui::GetFrameCount(), 0, 0};
        ImGui::ClearActiveID();
    } else if (ImGui::IsItemActivated()) {
        typing = {0, false, 0, key, before};
    }
    if (ImGui::IsItemHovered() && ImGui::IsMouseClicked(1)) value = default_value;
    return value != before;
}

/// Shows the tooltip of a number, with how to type and reset it.
void number_tip(const char* tooltip_text, int default_value) {
    tooltip(tr_format("{}.\nDouble-click to type a value, right-click to reset to {}.", tr(tooltip_text), default_value)
                .c_str());
}

constexpr float fade_em = 1.4F;  ///< Height of the faded rows at an edge of a window, in font sizes.

/// Returns the height of the part of the current window that pin_top() has declared; 0 if there is none.
float& pinned_height() {
    ImGuiWindow& window = *ImGui::GetCurrentWindow();
    return *window.StateStorage.GetFloatRef(ImHashStr("pinned"), 0);
}

/// Makes the next item so wide that the names of a choice fit, or at least the selected one, as far as there is room.
/// Returns false if that one does not fit.
bool widen_for(std::span<const std::string_view> shown, const std::string& selected) {
    const float arrow = ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().FramePadding.x;
    const float needed = ImGui::CalcTextSize(selected.c_str()).x + arrow;
    float width = std::max(ImGui::CalcItemWidth(), needed);
    for (const std::string_view name : shown.size() <= 12 ? shown : std::span<const std::string_view>())
        width = std::max(width, ImGui::CalcTextSize(std::string(name).c_str()).x + arrow);
    const float room = ImGui::GetContentRegionAvail().x;
    if (ImGui::CalcItemWidth() < std::min(width, room)) ImGui::SetNextItemWidth(std::min(width, room));
    return needed <= room;
}

/// Begins a list whose selected name is wider than the list: draws it in small type, as much as fits. The font of the
/// window stays as it is, because the current window is another one when the list is open.
bool begin_narrow_list(const char* label, const std::string& selected, ImGuiComboFlags flags) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos(), padding = ImGui::GetStyle().FramePadding;
    const float height = ImGui::GetFrameHeight(), end = at.x + ImGui::CalcItemWidth() - height;
    const ImU32 color = ImGui::GetColorU32(ImGuiCol_Text);
    const bool open = ImGui::BeginCombo(label, "", flags);
    ImFont* const small = font(Type::small);
    const ImVec4 clip{at.x, at.y, end, at.y + height};
    draw.AddText(small, small->FontSize, {at.x + padding.x, at.y + (height - small->FontSize) / 2}, color,
                 selected.c_str(), nullptr, 0, &clip);
    return open;
}

/// Returns the width of the column of labels.
float label_width() { return ImGui::GetWindowContentRegionMax().x * 0.42F; }

}  // namespace

void watch_mouse() {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0 || ImGui::IsAnyMouseDown()) pointer().moved = ImGui::GetTime();
}

double tooltip_delay() {
    const double rested = ImGui::GetTime() - pointer().moved, settling = 0.3;
    return rested < tip_delay_seconds + settling ? 0.2 : 1e9;
}

void same_line_if_fits(float width) {
    const float right = ImGui::GetItemRectMax().x + ImGui::GetStyle().ItemSpacing.x + width;
    if (right <= ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x) ImGui::SameLine();
}

void tooltip(const char* text) { tooltip_as_shown(tr(text)); }

void tooltip_as_shown(const char* text) {
    if (ImGui::GetTime() - pointer().moved < tip_delay_seconds) return;
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * 22);
    ImGui::TextUnformatted(text);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}

bool tight() { return ImGui::GetIO().DisplaySize.y < font(Type::body)->FontSize * 30; }

void section(const char* title) {
    ImGui::Dummy({0, ImGui::GetStyle().ItemSpacing.y});
    ImGui::PushFont(font(Type::small));
    ImGui::TextDisabled("%s", tr(title));
    ImGui::PopFont();
}

void label(const char* name, const char* tooltip_text) {
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr(name));
    tooltip(tooltip_text);
    const float gap = ImGui::GetStyle().ItemInnerSpacing.x, end = ImGui::GetItemRectMax().x - ImGui::GetWindowPos().x;
    if (end + gap / 2 <= label_width())
        ImGui::SameLine(label_width());
    else if (end + gap <= label_width() * 1.3F)
        ImGui::SameLine(0, gap);
    ImGui::SetNextItemWidth(-1);
}

bool number_row(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                const char* tooltip_text) {
    label(name, tooltip_text);
    const bool changed = number(f, fmt::format("##{}", name).c_str(), value, lowest, highest, default_value);
    f.map.mark(name);
    number_tip(tooltip_text, default_value);
    return changed;
}

void number_field(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* tooltip_text) {
    number(f, fmt::format("##{}", name).c_str(), value, lowest, highest, default_value, false);
    value = std::clamp(value, lowest, highest);
    f.map.mark(name);
    number_tip(tooltip_text, default_value);
}

bool pair_row(Frame& f, const char* name, Size2& value, int lowest, int highest, int default_value,
              const char* tooltip_text) {
    ImGui::PushID(name);
    label(name, tooltip_text);
    const float room = ImGui::GetContentRegionAvail().x, gap = ImGui::GetStyle().ItemInnerSpacing.x;
    const float box = ImGui::GetFrameHeight() * 1.2F;
    ImGuiStorage& storage = *ImGui::GetStateStorage();
    bool* apart = storage.GetBoolRef(ImGui::GetID("apart"), false);
    const bool tied = !*apart && value.h == value.w;
    bool changed = false;
    if (tied) {
        ImGui::SetNextItemWidth(room - box - gap);
        changed = number(f, "##both", value.h, lowest, highest, default_value);
        if (changed) value.w = value.h;
        f.map.mark(name);
        number_tip(tooltip_text, default_value);
    } else {
        const float half = (room - box - 2 * gap) / 2;
        ImGui::SetNextItemWidth(half);
        changed = number(f, "##y", value.h, lowest, highest, default_value);
        f.map.mark(fmt::format("{}.y", name));
        number_tip(tr_format("{}: along y (rows)", tr(tooltip_text)).c_str(), default_value);
        ImGui::SameLine(0, gap);
        ImGui::SetNextItemWidth(half);
        changed |= number(f, "##x", value.w, lowest, highest, default_value);
        f.map.mark(fmt::format("{}.x", name));
        number_tip(tr_format("{}: along x (columns)", tr(tooltip_text)).c_str(), default_value);
    }
    ImGui::SameLine(0, gap);
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(tied ? ImGuiCol_TextDisabled : ImGuiCol_Text));
    ImGui::PushFont(font(Type::small));
    if (ImGui::Button(tied ? "y=x" : "y, x", {box, ImGui::GetFrameHeight() + ImGui::GetFontSize() * 3 / 13})) {
        *apart = tied;
        if (!tied && value.w != value.h) value.w = value.h, changed = true;
    }
    ImGui::PopFont();
    ImGui::PopStyleColor();
    f.map.mark(fmt::format("{}.tied", name));
    tooltip(tied ? "One number for rows (y) and columns (x); click for a number each"
                 : "A number for rows (y) and one for columns (x); click for one number for both");
    ImGui::PopID();
    return changed;
}

bool check_row(Frame& f, const char* name, bool& value, const char* tooltip_text) {
    label(name, tooltip_text);
    const bool changed = ImGui::Checkbox(fmt::format("##{}", name).c_str(), &value);
    f.map.mark(name);
    tooltip(tooltip_text);
    return changed;
}

bool choice_as_shown(Frame& f, const char* name, std::span<const std::string_view> names,
                     std::span<const std::string_view> shown, int& value, const char* tooltip_text) {
    bool changed = false;
    const auto now = static_cast<std::size_t>(std::clamp(value, 0, static_cast<int>(names.size()) - 1));
    // Dear ImGui's lists show eight names unless told to show more.
    const ImGuiComboFlags height = names.size() <= 12 ? ImGuiComboFlags_HeightLarge : ImGuiComboFlags_HeightRegular;
    const std::string selected(shown[now]), id = fmt::format("##{}", name);
    const bool open = widen_for(shown, selected) ? ImGui::BeginCombo(id.c_str(), selected.c_str(), height)
                                                 : begin_narrow_list(id.c_str(), selected, height);
    if (open) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (ImGui::Selectable(fmt::format("{}###{}", shown[i], names[i]).c_str(), i == now))
                value = static_cast<int>(i), changed = true;
            f.map.mark(fmt::format("{}.{}", name, names[i]));
        }
        ImGui::EndCombo();
    } else {
        tooltip(tooltip_text);
        f.map.mark(name);
    }
    return changed;
}

bool choice(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* tooltip_text) {
    std::vector<std::string_view> shown;
    for (const std::string_view english : names) shown.push_back(tr(english));
    return choice_as_shown(f, name, names, shown, value, tooltip_text);
}

bool choice_row(Frame& f, const char* name, std::span<const std::string_view> names, int& value,
                const char* tooltip_text) {
    label(name, tooltip_text);
    return choice(f, name, names, value, tooltip_text);
}

float button_width(const char* title) {
    return ImGui::CalcTextSize(tr(title)).x + 2 * ImGui::GetStyle().FramePadding.x;
}

bool button(Frame& f, const char* id, const char* title, const char* tooltip_text) {
    const bool pressed = ImGui::Button(fmt::format("{}###{}", tr(title), id).c_str());
    f.map.mark(id);
    tooltip(tooltip_text);
    return pressed;
}

bool tab(Frame& f, const char* id, const char* title, const char* tooltip_text, bool chosen) {
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(chosen ? ImGuiCol_Text : ImGuiCol_TextDisabled));
    ImGui::PushStyleColor(ImGuiCol_Button,
                          chosen ? ImGui::GetStyleColorVec4(ImGuiCol_ButtonActive) : ImVec4{0, 0, 0, 0});
    const bool pressed = button(f, id, title, tooltip_text);
    ImGui::PopStyleColor(2);
    return pressed;
}

float hairline() { return std::max(1.0F, std::round(ImGui::GetFontSize() / 16)); }

void position_ring(float x, float y, Size2 cell) {
    const float radius = std::min(ImGui::GetFontSize() / 4, static_cast<float>(std::min(cell.w, cell.h)) / 6);
    const float line = std::min(hairline(), radius / 3);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddCircle({x, y}, radius, IM_COL32(0, 0, 0, 220), 0, 3 * line);
    draw.AddCircle({x, y}, radius, IM_COL32(255, 180, 70, 255), 0, 1.5F * line);
}

void color_bar(Frame& f, const char* id, Colormap colormap, const std::optional<Range>& range,
               const std::string& description) {
    const std::string what = tr(description);
    const ScaleEnds ends = range ? scale_ends(*range) : ScaleEnds{tr("min"), tr("max")};
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(ends.low.c_str());
    ImGui::SameLine();
    const auto table = colors(colormap);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float em = ImGui::GetFontSize(), height = ImGui::GetFrameHeight() * 0.7F;
    const auto text_width = [&] { return ImGui::CalcTextSize(what.c_str()).x; };
    const float room = ImGui::GetContentRegionAvail().x,
                rest = em * 5 + ImGui::GetStyle().ItemSpacing.x;  // minimum width of the bar, and of the other number
    ImFont* const face = text_width() + rest + em * 2 <= room ? font(Type::body) : font(Type::small);
    ImGui::PushFont(face);
    const float words = text_width();
    ImGui::PopFont();
    const float width = std::clamp(room - std::max(rest, words + em * 5), em * 2, em * 12);
    const ImVec2 at{ImGui::GetCursorScreenPos().x, ImGui::GetCursorScreenPos().y + ImGui::GetFrameHeight() * 0.15F};
    for (int i = 0; i < 128; ++i) {
        const Rgba& c = table[static_cast<std::size_t>(2 * i)];
        const float x = at.x + width * static_cast<float>(i) / 128;
        draw.AddRectFilled({x, at.y}, {x + width / 128 + 1, at.y + height}, IM_COL32(c[0], c[1], c[2], 255));
    }
    if (range && range->lo < 0 && range->hi > 0) {
        const float x = at.x + width * (-range->lo) / (range->hi - range->lo);
        draw.AddLine({x, at.y - 1}, {x, at.y + height + 1}, IM_COL32_WHITE, hairline() * 3);
        draw.AddLine({x, at.y - 1}, {x, at.y + height + 1}, IM_COL32_BLACK, hairline());
    }
    ImGui::Dummy({width, ImGui::GetFrameHeight()});
    f.map.mark(id);
    tooltip(tr_format("Colorbar: color of each value ({}); the tick marks zero", what).c_str());
    ImGui::SameLine();
    ImGui::TextUnformatted(ends.high.c_str());
    ImGui::SameLine();
    ImGui::PushFont(face);
    if (text_width() <= ImGui::GetContentRegionAvail().x)
        ImGui::TextDisabled("%s", what.c_str());
    else
        ImGui::NewLine();
    ImGui::PopFont();
}

void scroll_into_view(float top, float bottom) {
    const ImRect& seen = ImGui::GetCurrentWindow()->InnerRect;
    const float margin = ImGui::GetFontSize() * fade_em;
    float by = std::max(0.0F, bottom + margin - seen.Max.y);
    by = std::min(by, top - margin - seen.Min.y);
    if (by != 0) ImGui::SetScrollY(ImGui::GetScrollY() + by);
}

void pin_top(float bottom) { pinned_height() = bottom - ImGui::GetCurrentWindow()->InnerRect.Min.y; }

void fade_edges() {
    ImRect seen = ImGui::GetCurrentWindow()->InnerRect;
    seen.Min.y += std::exchange(pinned_height(), 0.0F);
    const float height = std::min(ImGui::GetFontSize() * fade_em, seen.GetHeight() / 4);
    const float above = ImGui::GetScrollY(), below = ImGui::GetScrollMaxY() - above;
    const ImU32 background_color = ImGui::GetColorU32(ImGuiCol_WindowBg), clear = background_color & ~IM_COL32_A_MASK;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.PushClipRect(seen.Min, seen.Max);
    // The fade decreases near the end of the scroll range.
    const float top = std::min(above, height), bottom = std::min(below, height);
    if (top > 0)
        draw.AddRectFilledMultiColor(seen.Min, {seen.Max.x, seen.Min.y + top}, background_color, background_color,
                                     clear, clear);
    if (bottom > 0)
        draw.AddRectFilledMultiColor({seen.Min.x, seen.Max.y - bottom}, seen.Max, clear, clear, background_color,
                                     background_color);
    draw.PopClipRect();
}

bool begin_overlay(const char* name, float width, float height) {
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    const ImVec2 size{std::min(width, all.x * 0.94F), std::min(height, all.y * 0.9F)};
    ImGui::SetNextWindowPos({(all.x - size.x) / 2, (all.y - size.y) / 2});
    ImGui::SetNextWindowSize(size);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, std::max(1.0F, ImGui::GetFontSize() / 16));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ImGui::GetFontSize() / 3);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {ImGui::GetFontSize(), ImGui::GetFontSize() * 0.75F});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyle().Colors[ImGuiCol_PopupBg]);
    const bool open = ImGui::Begin(name, nullptr,
                                   ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoCollapse);
    if (ImGui::IsWindowAppearing()) ImGui::SetWindowFocus();
    return open;
}

void close_when_left(Frame& f) {
    if (!ImGui::IsWindowFocused(ImGuiFocusedFlags_RootAndChildWindows) && !ImGui::IsWindowAppearing())
        f.view.overlay = nullptr;
}

void end_overlay() {
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
}

}  // namespace convlens
