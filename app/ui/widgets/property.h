/// Elements of panels: rows with label, control and tooltip, and overlays.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/ui/frame.h"
#include "engine/core/numbers.h"

namespace convlens {

/// Shows a tooltip for the last item.
void tooltip(const char* text);

/// Seconds that the mouse must rest before a tooltip appears, so that tooltips do not cover a control in use.
inline constexpr double tip_delay_seconds = 0.5;

/// Time of the last mouse movement, on ImGui's clock. The owner of the ImGui context stores a pointer to a MousePointer
/// in IO.UserData.
struct MousePointer {
    double moved = 0;
};

/// Records for tooltip() whether the mouse moved in this frame. Call once per frame.
void watch_mouse();

/// Returns the number of seconds after which a frame must be drawn so that a tooltip can appear; 1e9 if no tooltip is
/// pending.
double tooltip_delay();

/// Places the next item on the same line if an item of width `width` still fits there.
void same_line_if_fits(float width);

/// Draws a section title in small type.
void section(const char* title);

/// Draws `name` on the left and makes the next item fill the rest of the row.
void label(const char* name, const char* tooltip_text);

/// Draws a row with an integer. The user drags the slider, double-clicks to type any value, or right-clicks to reset to
/// `default_value`. `name` is also the row's id in the UI map. Returns true if the value changed.
bool number_row(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                const char* tooltip_text);

/// Draws the number of a number_row() without a label, as wide as ImGui's next item, and clamps it to its range. For
/// values that undo does not cover.
void number_field(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* tooltip_text);

/// Draws a row with two numbers (y, x): one slider while they are equal, otherwise two. A button separates and links
/// them. Returns true if a number changed.
bool pair_row(Frame& f, const char* name, Size2& value, int lowest, int highest, int default_value,
              const char* tooltip_text);

/// Draws a row with a checkbox. Returns true if `value` changed.
bool check_row(Frame& f, const char* name, bool& value, const char* tooltip_text);

/// Draws a row in which the user selects one of `names`; `value` is the index of the selected name. Returns true if
/// `value` changed.
bool choice_row(Frame& f, const char* name, std::span<const std::string_view> names, int& value,
                const char* tooltip_text);

/// Draws the selection of a choice_row() without a label, as wide as ImGui's next item. Returns true if `value`
/// changed.
bool choice(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* tooltip_text);

/// Returns the width of a button() with this title.
float button_width(const char* title);

/// Draws a button. Returns true if it was pressed.
bool button(Frame& f, const char* id, const char* title, const char* tooltip_text);

/// Draws a button that is highlighted if `chosen`, which means that its view is on screen. Returns true if it was
/// pressed.
bool tab(Frame& f, const char* id, const char* title, const char* tooltip_text, bool chosen);

/// Returns the thickness of the thinnest line that is visible from the back of a lecture hall.
float hairline();

/// Draws a ring at screen point (x, y) on a feature map that is drawn with `cell` pixels. The ring is small enough to
/// leave most of a small map visible.
void position_ring(float x, float y, Size2 cell);

/// Draws a row with a colorbar, the values at its two ends ("min" and "max" if `range` is nullopt), a tick at zero, and
/// the description `what`.
void color_bar(Frame& f, const char* id, Colormap colormap, const std::optional<Range>& range, const std::string& what);

/// Scrolls the current window as little as possible so that its rows from y = `top` to y = `bottom` (screen
/// coordinates) are visible. If they do not all fit, the rows from `top` on are visible.
void scroll_into_view(float top, float bottom);

/// Declares the region above y = `bottom` (screen coordinates) as pinned in this frame: the current window scrolls
/// beneath it.
void pin_top(float bottom);

/// Fades the rows at the edges at which the current window can scroll further. Must be drawn last in the window.
void fade_edges();

/// Begins a window of that size, or smaller if it does not fit, centered above everything else. As with ImGui::Begin,
/// end_overlay() must always follow.
bool begin_overlay(const char* name, float width, float height);
void end_overlay();

/// Closes the open overlay when another window gets the focus. Call between begin_overlay() and end_overlay().
void close_when_left(Frame& f);

}  // namespace convlens
