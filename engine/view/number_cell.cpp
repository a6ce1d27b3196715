/// Colors and digits of cells.
#include "engine/view/number_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/color.h"
#include "engine/view/colormap.h"

namespace convlens {

Rgba signed_rgba(double value, double largest) {
    const double unit = largest > 0 ? value / largest : 0;
    return colors(Colormap::coolwarm)[static_cast<std::size_t>(color_index(static_cast<float>(0.5 + 0.5 * unit)))];
}

Rgba text_color_for(const Rgba& background_color) {
    return luminance(background_color[0], background_color[1], background_color[2]) > 140 ? Rgba{0, 0, 0, 255}
                                                                                          : Rgba{255, 255, 255, 255};
}

std::string short_number(double value, int digits, bool plus) {
    if (std::abs(value) * std::pow(10.0, digits) < 0.5) value = 0;  // avoids "-.0"
    std::string text =
        plus && value != 0 ? fmt::format("{:+.{}f}", value, digits) : fmt::format("{:.{}f}", value, digits);
    const auto zero = text.find("0.");
    if (zero != std::string::npos && std::abs(value) < 1 && (zero == 0 || zero == 1)) text.erase(zero, 1);
    return text;
}

int fitting_digits(std::span<const double> numbers, float room, bool plus,
                   const std::function<float(const std::string&)>& width) {
    const bool whole = std::all_of(numbers.begin(), numbers.end(), [](double v) { return v == std::round(v); });
    double largest = 0;
    for (const double v : numbers) largest = std::max(largest, std::abs(v));
    for (int digits = whole ? 0 : 3; digits >= (whole ? 0 : 1); --digits) {
        const bool telling = whole || largest * std::pow(10.0, digits) >= 3;  // the numbers do not all look like zero
        if (telling && std::all_of(numbers.begin(), numbers.end(),
                                   [&](double v) { return width(short_number(v, digits, plus)) <= room; }))
            return digits;
    }
    return -1;
}

}  // namespace convlens
