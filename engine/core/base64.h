/// Base64 (RFC 4648, section 4): bytes as letters, digits, '+', '/' and '='.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace convlens {

/// Returns the bytes in base64, padded with '=' to a multiple of four characters.
std::string to_base64(std::span<const std::byte> bytes);

/// Returns the bytes that `text` stands for; nullopt if it is not padded base64 without spaces.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace convlens
