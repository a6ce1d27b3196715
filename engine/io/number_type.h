/// Number types in files of arrays, and their conversion to float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace convlens {

/// The types of numbers in array files that can be converted to float32.
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

/// Returns the name of the type as in NumPy ("float32", "int64", "bool") or PyTorch ("bfloat16").
std::string_view name_of(NumberType type);

/// Returns the number of bytes of one number.
std::size_t size_bytes(NumberType type);

/// Converts out.size() numbers of `type` to the nearest float32 and writes them to `out`; booleans become 0 or 1.
/// `bytes` hold at least that many numbers, in big-endian order if `big_endian`, and need no alignment.
void convert_to_float(std::span<const std::byte> bytes, NumberType type, bool big_endian, std::span<float> out);

/// Returns the number of values of an array: the product of the extents in `shape`, 1 if there are none. Returns
/// nullopt if an extent is negative or the product exceeds 2^63 - 1.
std::optional<std::uint64_t> count_of(const std::vector<std::int64_t>& shape);

/// Returns the number of bytes of count_of(shape) numbers of `type`; nullopt if count_of() returns nullopt or the
/// number exceeds 2^63 - 1.
std::optional<std::uint64_t> bytes_of(const std::vector<std::int64_t>& shape, NumberType type);

}  // namespace convlens
