/// Reading and writing of protobuf messages. Format: https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/io/byte_reader.h"

namespace convlens {

/// How the value of a field is stored.
enum class ProtoWire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field of a message.
struct ProtoField {
    std::uint32_t number = 0;
    ProtoWire wire = ProtoWire::varint;
    std::uint64_t value = 0;           ///< The number of a varint, fixed32 or fixed64.
    std::span<const std::byte> bytes;  ///< The content of ProtoWire::bytes: text, a message, or packed numbers.

    bool is(std::uint32_t n, ProtoWire w) const { return number == n && wire == w; }
    std::string_view text() const { return text_of(bytes); }
};

/// Reads the fields of one message from front to back.
class ProtoReader {
  public:
    /// Reads `message`, which must stay valid while this object and the fields are used.
    explicit ProtoReader(std::span<const std::byte> message) : reader_(message) {}

    /// Reads the next field. Returns false at the end of the message and at the first byte that is not protobuf.
    bool next(ProtoField& field);

    /// Returns true if the message ended within a field, or has a group, an invalid field number, or a number of more
    /// than 64 bits.
    bool failed() const { return failed_ || reader_.failed(); }

    /// Returns the next number of variable length.
    std::uint64_t varint();
    /// Returns true if all bytes have been read.
    bool at_end() const { return reader_.rest().empty(); }

  private:
    ByteReader reader_;
    bool failed_ = false;
};

/// Calls visit(number) for each number of a repeated field of varints, packed or not. Returns false if the field has
/// another type or its bytes are invalid.
template <class Visit>
bool for_each_varint(const ProtoField& field, const Visit& visit) {
    if (field.wire == ProtoWire::varint) return visit(field.value), true;
    if (field.wire != ProtoWire::bytes) return false;
    ProtoReader packed(field.bytes);
    while (!packed.at_end() && !packed.failed())
        if (const std::uint64_t value = packed.varint(); !packed.failed()) visit(value);
    return !packed.failed();
}

/// Writes the fields of a message.
class ProtoWriter {
  public:
    void integer(std::uint32_t number, std::int64_t value) {
        tag(number, ProtoWire::varint);
        varint(static_cast<std::uint64_t>(value));
    }
    void real(std::uint32_t number, float value) {
        tag(number, ProtoWire::fixed32);
        const auto raw = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<std::byte>(raw >> shift & 255U));
    }
    void content(std::uint32_t number, std::span<const std::byte> content) {
        tag(number, ProtoWire::bytes);
        varint(content.size());
        bytes_.insert(bytes_.end(), content.begin(), content.end());
    }
    void text(std::uint32_t number, std::string_view text) { content(number, std::as_bytes(std::span(text))); }
    void message(std::uint32_t number, const ProtoWriter& message) { content(number, message.bytes_); }

    const std::vector<std::byte>& bytes() const { return bytes_; }

  private:
    void tag(std::uint32_t number, ProtoWire wire) {
        varint(std::uint64_t{number} << 3U | static_cast<unsigned>(wire));
    }
    void varint(std::uint64_t value) {
        for (; value >= 128; value >>= 7U) bytes_.push_back(static_cast<std::byte>((value & 127U) | 128U));
        bytes_.push_back(static_cast<std::byte>(value));
    }

    std::vector<std::byte> bytes_;
};

}  // namespace convlens
