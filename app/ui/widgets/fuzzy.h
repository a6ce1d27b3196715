/// Fuzzy search in titles.
#pragma once

#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

namespace convlens {

/// How the letters of a query match a text.
struct FuzzyMatch {
    int score = 0;                       ///< Larger is better.
    std::vector<std::size_t> positions;  ///< Index in the text of each letter of the query, ascending.
};

/// Finds the letters of `query` in `text`, in their order. Ignores case and the spaces of the query. Letters at the
/// start of a word and letters next to each other give a higher score. Returns nullopt if a letter is missing.
inline std::optional<FuzzyMatch> fuzzy_match(std::string_view query, std::string_view text) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    const auto starts_word = [&](std::size_t i) {
        return i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1]));
    };
    FuzzyMatch match;
    std::size_t from = 0;
    for (const char wanted : query) {
        if (wanted == ' ') continue;
        std::size_t found = std::string_view::npos;
        const bool side_by_side = from > 0 && from < text.size() && lower(text[from]) == lower(wanted);
        if (side_by_side) found = from;
        for (std::size_t i = from; found == std::string_view::npos && i < text.size(); ++i)
            if (lower(text[i]) == lower(wanted) && starts_word(i)) found = i;
        for (std::size_t i = from; found == std::string_view::npos && i < text.size(); ++i)
            if (lower(text[i]) == lower(wanted)) found = i;
        if (found == std::string_view::npos) return std::nullopt;
        match.score += (starts_word(found) ? 8 : 0) + (side_by_side ? 5 : 0) -
                       (match.positions.empty() ? 0 : static_cast<int>(found - from) / 4);
        match.positions.push_back(found);
        from = found + 1;
    }
    return match;
}

}  // namespace convlens
