/// Draws numbers in cells.
#include "app/ui/widgets/cells.h"

#include <imgui.h>

#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

/// Returns the width of `text` in small type, in pixels.
float small_width(const std::string& text) {
    ImFont* small = font(Type::small);
    return small->CalcTextSizeA(small->FontSize, 1000, 0, text.c_str()).x;
}

/// Returns a color that is in Dear ImGui's packed format.
Rgba unpacked(unsigned color) {
    const auto part = [&](int shift) { return static_cast<std::uint8_t>((color >> shift) & 255U); };
    return {part(IM_COL32_R_SHIFT), part(IM_COL32_G_SHIFT), part(IM_COL32_B_SHIFT), part(IM_COL32_A_SHIFT)};
}

}  // namespace

unsigned signed_color(double value, double largest) { return packed(signed_rgba(value, largest)); }

unsigned packed(const Rgba& c) { return IM_COL32(c[0], c[1], c[2], c[3]); }

unsigned text_color_on(unsigned background_color) { return packed(text_color_for(unpacked(background_color))); }

int fitting_digits(std::span<const double> numbers, float cell, bool plus) {
    return font(Type::small)->FontSize > cell ? -1 : fitting_digits(numbers, cell - 3, plus, small_width);
}

void number_in(float x, float y, float cell, const std::string& text, unsigned background_color) {
    ImFont* face = font(Type::small);
    ImVec2 size = face->CalcTextSizeA(face->FontSize, 1000, 0, text.c_str());
    for (const Type larger : {Type::body, Type::title}) {  // the largest type that leaves some margin
        ImFont* next = font(larger);
        const ImVec2 needed = next->CalcTextSizeA(next->FontSize, 1000, 0, text.c_str());
        if (needed.x <= cell * 0.7F && needed.y <= cell * 0.7F) face = next, size = needed;
    }
    ImGui::GetWindowDrawList()->AddText(face, face->FontSize, {x + (cell - size.x) / 2, y + (cell - size.y) / 2},
                                        text_color_on(background_color), text.c_str());
}

}  // namespace convlens
