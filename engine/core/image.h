/// RGBA images to show on the screen or to write to a PNG file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/core/memory_limit.h"

namespace convlens {

/// Red, green, blue and alpha, each 0..255. Alpha 255 is opaque. The colors are not premultiplied by alpha.
using Rgba = std::array<std::uint8_t, 4>;

/// A rectangle of w columns and h rows of pixels. (x, y) is its upper left corner; x increases to the right, y
/// downward.
struct Rect {
    int x = 0;
    int y = 0;
    int w = 0;
    int h = 0;
    friend bool operator==(const Rect&, const Rect&) = default;
};

/// An image of width * height RGBA8 pixels, rows from top to bottom.
struct Image {
    int width = 0;
    int height = 0;
    /// Counts for the memory limit.
    using Bytes = CountedVector<std::uint8_t>;
    Bytes rgba;  ///< Red, green, blue and alpha of each pixel: width * height * 4 bytes.

    /// Makes an image without pixels, or one of width_ * height_ pixels of color `fill`.
    Image() = default;
    Image(int width_, int height_, Rgba fill = {0, 0, 0, 0}) { reset(width_, height_, fill); }

    /// Makes this an image of width_ * height_ pixels of color `fill`. Reuses the allocated memory if it is large
    /// enough and at most four times as large as needed.
    void reset(int width_, int height_, Rgba fill) {
        const std::size_t bytes = static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4;
        if (bytes > rgba.capacity() || bytes < rgba.capacity() / 4) rgba = Bytes(bytes);
        rgba.resize(bytes);
        width = width_;
        height = height_;
        for (std::size_t i = 0; i < rgba.size(); i += 4) std::memcpy(&rgba[i], fill.data(), 4);
    }

    /// Returns the four bytes of the pixel in column x of row y.
    std::uint8_t* pixel(int x, int y) {
        return rgba.data() +
               (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * 4;
    }
    const std::uint8_t* pixel(int x, int y) const { return const_cast<Image*>(this)->pixel(x, y); }
};

}  // namespace convlens
