/// What panels are made of: rows of label, control and tooltip, and overlays.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/ui/frame.h"
#include "engine/core/numbers.h"

namespace convlens {

/// The tooltip of the item drawn last.
void tooltip(const char* text);

/// Tooltips wait until the mouse has rested for this long, so that they don't cover what is being set.
inline constexpr double tip_delay_seconds = 0.5;

/// When the mouse moved last, in ImGui's time. Whoever owns the ImGui context lends one to its IO.UserData.
struct MousePointer {
    double moved = 0;
};

/// Tells tooltip() whether the mouse moved in this frame. Once a frame.
void watch_mouse();

/// In how many seconds a frame must be drawn so that a tooltip may come up; 1e9 for none.
double tooltip_delay();

/// Continues the line when an item of `width` still fits into it.
void same_line_if_fits(float width);

/// A title in small capitals.
void section(const char* title);

/// Puts `name` at the left and makes the next item fill the rest of the row.
void label(const char* name, const char* meaning);

/// A whole number: slide it, double click to type any value, right click for `default_value`. `name` is also its id in
/// the UI map. True when it changed.
bool number_row(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                const char* meaning);

/// The number alone, without a label, as wide as the next item, held to its range. For what undo does not reach.
void number_field(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* meaning);

/// Two numbers, "along y, along x": one slider while both are alike, else two; the button beside them parts and ties
/// them.
bool pair_row(Frame& f, const char* name, Size2& value, int lowest, int highest, int default_value,
              const char* meaning);

/// A check box. True when it changed.
bool check_row(Frame& f, const char* name, bool& value, const char* meaning);

/// One of `names`, whose index is `value`. True when it changed.
bool choice_row(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* meaning);

/// The choice alone, without a label, as wide as the next item.
bool choice(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* meaning);

/// What button() takes of the line.
float button_width(const char* title);

/// A button. True when it was pressed.
bool button(Frame& f, const char* id, const char* title, const char* meaning);

/// A button that stays down while its view is `chosen`. True when it was pressed.
bool tab(Frame& f, const char* id, const char* title, const char* meaning, bool chosen);

/// The thinnest line that is seen from the last row.
float hairline();

/// A ring at screen point (x, y) on a map that is drawn `cell` pixels large. It leaves most of a small one to be seen.
void position_ring(float x, float y, Size2 cell);

/// A line with a color bar between the numbers of its ends ("min" and "max" without a range), and `what` it is for;
/// the tick is zero.
void color_bar(Frame& f, const char* id, Colormap colormap, const std::optional<Range>& range, const std::string& what);

/// Scrolls the current window no further than it must to show its rows from screen height `top` to `bottom`, or those
/// after `top` where it is too low for all.
void scroll_into_view(float top, float bottom);

/// The current window scrolls beneath what is drawn at its top, down to screen height `bottom`, in this frame.
void pin_top(float bottom);

/// Where the current window goes on above or below, its rows fade at that edge. The last of what is drawn in it.
void fade_edges();

/// A window of that size, or what fits, in the middle over everything else. As ImGui::Begin: end_overlay() always
/// follows.
bool begin_overlay(const char* name, float width, float height);
void end_overlay();

/// Closes the open overlay once the user has gone to another window. Between begin_overlay() and end_overlay().
void close_when_left(Frame& f);

}  // namespace convlens
