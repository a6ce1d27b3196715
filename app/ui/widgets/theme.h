/// Fonts and colors of the window.
#pragma once

struct ImFont;
struct ImGuiStyle;

namespace convlens {

/// The three font sizes, at scale 1: 16, 13 and 21 pixels.
enum class Type { body, small, title };

/// Loads the three font sizes for the UI scale `scale` into Dear ImGui's atlas: Inter from the assets, otherwise Dear
/// ImGui's default font.
void load_fonts(float scale);

/// Loads the fonts, also into a texture of OpenGL, and sets sizes and colors for a light or dark theme at the UI scale
/// `scale`. Call between frames.
void apply_theme(bool light, float scale);

/// Returns sizes and colors of the light or the dark theme at scale 1. Text has a contrast of at least 4.5:1 to what it
/// is drawn on (WCAG 2.1, 1.4.3).
ImGuiStyle theme_style(bool light);

/// Returns the font of this size.
ImFont* font(Type type);

/// Returns the accent color, in Dear ImGui's packed format. It marks what is selected, running or wrong. Its contrast
/// to the background is at least 4.5:1 in both themes.
unsigned accent();

}  // namespace convlens
