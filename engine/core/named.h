/// Lookup of enumerators by name.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace convlens {

/// Returns the enumerator called `name`, or nullopt if there is none. names[i] is the name of the enumerator with the
/// value i.
template <class Enum, std::size_t count>
constexpr std::optional<Enum> named(const std::array<std::string_view, count>& names, std::string_view name) {
    for (std::size_t i = 0; i < count; ++i)
        if (names[i] == name) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace convlens
