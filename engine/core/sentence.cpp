/// Formats sentences with what the program has set to translate them.
#include "engine/core/sentence.h"

#include <atomic>

namespace convlens {
namespace {

std::atomic<Translate> current = nullptr;

}  // namespace

void translate_sentences(Translate translate) { current = translate; }

std::string_view translated(std::string_view english) {
    const Translate translate = current;
    return translate ? translate(english) : english;
}

std::string format_translated(std::string_view translation, fmt::string_view english, fmt::format_args values) {
    if (translation.data() != english.data()) {
        try {
            return fmt::vformat(fmt::string_view(translation.data(), translation.size()), values);
        } catch (const fmt::format_error&) {  // the translation asks for other values
        }
    }
    return fmt::vformat(english, values);
}

std::string format_sentence(fmt::string_view english, fmt::format_args values) {
    return format_translated(translated({english.data(), english.size()}), english, values);
}

}  // namespace convlens
