/// Numbers out of words that users type, and as people read them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace convlens {

/// The number that all of `text` spells; none when it isn't one or does not fit into T.
template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Cuts `text` at the first `separator` and returns what is before it; `text` keeps what is behind it.
/// Without a separator all of it is returned and `text` becomes empty.
inline std::string_view cut(std::string_view& text, char separator) {
    const auto at = text.find(separator);
    const std::string_view head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

/// "61,100,840"
std::string grouped(std::uint64_t number);

}  // namespace convlens
