/// Fuzzy search in titles.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/printable.h"

namespace convlens {

/// How the letters of a query match a text.
struct FuzzyMatch {
    int score = 0;  ///< Larger is better.
    std::vector<std::size_t>
        positions;  ///< Index in the text of the first byte of each letter of the query, ascending.
};

/// A character of a text, for fuzzy_match().
struct FuzzyCharacter {
    char32_t code;   ///< The small letter, also of letters of Latin-1 with accents.
    std::size_t at;  ///< Index of its first byte.

    /// Returns true for letters and digits; all beyond ASCII are taken for letters.
    bool is_letter() const { return (code >= U'a' && code <= U'z') || (code >= U'0' && code <= U'9') || code >= 0x80; }
};

/// Returns the characters of UTF-8 text. A byte that is not UTF-8 is a character of its own.
inline std::vector<FuzzyCharacter> fuzzy_characters(std::string_view text) {
    std::vector<FuzzyCharacter> characters;
    for (std::size_t at = 0; at < text.size();) {
        char32_t code = 0;
        const std::size_t bytes = utf8_character(text.substr(at), code);
        if (bytes == 0) code = 0x110000U + static_cast<unsigned char>(text[at]);
        const bool latin = code >= 0xC0 && code <= 0xDE && code != 0xD7;  // U+00D7 is the multiplication sign
        if ((code >= U'A' && code <= U'Z') || latin) code += 0x20;
        characters.push_back({code, at});
        at += std::max<std::size_t>(bytes, 1);
    }
    return characters;
}

/// Finds the letters of `query` in `text`, both UTF-8, in their order. Ignores case and the spaces of the query.
/// Letters at the start of a word and letters next to each other give a higher score. Returns nullopt if a letter is
/// missing.
inline std::optional<FuzzyMatch> fuzzy_match(std::string_view query, std::string_view text) {
    const std::vector<FuzzyCharacter> letters = fuzzy_characters(text);
    const auto starts_word = [&](std::size_t i) { return i == 0 || !letters[i - 1].is_letter(); };
    FuzzyMatch match;
    std::size_t from = 0;
    for (const FuzzyCharacter& wanted : fuzzy_characters(query)) {
        if (wanted.code == U' ') continue;
        std::size_t found = letters.size();
        const bool side_by_side = from > 0 && from < letters.size() && letters[from].code == wanted.code;
        if (side_by_side) found = from;
        for (std::size_t i = from; found == letters.size() && i < letters.size(); ++i)
            if (letters[i].code == wanted.code && starts_word(i)) found = i;
        for (std::size_t i = from; found == letters.size() && i < letters.size(); ++i)
            if (letters[i].code == wanted.code) found = i;
        if (found == letters.size()) return std::nullopt;
        match.score += (starts_word(found) ? 8 : 0) + (side_by_side ? 5 : 0) -
                       (match.positions.empty() ? 0 : static_cast<int>(found - from) / 4);
        match.positions.push_back(letters[found].at);
        from = found + 1;
    }
    return match;
}

}  // namespace convlens
