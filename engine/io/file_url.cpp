/// Writes and reads file URLs.
#include "engine/io/file_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/core/numbers.h"
#include "engine/core/printable.h"

namespace convlens {

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        char32_t code = 0;
        const std::size_t size = utf8_character(text, code);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string file_url(const std::filesystem::path& path) {
    constexpr std::string_view plain = "-._~/";
    const std::string text = path.generic_string();
    std::string url = text.starts_with('/') ? "file://" : "file:///";  // C:/a on Windows
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = byte < 0x80 && std::isalnum(byte) != 0;
        if (letter || plain.find(c) != std::string_view::npos)
            url += c;
        else
            url += fmt::format("%{:02X}", byte);
    }
    return url;
}

std::optional<std::string> path_of_url(std::string_view url) {
    for (const std::string_view start : {"file://localhost/", "file:///"}) {
        if (!url.starts_with(start)) continue;
        url.remove_prefix(start.size() - 1);
        std::string path;
        for (std::size_t i = 0; i < url.size(); ++i) {
            if (url[i] != '%') {
                path += url[i];
                continue;
            }
            const std::string_view digits = url.substr(i + 1, 2);
            const bool hexadecimal = digits.size() == 2 && std::ranges::all_of(digits, [](unsigned char c) {
                                         return c < 0x80 && std::isxdigit(c) != 0;
                                     });
            const int byte = hexadecimal ? std::stoi(std::string(digits), nullptr, 16) : 0;
            if (byte == 0) return std::nullopt;
            path += static_cast<char>(byte);
            i += 2;
        }
#ifdef _WIN32
        if (path.size() > 2 && path[2] == ':') path.erase(0, 1);  // /C:/a
#endif
        return path;
    }
    return std::nullopt;
}

std::optional<std::vector<std::string>> paths_in(std::string_view text) {
    std::vector<std::string> paths;
    while (!text.empty()) {
        std::string_view line = cut(text, '\n');
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        const auto path = line.starts_with("file:") ? path_of_url(line) : std::optional<std::string>(line);
        if (!path || !std::filesystem::path(*path).is_absolute()) return std::nullopt;
        paths.push_back(*path);
    }
    return paths.empty() ? std::nullopt : std::optional(paths);
}

}  // namespace convlens
