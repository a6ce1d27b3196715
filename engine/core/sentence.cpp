/// Formats sentences with what the program has set to translate them.
#include "engine/core/sentence.h"

#include <atomic>

namespace convlens {
namespace {

std::atomic<Translate> current = nullptr;

}  // namespace

void translate_sentences(Translate translate) { current = translate; }

std::string format_translated(std::string_view translated, fmt::string_view english, fmt::format_args values) {
    if (translated.data() != english.data()) {
        try {
            return fmt::vformat(fmt::string_view(translated.data(), translated.size()), values);
        } catch (const fmt::format_error&) {  // the translation asks for other values
        }
    }
    return fmt::vformat(english, values);
}

std::string format_sentence(fmt::string_view english, fmt::format_args values) {
    const Translate translate = current;
    const std::string_view source(english.data(), english.size());
    return format_translated(translate ? translate(source) : source, english, values);
}

}  // namespace convlens
