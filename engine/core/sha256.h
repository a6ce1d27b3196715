/// SHA-256 hashes.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace convlens {

/// Returns the SHA-256 of `bytes` (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

}  // namespace convlens
