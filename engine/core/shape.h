/// Sizes of images, kernels and NCHW tensors.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace convlens {

/// Height and width, or any pair of a value along y and one along x: kernel_size, stride, padding, dilation.
struct Size2 {
    int h = 0;
    int w = 0;
    friend bool operator==(const Size2&, const Size2&) = default;
};

/// The four extents of a tensor in PyTorch's order: batch, channels, height, width. None is negative.
struct Shape {
    int n = 0;
    int c = 0;
    int h = 0;
    int w = 0;
    friend bool operator==(const Shape&, const Shape&) = default;

    /// Number of values in one channel: h * w. Returns SIZE_MAX on overflow, which needs a size_t of 32 bits.
    std::size_t plane() const {
        const std::uint64_t product = static_cast<std::uint64_t>(h) * static_cast<std::uint64_t>(w);
        return static_cast<std::size_t>(std::min<std::uint64_t>(product, std::numeric_limits<std::size_t>::max()));
    }

    /// Number of values in the tensor, n * c * h * w. Returns SIZE_MAX on overflow and, where size_t has 32 bits, also
    /// if that many values have more bytes than memory can have.
    std::size_t count() const {
        constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / (sizeof(std::size_t) < 8 ? 8 : 1);
        std::size_t product = 1;
        for (const int extent : {n, c, h, w}) {
            if (extent == 0) return 0;
            const auto factor = static_cast<std::size_t>(extent);
            if (product > most / factor) return std::numeric_limits<std::size_t>::max();
            product *= factor;
        }
        return product;
    }
};

/// Formats `s` as "1x3x300x451", as in the status bar and in all messages.
inline std::string to_string(const Shape& s) { return fmt::format("{}x{}x{}x{}", s.n, s.c, s.h, s.w); }

/// Formats `s` as "5x7" (height x width), as kernel sizes are written.
inline std::string to_string(const Size2& s) { return fmt::format("{}x{}", s.h, s.w); }

}  // namespace convlens
