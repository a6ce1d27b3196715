/// Bounds-checked reading of untrusted bytes.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace convlens {

/// Reads integers and sequences of bytes from front to back. The first read past the end sets failed() permanently, and
/// every later read returns zero or an empty span. A parser can therefore read a whole header and check failed() once
/// before it uses the values.
class ByteReader {
  public:
    /// Reads from `bytes`, which must stay valid while this object and the spans that it returns are used.
    explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    /// Returns the next integer, stored in little-endian order; 0 if the bytes end within it.
    template <std::unsigned_integral T>
    T little() {
        T value = 0;
        const auto raw = take(sizeof(T));
        for (std::size_t i = raw.size(); i-- > 0;) value = append(value, raw[i]);
        return value;
    }

    /// Returns the next integer, stored in big-endian order; 0 if the bytes end within it.
    template <std::unsigned_integral T>
    T big() {
        T value = 0;
        for (const std::byte b : take(sizeof(T))) value = append(value, b);
        return value;
    }

    /// Returns the next byte; 0 at the end.
    std::uint8_t byte() { return little<std::uint8_t>(); }

    /// Returns the next `count` bytes; if fewer are left, returns an empty span.
    std::span<const std::byte> take(std::size_t count) {
        if (count > bytes_.size() - offset_) failed_ = true;
        if (failed_) return {};
        offset_ += count;
        return bytes_.subspan(offset_ - count, count);
    }

    /// Skips the next `count` bytes.
    void skip(std::size_t count) { take(count); }

    /// Returns the bytes that have not been read.
    std::span<const std::byte> rest() const { return bytes_.subspan(offset_); }
    std::size_t offset() const { return offset_; }  ///< Number of bytes read so far.
    bool failed() const { return failed_; }         ///< Whether a read went past the end.

  private:
    template <class T>
    static T append(T value, std::byte low) {
        return static_cast<T>((static_cast<std::uint64_t>(value) << 8U) | std::to_integer<std::uint64_t>(low));
    }

    std::span<const std::byte> bytes_;
    std::size_t offset_ = 0;
    bool failed_ = false;
};

/// Returns a view of the bytes as text.
inline std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Returns true if `bytes` begin with `magic`.
inline bool begins_with(std::span<const std::byte> bytes, std::string_view magic) {
    return text_of(bytes.first(std::min(bytes.size(), magic.size()))) == magic;
}

}  // namespace convlens
