/// Text that is shortened to the room that it has.
#pragma once

#include <imgui.h>

#include <string>

namespace convlens {

/// Returns `text`, or "..." and as much of its end as fits if it is wider than `room` pixels: the end of a layer's name
/// tells it from others.
inline std::string shortened(const std::string& text, const ImFont* type, float room) {
    const auto width = [&](const std::string& t) { return type->CalcTextSizeA(type->FontSize, 1e6F, 0, t.c_str()).x; };
    if (width(text) <= room) return text;
    std::size_t from = 0;
    const auto is_continued = [&] {
        return from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U;
    };
    while (from < text.size() && width("..." + text.substr(from)) > room) {
        ++from;
        while (is_continued()) ++from;
    }
    return "..." + text.substr(from);
}

}  // namespace convlens
