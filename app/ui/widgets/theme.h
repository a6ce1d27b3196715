/// Fonts and colors.
#pragma once

struct ImFont;

namespace convlens {

/// The three font sizes.
enum class Type { body, small, title };

/// Loads a font (Inter from the assets, else ImGui's default) for `scale` and sets sizes and colors. Call between
/// frames.
void apply_theme(bool light, float scale);

ImFont* font(Type type);

/// Returns the accent color, used for what is selected, running or wrong. Its contrast to the background is at least
/// 4.5:1 in both themes.
unsigned accent();

}  // namespace convlens
