/// Escapes what a terminal or a reader could misunderstand.
#include "engine/core/printable.h"

#include <fmt/format.h>

#include <algorithm>

namespace convlens {

bool is_hidden(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

std::size_t utf8_character(std::string_view text, char32_t& code) {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return code = first, 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    code = first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    return overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : size;
}

std::string_view cut_text(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0U) == 0x80U) --max_bytes;
    return text.substr(0, max_bytes);
}

std::string printable(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view dots = "...";
    std::string result;
    std::size_t last_cut = 0;  // where the dots still fit
    while (!text.empty()) {
        if (result.size() + dots.size() <= max_bytes) last_cut = result.size();
        char32_t code = 0;
        std::size_t size = utf8_character(text, code);
        std::string part;
        if (size == 0)
            part = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[size++]));
        else if (!is_hidden(code))
            part = text.substr(0, size);
        else if (code < 0x100)
            part = fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
        else
            part = fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
        if (result.size() + part.size() > max_bytes) return result.erase(last_cut).append(dots);
        result += part;
        text.remove_prefix(size);
    }
    return result;
}

std::string printable_lines(std::string_view text) {
    std::string result;
    while (true) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        result += printable(text.substr(0, end), std::string::npos);
        if (end == text.size()) return result;
        result += '\n';
        text.remove_prefix(end + 1);
    }
}

}  // namespace convlens
