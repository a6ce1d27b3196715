/// Reads catalogues and looks texts up.
#include "app/ui/language.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "engine/core/host.h"
#include "engine/io/file.h"
#include "engine/io/po_file.h"

namespace convlens {
namespace {

/// Lets a string_view be looked up without a copy.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// The translations of one language.
struct Catalogue {
    std::string code;
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> texts;
};

/// The current catalogue; null for English. Catalogues stay until the program ends, because texts of them are in use.
std::atomic<const Catalogue*> current = nullptr;

/// Returns a text for tests: accents on all letters, four of ten letters doubled, and marks around it. Placeholders
/// stay as they are.
std::string pseudo(std::string_view text) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view accents[] = {"Á", "Ḃ", "Č", "Ď", "É", "Ḟ", "Ğ", "Ĥ", "Î", "Ĵ", "Ķ", "Ĺ", "Ṁ",
                                            "Ñ", "Ó", "Ṗ", "Ǫ", "Ř", "Š", "Ť", "Ú", "Ṽ", "Ŵ", "Ẋ", "Ý", "Ž",
                                            "á", "ḃ", "č", "ď", "é", "ḟ", "ğ", "ĥ", "î", "ĵ", "ķ", "ĺ", "ṁ",
                                            "ñ", "ó", "ṗ", "ǫ", "ř", "š", "ť", "ú", "ṽ", "ŵ", "ẋ", "ý", "ž"};
    std::string made = "\u00AB";
    int letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t kept = 0;
        if (text[i] == '{') {
            kept = std::min(text.find('}', i), text.size() - 1) + 1 - i;
        } else if (text[i] == '%') {
            const std::size_t end = text.find_first_not_of("-+#.0123456789lz", i + 1);
            if (end < text.size() && text[end] >= 'a' && text[end] <= 'z') kept = end + 1 - i;
        }
        if (kept > 0) {
            made += text.substr(i, kept);
            i += kept - 1;
            continue;
        }
        const std::size_t letter = plain.find(text[i]);
        if (letter == std::string_view::npos) {
            made += text[i];
            continue;
        }
        made += accents[letter];
        if (++letters * 2 % 5 < 2) made += accents[letter];
    }
    return made + "\u00BB";
}

/// Returns the translations in the catalogue of a language.
Expected<std::unique_ptr<const Catalogue>> read_catalogue(const std::filesystem::path& assets, std::string_view code) {
    if (assets.empty()) return fail("the folder with the catalogue of language '{}' was not found", code);
    const bool is_pseudo = code == pseudo_language;
    const std::filesystem::path file =
        assets / "languages" / (is_pseudo ? std::string("convlens.pot") : fmt::format("{}.po", code));
    const auto bytes = Bytes::read_file(file, max_po_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto span = bytes->span();
    const auto entries = parse_po({reinterpret_cast<const char*>(span.data()), span.size()});
    if (!entries) return fail("{}: {}", file.string(), entries.error().message);
    auto made = std::make_unique<Catalogue>();
    made->code = code;
    for (const PoEntry& entry : *entries) {
        std::string text = is_pseudo ? pseudo(entry.id) : entry.text;
        if (!text.empty() && same_placeholders(entry.id, text)) made->texts.emplace(entry.id, std::move(text));
    }
    return made;
}

}  // namespace

std::string_view tr(std::string_view english) {
    const Catalogue* const catalogue = current;
    if (!catalogue) return english;
    const auto found = catalogue->texts.find(english);
    return found == catalogue->texts.end() ? english : std::string_view(found->second);
}

// What the first function returns ends with a zero: it is `english` or a std::string.
const char* tr(const char* english) { return english ? tr(std::string_view(english)).data() : nullptr; }

std::string tr(const std::string& english) { return std::string(tr(std::string_view(english))); }

std::string tr_label(std::string_view english) { return fmt::format("{}###{}", tr(english), english); }

std::string upper_case(std::string_view text) {
    std::string made(text);
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (made[i] >= 'a' && made[i] <= 'z') made[i] = static_cast<char>(made[i] - 'a' + 'A');
        // U+00E0 to U+00FE, where U+00F7 is the division sign
        const auto byte = static_cast<unsigned char>(made[i]);
        const bool latin = i > 0 && static_cast<unsigned char>(made[i - 1]) == 0xC3U;
        if (latin && byte >= 0xA0U && byte <= 0xBEU && byte != 0xB7U) made[i] = static_cast<char>(byte - 0x20U);
    }
    return made;
}

Expected<void> use_language(const std::filesystem::path& assets, std::string_view code) {
    static std::map<std::pair<std::filesystem::path, std::string>, std::unique_ptr<const Catalogue>> read;
    if (code == languages.front().code) {
        current = nullptr;
        return {};
    }
    const auto key = std::pair(assets, std::string(code));
    auto found = read.find(key);
    if (found == read.end()) {
        auto made = read_catalogue(assets, code);
        if (!made) return tl::unexpected(made.error());
        found = read.emplace(key, std::move(*made)).first;
    }
    current = found->second.get();
    translate_sentences([](std::string_view english) { return tr(english); });
    return {};
}

std::string_view current_language() {
    const Catalogue* const catalogue = current;
    return catalogue ? std::string_view(catalogue->code) : std::string_view(languages.front().code);
}

std::string system_language() {
    for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const auto value = environment_variable(variable);
        if (!value || value->empty()) continue;
        const std::string code = value->substr(0, value->find_first_of("_.@-"));
        return std::ranges::find(languages, code, [](const Language& l) { return std::string(l.code); }) !=
                       languages.end()
                   ? code
                   : languages.front().code;
    }
    return languages.front().code;
}

}  // namespace convlens
