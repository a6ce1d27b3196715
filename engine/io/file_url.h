/// Paths as file URLs (RFC 8089), which can hold every path in a text that must be UTF-8, such as JSON.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace convlens {

/// Returns true if `text` is valid UTF-8.
bool is_utf8(std::string_view text);

/// Returns "file://" and the absolute path `path`; all bytes but letters, digits and "-._~/" are written as %XX.
std::string file_url(const std::filesystem::path& path);

/// Returns the path of a file URL without a host, or with the host "localhost": "file:///tmp/a%20b.png" is
/// "/tmp/a b.png". Returns nullopt for any other text, and if a %XX is not two hexadecimal digits or is 00.
std::optional<std::string> path_of_url(std::string_view url);

/// Returns the paths in a text that consists of nothing else: absolute paths or file: URLs (RFC 8089), one a line;
/// lines that begin with '#' are comments (RFC 2483). Returns nullopt for any other text.
std::optional<std::vector<std::string>> paths_in(std::string_view text);

}  // namespace convlens
