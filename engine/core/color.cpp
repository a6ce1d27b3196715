/// Conversion of colors from and to text.
#include "engine/core/color.h"

#include <fmt/format.h>

#include <charconv>

namespace convlens {

std::optional<Rgba> rgba_from(std::string_view text) {
    if (text.size() != 6 && text.size() != 8) return std::nullopt;
    Rgba color{0, 0, 0, 255};
    for (std::size_t i = 0; i < text.size() / 2; ++i) {
        const auto [end, error] = std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, color[i], 16);
        if (error != std::errc{} || end != text.data() + 2 * i + 2) return std::nullopt;
    }
    return color;
}

std::string rgba_text(const Rgba& color) {
    std::string text = fmt::format("{:02x}{:02x}{:02x}", color[0], color[1], color[2]);
    if (color[3] != 255) text += fmt::format("{:02x}", color[3]);
    return text;
}

}  // namespace convlens
