/// Fuzz target: catalogues of translations; ids are unique, texts are UTF-8 without control characters.
#include <set>

#include "engine/io/po_file.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto entries = convlens::parse_po({reinterpret_cast<const char*>(data), size});
    if (!entries) return 0;
    std::set<std::string> ids;
    for (const convlens::PoEntry& entry : *entries) {
        if (entry.id.empty() || !ids.insert(entry.id).second) __builtin_trap();
        if (!convlens::same_placeholders(entry.id, entry.id)) __builtin_trap();
        if (convlens::same_placeholders(entry.id, entry.text) != convlens::same_placeholders(entry.text, entry.id))
            __builtin_trap();
        for (std::string_view rest : {std::string_view(entry.id), std::string_view(entry.text)})
            while (!rest.empty()) {
                char32_t code = 0;
                const std::size_t bytes = convlens::utf8_character(rest, code);
                if (bytes == 0 || (convlens::is_hidden(code) && code != U'\n' && code != U'\t')) __builtin_trap();
                rest.remove_prefix(bytes);
            }
    }
    return 0;
}
