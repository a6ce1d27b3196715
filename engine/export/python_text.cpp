/// Escapes texts for Python.
#include "engine/export/python_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "engine/core/printable.h"

namespace convlens {

std::string python_escaped(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        char32_t code = 0;
        const std::size_t size = utf8_character(text, code);
        const auto number = static_cast<std::uint32_t>(code);
        if (size == 0)
            result += fmt::format("\\udc{:02x}", static_cast<unsigned char>(text.front()));
        else if (code == '"' || code == '\\')
            result += {'\\', text.front()};
        else if (is_hidden(code))
            result += code < 0x10000 ? fmt::format("\\u{:04x}", number) : fmt::format("\\U{:08x}", number);
        else
            result += text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return result;
}

std::string python_string(std::string_view text) { return '"' + python_escaped(text) + '"'; }

std::string python_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

}  // namespace convlens
