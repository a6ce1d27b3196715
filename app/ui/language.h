/// The words of the window in the language that the user has chosen. English is the source: the catalogues in
/// assets/languages map English texts to their translations.
#pragma once

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/sentence.h"

namespace convlens {

/// A language that the window has a catalogue for.
struct Language {
    const char* code;  ///< ISO 639-1.
    const char* name;  ///< In the language itself.
};
inline constexpr std::array<Language, 3> languages{{{"en", "English"}, {"de", "Deutsch"}, {"es", "Español"}}};

/// Code of the language for tests, which makes every text of the template longer and writes it with accents.
inline constexpr std::string_view pseudo_language = "pseudo";

/// A text of the window, or several, that are translated where they are drawn. The names tell
/// tests/cli/languages_test.py that the texts belong into the catalogues.
using Word = const char*;
template <std::size_t N>
using Words = std::array<std::string_view, N>;

/// Returns the translation of a text into the current language; the text itself if there is none. The translation stays
/// valid until the program ends. May be called on any thread.
const char* tr(const char* english);
std::string_view tr(std::string_view english);
std::string tr(const std::string& english);

/// Returns the label for Dear ImGui of a control: the translation, and the English text as its id.
std::string tr_label(std::string_view english);

/// Returns the translation of a sentence with placeholders, formatted with `values`. A plural is a sentence of its own:
/// n == 1 ? tr_format("{} value", n) : tr_format("{} values", n), which fits languages with two forms.
template <class... Values>
std::string tr_format(fmt::format_string<Values...> english, Values&&... values) {
    const fmt::string_view source = english;
    return format_translated(tr(std::string_view(source.data(), source.size())), source,
                             fmt::make_format_args(values...));
}

/// Returns the text in capital letters, also Latin letters with accents.
std::string upper_case(std::string_view text);

/// Makes `code` the current language, also that of sentence() and fail(). Reads its catalogue in `assets` when it is
/// chosen for the first time. Fails if it can't be read; the language then stays as it was. Call only on the main
/// thread.
Expected<void> use_language(const std::filesystem::path& assets, std::string_view code);

/// Returns the code of the current language.
std::string_view current_language();

/// Returns the code of the system's language, as the first of LC_ALL, LC_MESSAGES and LANG that is set names it; "en"
/// if there is no catalogue for it.
std::string system_language();

}  // namespace convlens
