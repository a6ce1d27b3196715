/// Enumerations whose values have names.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace convlens {

/// The value that is called `name` where `names` has a name for each, in the enumeration's order from 0 on.
template <class Enum, std::size_t count>
constexpr std::optional<Enum> named(const std::array<std::string_view, count>& names, std::string_view name) {
    for (std::size_t i = 0; i < count; ++i)
        if (names[i] == name) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace convlens
