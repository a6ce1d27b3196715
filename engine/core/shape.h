/// Sizes of images, kernels and NCHW tensors.
#pragma once

#include <fmt/format.h>

#include <cstddef>
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

    /// Number of values in one channel: h * w.
    std::size_t plane() const { return static_cast<std::size_t>(h) * static_cast<std::size_t>(w); }

    /// Number of values in the tensor, n * c * h * w. Returns SIZE_MAX on overflow.
    std::size_t count() const {
        std::size_t product = 1;
        for (const int extent : {n, c, h, w}) {
            if (extent == 0) return 0;
            const auto factor = static_cast<std::size_t>(extent);
            if (product > std::numeric_limits<std::size_t>::max() / factor)
                return std::numeric_limits<std::size_t>::max();
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
