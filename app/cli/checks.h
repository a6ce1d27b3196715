/// Checks of the values of options, for CLI11.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/movie_file.h"

namespace convlens {

/// Accepts the names of moving pictures.
inline std::string check_movie(const std::string& path) {
    if (is_movie(path)) return "";
    return fmt::format(
        "'{}' is not a file name that ends in .gif, .mp4, .webm or .y4m, or that of numbered pictures, as in "
        "frame_%03d.png",
        path);
}

/// Returns a check that accepts the texts for which `parse` returns a value. `what` describes these texts in the error
/// message: "'TEXT' is not WHAT".
template <class Parse>
std::function<std::string(const std::string&)> expects(Parse parse, std::string what) {
    return [=](const std::string& text) {
        return parse(text) ? std::string() : fmt::format("'{}' is not {}", text, what);
    };
}

/// Returns a check that accepts the texts for which `parse` returns a value. The error message is that of `parse`.
template <class Parse>
std::function<std::string(const std::string&)> explains(Parse parse) {
    return [=](const std::string& text) {
        const auto value = parse(text);
        return value ? std::string() : value.error().message;
    };
}

/// Returns the names as the help prints the values of an option: "a|b|c".
inline std::string alternatives(std::span<const std::string_view> names) {
    return fmt::format("{}", fmt::join(names, "|"));
}

/// Returns the names as an error message lists them: "one of a, b, c".
inline std::string one_of(std::span<const std::string_view> names) {
    return fmt::format("one of {}", fmt::join(names, ", "));
}

/// Returns a check that the value is one of `known`.
inline std::function<std::string(const std::string&)> only(std::vector<std::string> known) {
    return [=](const std::string& text) {
        for (const auto& word : known)
            if (word == text) return std::string();
        return fmt::format("'{}' is not one of {}", text, fmt::join(known, ", "));
    };
}

/// Returns a check that the value is a path that ends in one of `endings`.
inline std::function<std::string(const std::string&)> ends_in(std::vector<std::string> endings) {
    return [=](const std::string& path) {
        for (const auto& ending : endings)
            if (path.ends_with(ending)) return std::string();
        return fmt::format("'{}' is not a file name that ends in {}", path, fmt::join(endings, " or "));
    };
}

}  // namespace convlens
