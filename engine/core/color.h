/// Colors as text, and their luminance.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// Weights of red, green and blue in the luminance of a color (ITU-R BT.601-7, section 2.5.1).
inline constexpr std::array<float, 3> luminance_weights{0.299F, 0.587F, 0.114F};

/// Returns the luminance of a color, on the same scale as the three components.
constexpr float luminance(float red, float green, float blue) {
    return luminance_weights[0] * red + luminance_weights[1] * green + luminance_weights[2] * blue;
}

/// Parses "RRGGBB" (opaque) or "RRGGBBAA", with hexadecimal digits in upper or lower case. Returns nullopt for any
/// other text.
std::optional<Rgba> rgba_from(std::string_view text);

/// Formats `color` as "rrggbb", or as "rrggbbaa" if it is not opaque.
std::string rgba_text(const Rgba& color);

}  // namespace convlens
