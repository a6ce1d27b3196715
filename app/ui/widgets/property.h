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

/// ImGui's time of the last mouse movement. The owner of the ImGui context stores a pointer to one in IO.UserData.
struct MousePointer {
    double moved = 0;
};

/// Records for tooltip() whether the mouse moved in this frame. Call once per frame.
void watch_mouse();

/// Seconds until a frame must be drawn so that a tooltip can appear; 1e9 if none is pending.
double tooltip_delay();

/// Continues the line if an item of width `width` still fits.
void same_line_if_fits(float width);

/// A section title in small type.
void section(const char* title);

/// Draws `name` on the left and makes the next item fill the rest of the row.
void label(const char* name, const char* meaning);

/// A row with an integer: drag the slider, double click to type any value, right click to reset to `default_value`.
/// `name` is also its id in the UI map. Returns true if the value changed.
bool number_row(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                const char* meaning);

/// The number without a label, as wide as the next item, clamped to its range. For values that undo does not cover.
void number_field(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* meaning);

/// A row with two numbers (y, x): one slider while they are equal, else two; a button separates and links them.
bool pair_row(Frame& f, const char* name, Size2& value, int lowest, int highest, int default_value,
              const char* meaning);

/// A row with a checkbox. Returns true if it changed.
bool check_row(Frame& f, const char* name, bool& value, const char* meaning);

/// A row that selects one of `names`; `value` is its index. Returns true if it changed.
bool choice_row(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* meaning);

/// The selection without a label, as wide as the next item.
bool choice(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* meaning);

/// Width of a button() with this title.
float button_width(const char* title);

/// A button. Returns true if it was pressed.
bool button(Frame& f, const char* id, const char* title, const char* meaning);

/// A button that is highlighted while its view is `chosen`. Returns true if it was pressed.
bool tab(Frame& f, const char* id, const char* title, const char* meaning, bool chosen);

/// The thinnest line that is visible from the back of a lecture hall.
float hairline();

/// Draws a ring at screen point (x, y) on a feature map that is drawn with `cell` pixels. The ring is small enough to
/// leave most of a small map visible.
void position_ring(float x, float y, Size2 cell);

/// A row with a colorbar between the values of its ends ("min" and "max" without a range) and the description `what`; a
/// tick marks zero.
void color_bar(Frame& f, const char* id, Colormap colormap, const std::optional<Range>& range, const std::string& what);

/// Scrolls the current window by the least distance that shows its rows from screen height `top` to `bottom`, or the
/// rows from `top` on if it cannot show all.
void scroll_into_view(float top, float bottom);

/// Marks the region above screen height `bottom` as pinned in this frame: the current window scrolls beneath it.
void pin_top(float bottom);

/// Fades the rows at the edges at which the current window can scroll further. Must be drawn last in the window.
void fade_edges();

/// A window of that size, or smaller if it does not fit, centered above everything else. As with ImGui::Begin,
/// end_overlay() must always follow.
bool begin_overlay(const char* name, float width, float height);
void end_overlay();

/// Closes the open overlay when another window gets the focus. Call between begin_overlay() and end_overlay().
void close_when_left(Frame& f);

}  // namespace convlens
