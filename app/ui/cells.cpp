/// Drawing numbers into cells.
#include "app/ui/cells.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/theme.h"
#include "engine/view/colormap.h"

namespace convlens {
namespace {

float small_width(const std::string& text) {
    const ImFont* small = font(Type::small);
    return small->CalcTextSizeA(small->FontSize, 1000, 0, text.c_str()).x;
}

}  // namespace

unsigned signed_color(double value, double largest) {
    const double unit = largest > 0 ? value / largest : 0;
    const Rgba& c = colors(Colormap::coolwarm)[static_cast<std::size_t>(color_index(static_cast<float>(0.5 + 0.5 * unit)))];
    return IM_COL32(c[0], c[1], c[2], 255);
}

unsigned ink_on(unsigned ground) {
    const auto part = [&](int shift) { return static_cast<float>((ground >> shift) & 255U); };
    return 0.299F * part(IM_COL32_R_SHIFT) + 0.587F * part(IM_COL32_G_SHIFT) + 0.114F * part(IM_COL32_B_SHIFT) > 140 ? IM_COL32(0, 0, 0, 255) : IM_COL32_WHITE;
}

std::string short_number(double value, int digits, bool plus) {
    if (std::abs(value) * std::pow(10.0, digits) < 0.5) value = 0;  // nor is there a -.0
    std::string text = plus && value != 0 ? fmt::format("{:+.{}f}", value, digits) : fmt::format("{:.{}f}", value, digits);
    const auto zero = text.find("0.");
    if (zero != std::string::npos && std::abs(value) < 1 && (zero == 0 || zero == 1)) text.erase(zero, 1);
    return text;
}

int fitting_digits(std::span<const double> numbers, float cell, bool plus) {
    if (font(Type::small)->FontSize > cell) return -1;
    const bool whole = std::all_of(numbers.begin(), numbers.end(), [](double v) { return v == std::round(v); });
    double largest = 0;
    for (const double v : numbers) largest = std::max(largest, std::abs(v));
    for (int digits = whole ? 0 : 3; digits >= (whole ? 0 : 1); --digits) {
        const auto fits = [&](double v) { return small_width(short_number(v, digits, plus)) + 3 <= cell; };
        const bool telling = whole || largest * std::pow(10.0, digits) >= 3;  // not all of them zeros
        if (telling && std::all_of(numbers.begin(), numbers.end(), fits)) return digits;
    }
    return -1;
}

void number_in(float x, float y, float cell, const std::string& text, unsigned ground) {
    ImFont* small = font(Type::small);
    ImGui::GetWindowDrawList()->AddText(small, small->FontSize, {x + (cell - small_width(text)) / 2, y + (cell - small->FontSize) / 2}, ink_on(ground), text.c_str());
}

}  // namespace convlens
