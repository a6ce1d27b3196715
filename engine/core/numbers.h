/// Parsing of numbers that users type, and formatting of numbers for display.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// Parses all of `text` as a decimal integer, without spaces and without a plus sign. Returns nullopt if the text is
/// not such a number or if the number does not fit into T.
template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Like parse_number() for integers, but for floating-point numbers in decimal or scientific notation, "inf" and "nan".
/// A number whose magnitude is too small for the type gives 0; a number whose magnitude is too large gives nullopt.
template <>
std::optional<float> parse_number<float>(std::string_view text);
template <>
std::optional<double> parse_number<double>(std::string_view text);

/// Cuts `text` at the first `separator`: returns the part before it and keeps the part after it in `text`. Without a
/// separator, returns all of `text` and sets `text` to an empty string.
inline std::string_view cut(std::string_view& text, char separator) {
    const auto at = text.find(separator);
    const std::string_view head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

/// Formats `number` with the mark of the program's language between groups of three digits: "61,100,840" in English.
std::string grouped(std::uint64_t number);

}  // namespace convlens
