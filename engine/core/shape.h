/// Sizes of images, kernels and NCHW tensors.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace convlens {

/// Height and width in values, or any other pair of numbers along y (h) and along x (w): stride, padding, dilation.
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

    /// Returns the number of values in one channel, h * w; SIZE_MAX on overflow, which is possible only where size_t
    /// has 32 bits.
    std::size_t plane() const {
        const std::uint64_t product = static_cast<std::uint64_t>(h) * static_cast<std::uint64_t>(w);
        return static_cast<std::size_t>(std::min<std::uint64_t>(product, std::numeric_limits<std::size_t>::max()));
    }

    /// Returns the number of values in the tensor, n * c * h * w; SIZE_MAX on overflow. Where size_t has 32 bits, also
    /// returns SIZE_MAX for more than SIZE_MAX / 8 values, because so many do not fit into memory.
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

/// Formats `s` as "NxCxHxW", for example "1x3x300x451". The status bar and all messages use this form.
inline std::string to_string(const Shape& s) { return fmt::format("{}x{}x{}x{}", s.n, s.c, s.h, s.w); }

/// Formats `s` as "HxW", for example "5x7" for a kernel of 5 rows and 7 columns.
inline std::string to_string(const Size2& s) { return fmt::format("{}x{}", s.h, s.w); }

}  // namespace convlens
