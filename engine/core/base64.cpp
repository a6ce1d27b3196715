/// Converts three bytes to four characters and back.
#include "engine/core/base64.h"

#include <algorithm>
#include <cstdint>

namespace convlens {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const std::byte> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < count; ++k)
            group |= std::to_integer<std::uint32_t>(bytes[i + k]) << static_cast<unsigned>(16 - 8 * k);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= count ? alphabet[group >> static_cast<unsigned>(18 - 6 * k) & 63U] : '=';
    }
    return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3);
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t filled = i + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < filled; ++k) {
            const std::size_t value = alphabet.find(text[i + k]);
            if (value == alphabet.npos) return std::nullopt;
            group |= static_cast<std::uint32_t>(value) << static_cast<unsigned>(18 - 6 * k);
        }
        for (std::size_t k = 0; k + 1 < filled; ++k)
            bytes.push_back(static_cast<std::byte>(group >> static_cast<unsigned>(16 - 8 * k) & 255U));
    }
    return bytes;
}

}  // namespace convlens
