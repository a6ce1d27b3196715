/// Fonts and colors.
#pragma once

struct ImFont;

namespace convlens {

/// The three sizes of type.
enum class Type { body, small, title };

/// Loads a font (Inter, Roboto or DejaVu, else ImGui's own) for `scale` and sets sizes and colors. Between frames.
void apply_theme(bool light, float scale);

ImFont* font(Type type);

/// The one accent color, for what is selected, running or wrong; 4.5 : 1 against the ground in both themes.
unsigned accent();

}  // namespace convlens
