/// Parsing of floating-point numbers, for which some standard libraries lack std::from_chars(), and formatting of
/// numbers.
#include "engine/core/numbers.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <cmath>

#include "engine/core/sentence.h"

namespace convlens {
namespace {

template <class Number>
std::optional<Number> parse_floating(std::string_view text) {
    Number value = 0;
    const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), value);
    // In some versions of fast_float, numbers that are too large or too small are errors; in others they are not.
    const bool too_small = error == std::errc::result_out_of_range && value == 0;
    if ((error != std::errc{} && !too_small) || end != text.data() + text.size()) return std::nullopt;
    const bool has_digits = std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (std::isinf(value) && has_digits) return std::nullopt;
    return value;
}

}  // namespace

template <>
std::optional<float> parse_number<float>(std::string_view text) {
    return parse_floating<float>(text);
}

template <>
std::optional<double> parse_number<double>(std::string_view text) {
    return parse_floating<double>(text);
}

std::string grouped(std::uint64_t number) {
    const std::string_view thousand = translated("1,000");
    const std::string_view mark = thousand.size() > 4 ? thousand.substr(1, thousand.size() - 4) : std::string_view();
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, mark);
    return text;
}

}  // namespace convlens
