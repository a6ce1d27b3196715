/// Pixels as X servers send them, and their conversion to colors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/core/tensor.h"

namespace convlens {

/// How a pixel of the screen is stored.
struct PixelLayout {
    int bits = 32;  ///< Of a pixel in memory.
    bool big_endian = false;
    std::uint32_t red = 0xff0000, green = 0xff00, blue = 0xff;  ///< The bits of a pixel that are this color.
    friend bool operator==(const PixelLayout&, const PixelLayout&) = default;
};

/// Fails, with what is wrong as "it has 8 bits per pixel", unless pixels have 16, 24 or 32 bits, and each color is 1 to
/// 16 bits in a row that are no other color's.
Expected<void> check_layout(const PixelLayout& layout);

/// Converts pixels of a layout that check_layout() accepts to values value / (2^bits - 1) of `color`, (1, 3, H, W).
/// Rows are `row_bytes` apart; `bytes` has all of them.
void convert_pixels(const PixelLayout& layout, std::span<const std::byte> bytes, std::size_t row_bytes, Tensor& color);

/// Returns the region as a part of a screen of `screen` pixels, each side at least 1: moved, and made smaller where it
/// is larger than the screen.
Rect inside_screen(Rect region, Size2 screen);

}  // namespace convlens
