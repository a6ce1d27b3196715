/// Number types in files of arrays, and their conversion to float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace convlens {

enum class NumberType {
    float16,
    bfloat16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    boolean
};

/// Returns NumPy's name: "float32", "bfloat16", "int64", "bool".
std::string_view name_of(NumberType type);

/// Returns the number of bytes of one number.
std::size_t size_bytes(NumberType type);

/// Converts numbers of `type`, stored in big-endian order if `big_endian`, to the nearest float32. `bytes` need no
/// alignment and hold at least out.size() numbers.
void convert_to_float(std::span<const std::byte> bytes, NumberType type, bool big_endian, std::span<float> out);

/// Returns the product of the extents (1 if there are none), or nullopt if an extent is negative or the product exceeds
/// 2^63 - 1.
std::optional<std::uint64_t> count_of(const std::vector<std::int64_t>& shape);

/// Returns the number of bytes of count_of(shape) numbers, or nullopt if it exceeds 2^63 - 1.
std::optional<std::uint64_t> bytes_of(const std::vector<std::int64_t>& shape, NumberType type);

}  // namespace convlens
