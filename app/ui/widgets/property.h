/// Elements of panels: rows with a label, a control and a tooltip; and overlays. Coordinates and widths are in pixels.
/// The names of controls are names in the UI map, which tests read (ui_map.h). Labels, titles, names of choices and
/// tooltips are English texts, which these functions translate (language.h); a text without a translation is drawn as
/// it is.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/ui/frame.h"
#include "engine/core/numbers.h"

namespace convlens {

/// Shows `text` as a tooltip of the last item when the mouse has rested on it for tip_delay_seconds.
void tooltip(const char* text);

/// Seconds that the mouse must rest before a tooltip appears, so that tooltips do not cover a control in use.
inline constexpr double tip_delay_seconds = 0.5;

/// State of the mouse for tooltip(). The owner of the Dear ImGui context stores a pointer to a MousePointer in
/// IO.UserData.
struct MousePointer {
    double moved = 0;  ///< Time of the last movement or click, in seconds of ImGui::GetTime().
};

/// Updates the MousePointer for this frame. Call once per frame.
void watch_mouse();

/// Returns the number of seconds until the next frame must be drawn so that a tooltip can appear; 1e9 if no tooltip is
/// due.
double tooltip_delay();

/// Places the next item on the same line if there is room for `width` pixels.
void same_line_if_fits(float width);

/// Returns true if the window is so low that texts must be small and short; tooltips then contain the full text.
bool tight();

/// Draws a section title in small type.
void section(const char* title);

/// Draws `name` at the left of a row. The next item fills the rest of the row, or the row below if the name is too
/// long.
void label(const char* name, const char* tooltip_text);

/// Draws a row with an integer. The user drags the slider between `lowest` and `highest`, double-clicks it to type any
/// value, or right-clicks it to reset it to `default_value`. `name` is also the name of the slider in the UI map.
/// Returns true if the value has changed.
bool number_row(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                const char* tooltip_text);

/// Draws the slider of a number_row() without a label, as wide as ImGui::SetNextItemWidth() says, and clamps the value
/// to its range. For values that undo does not cover.
void number_field(Frame& f, const char* name, int& value, int lowest, int highest, int default_value,
                  const char* tooltip_text);

/// Draws a row with two integers (y, x): one slider while they are equal, otherwise two. A button separates and links
/// them. Returns true if a number has changed.
bool pair_row(Frame& f, const char* name, Size2& value, int lowest, int highest, int default_value,
              const char* tooltip_text);

/// Draws a row with a checkbox. Returns true if `value` has changed.
bool check_row(Frame& f, const char* name, bool& value, const char* tooltip_text);

/// Draws a row in which the user selects one of `names`; `value` is the index of the selected name. Returns true if the
/// user has selected one.
bool choice_row(Frame& f, const char* name, std::span<const std::string_view> names, int& value,
                const char* tooltip_text);

/// Draws the selection of a choice_row() without a label, as wide as ImGui::SetNextItemWidth() says. Returns true if
/// the user has selected a name.
bool choice(Frame& f, const char* name, std::span<const std::string_view> names, int& value, const char* tooltip_text);

/// Returns the width of a button() with this title.
float button_width(const char* title);

/// Draws a button; `id` is its name in the UI map. Returns true if it was clicked.
bool button(Frame& f, const char* id, const char* title, const char* tooltip_text);

/// Draws a button for a view, which is highlighted if `chosen`, that is, if the view is on screen. Returns true if it
/// was clicked.
bool tab(Frame& f, const char* id, const char* title, const char* tooltip_text, bool chosen);

/// Returns the thickness of thin lines: 1/16 of the font size, at least 1, so that they are visible on a projector.
float hairline();

/// Draws a ring at screen point (x, y), to mark a value of a feature map that is drawn `cell` pixels large. The ring
/// covers only a small part of the map.
void position_ring(float x, float y, Size2 cell);

/// Draws a row with a colorbar, the values at its two ends ("min" and "max" if `range` is nullopt), a tick at zero, and
/// the description `what`. `id` is its name in the UI map.
void color_bar(Frame& f, const char* id, Colormap colormap, const std::optional<Range>& range, const std::string& what);

/// Scrolls the current window as little as possible so that the rows from y = `top` to y = `bottom` (screen
/// coordinates) are visible. If they do not all fit, shows as many as possible from `top` on.
void scroll_into_view(float top, float bottom);

/// Tells fade_edges() that the part of the current window above y = `bottom` (screen coordinates) does not scroll in
/// this frame: the rest of the window scrolls beneath it.
void pin_top(float bottom);

/// Fades the rows at those edges of the current window towards which it can scroll. Must be drawn last in the window.
void fade_edges();

/// Begins a window of the given size, or smaller if it does not fit, in the center of the screen and above everything
/// else. Returns true if its contents must be drawn. As with ImGui::Begin(), end_overlay() must be called in any case.
bool begin_overlay(const char* name, float width, float height);
void end_overlay();

/// Closes the open overlay if another window has the focus. Call between begin_overlay() and end_overlay().
void close_when_left(Frame& f);

}  // namespace convlens
