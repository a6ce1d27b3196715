/// Number types in files of arrays, and their conversion to float32.
#include "engine/io/number_type.h"

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace convlens {
namespace {

struct NumberTypeInfo {
    std::string_view name;
    std::size_t size_bytes;
};

/// Names and sizes in the order of NumberType.
constexpr std::array<NumberTypeInfo, 13> facts = {{{"float16", 2},
                                                   {"bfloat16", 2},
                                                   {"float32", 4},
                                                   {"float64", 8},
                                                   {"int8", 1},
                                                   {"int16", 2},
                                                   {"int32", 4},
                                                   {"int64", 8},
                                                   {"uint8", 1},
                                                   {"uint16", 2},
                                                   {"uint32", 4},
                                                   {"uint64", 8},
                                                   {"bool", 1}}};

constexpr auto max_count = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// Converts a float16 (IEEE 754 binary16).
float from_half(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31;
    const auto fraction = static_cast<float>(bits & 1023);
    float value = 0;
    if (exponent == 0) {
        value = std::ldexp(fraction, -24);
    } else if (exponent == 31) {
        value = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    } else {
        value = std::ldexp(fraction + 1024, exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -value : value;
}

/// Converts bfloat16, the upper half of a float32.
float from_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U); }

template <class Stored, class ToFloat>
void convert(std::span<const std::byte> bytes, bool big_endian, std::span<float> out, ToFloat to_float) {
    assert(bytes.size() / sizeof(Stored) >= out.size());
    const bool swap = big_endian != (std::endian::native == std::endian::big);
    const std::byte* from = bytes.data();
    for (float& value : out) {
        std::array<std::byte, sizeof(Stored)> raw;
        for (std::size_t i = 0; i < sizeof(Stored); ++i) raw[i] = from[swap ? sizeof(Stored) - 1 - i : i];
        value = to_float(std::bit_cast<Stored>(raw));
        from += sizeof(Stored);
    }
}

}  // namespace

std::string_view name_of(NumberType type) { return facts[static_cast<std::size_t>(type)].name; }

std::size_t size_bytes(NumberType type) { return facts[static_cast<std::size_t>(type)].size_bytes; }

void convert_to_float(std::span<const std::byte> bytes, NumberType type, bool big_endian, std::span<float> out) {
    const auto cast = [](auto stored) { return static_cast<float>(stored); };
    switch (type) {
        case NumberType::float16: return convert<std::uint16_t>(bytes, big_endian, out, from_half);
        case NumberType::bfloat16: return convert<std::uint16_t>(bytes, big_endian, out, from_bfloat16);
        case NumberType::float32: return convert<float>(bytes, big_endian, out, cast);
        case NumberType::float64: return convert<double>(bytes, big_endian, out, cast);
        case NumberType::int8: return convert<std::int8_t>(bytes, big_endian, out, cast);
        case NumberType::int16: return convert<std::int16_t>(bytes, big_endian, out, cast);
        case NumberType::int32: return convert<std::int32_t>(bytes, big_endian, out, cast);
        case NumberType::int64: return convert<std::int64_t>(bytes, big_endian, out, cast);
        case NumberType::uint8: return convert<std::uint8_t>(bytes, big_endian, out, cast);
        case NumberType::uint16: return convert<std::uint16_t>(bytes, big_endian, out, cast);
        case NumberType::uint32: return convert<std::uint32_t>(bytes, big_endian, out, cast);
        case NumberType::uint64: return convert<std::uint64_t>(bytes, big_endian, out, cast);
        case NumberType::boolean:
            return convert<std::uint8_t>(bytes, big_endian, out, [](std::uint8_t b) { return b != 0 ? 1.0F : 0.0F; });
    }
}

std::optional<std::uint64_t> count_of(const std::vector<std::int64_t>& shape) {
    std::uint64_t count = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return std::nullopt;
        if (extent == 0) empty = true;
    }
    if (empty) return 0;
    for (const std::int64_t extent : shape) {
        const auto factor = static_cast<std::uint64_t>(extent);
        if (count > max_count / factor) return std::nullopt;
        count *= factor;
    }
    return count;
}

std::optional<std::uint64_t> bytes_of(const std::vector<std::int64_t>& shape, NumberType type) {
    const auto count = count_of(shape);
    if (!count || *count > max_count / size_bytes(type)) return std::nullopt;
    return *count * size_bytes(type);
}

}  // namespace convlens
