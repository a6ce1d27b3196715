/// Sentences for people, in the language of the program: English, unless the program translates.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace convlens {

/// Returns the translation of an English text, valid until the program ends; the text itself if there is none.
using Translate = std::string_view (*)(std::string_view english);

/// Sets what translates the formats of all sentences from now on. It is called on any thread. Null: nothing does.
void translate_sentences(Translate translate);

/// Formats `values` with `translation`, or, if that is not a format for them, with `english`.
std::string format_translated(std::string_view translation, fmt::string_view english, fmt::format_args values);

/// Returns the translation of an English text without placeholders; `english` if there is none. What is returned for a
/// literal stays valid until the program ends.
std::string_view translated(std::string_view english);

/// Formats `values` with the translation of `english`, or, if there is none, with `english`.
std::string format_sentence(fmt::string_view english, fmt::format_args values);

/// Returns a sentence with placeholders, translated and formatted with `values`. tests/cli/languages_test.py puts the
/// literals that this function and fail() have as their first argument into the catalogues.
template <class... Values>
std::string sentence(fmt::format_string<Values...> english, Values&&... values) {
    return format_sentence(english, fmt::make_format_args(values...));
}

}  // namespace convlens
