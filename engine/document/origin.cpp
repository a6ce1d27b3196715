/// Conversion between origins and texts.
#include "engine/document/origin.h"

#include <array>
#include <optional>

namespace convlens {
namespace {

constexpr std::string_view sample_prefix = "sample:";

/// Returns true for a picture that is contained in its own name, see embedded.h.
bool is_data_url(std::string_view text) {
    return text.starts_with("data:image/") && text.find(";base64,") != text.npos;
}

template <class Word>
struct Named {
    Word word;
    std::string_view text;
};

constexpr std::array<Named<KnownKernels>, 2> words_of(KnownKernels) {
    return {{{KnownKernels::own, ""}, {KnownKernels::alexnet, "alexnet"}}};
}

constexpr std::array<Named<KnownNetwork>, 3> words_of(KnownNetwork) {
    return {{{KnownNetwork::own, ""}, {KnownNetwork::largenet, "largenet"}, {KnownNetwork::alexnet, "alexnet"}}};
}

constexpr std::array<Named<KnownCheckpoint>, 3> words_of(KnownCheckpoint) {
    return {{{KnownCheckpoint::own, ""},
             {KnownCheckpoint::convlens, "convlens"},
             {KnownCheckpoint::torchvision, "torchvision"}}};
}

template <class Word>
std::optional<Word> word_from(std::string_view text) {
    for (const auto& named : words_of(Word{}))
        if (named.text == text) return named.word;
    return std::nullopt;
}

template <>
std::optional<Sample> word_from<Sample>(std::string_view text) {
    if (text.starts_with(sample_prefix)) return Sample{std::string(text.substr(sample_prefix.size()))};
    if (is_data_url(text)) return Sample{std::string(text)};
    return std::nullopt;
}

template <class Word>
std::string text_of(const Word& word) {
    for (const auto& named : words_of(Word{}))
        if (named.word == word) return std::string(named.text);
    return {};
}

std::string text_of(const Sample& sample) {
    return is_data_url(sample.name) ? sample.name : std::string(sample_prefix) + sample.name;
}

}  // namespace

template <class Word>
Origin<Word> Origin<Word>::parse(std::string_view text) {
    const auto word = word_from<Word>(text);
    return word ? Origin(*word) : file(std::string(text));
}

template <class Word>
std::string Origin<Word>::text() const {
    if (const Word* known = word()) return text_of(*known);
    return word_from<Word>(path()) ? "./" + path() : path();
}

template class Origin<Sample>;
template class Origin<KnownKernels>;
template class Origin<KnownNetwork>;
template class Origin<KnownCheckpoint>;

}  // namespace convlens
