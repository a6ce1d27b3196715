/// Writes animated GIF files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/shape.h"

namespace convlens {

/// The colors of an image: at most 256, and the index of each pixel's color, row by row.
struct IndexedImage {
    std::vector<std::array<std::uint8_t, 3>> colors;  ///< Red, green and blue, at least one.
    std::vector<std::uint8_t> indices;
    bool exact = true;  ///< Whether every pixel has its own color, because there are at most 256.
};

/// Returns `area` of `image` with at most 256 colors; alpha is ignored. More colors are grouped by splitting boxes of
/// the color space where the squared error is largest; each group gets its mean. The same pixels give the same colors.
IndexedImage indexed_image(const Image& image, const Rect& area);

/// The parts of a GIF file, in order: begin(), add() for each frame, end().
class GifWriter {
  public:
    /// `size` is the height and width of all frames, 1 to 65535.
    explicit GifWriter(Size2 size) : size_(size) {}

    /// Returns the first bytes of the file, which say that it begins again after its last frame.
    std::vector<std::byte> begin() const;

    /// Returns a frame, which is on screen for `hundredths` of a second. Only the rectangle that differs from the frame
    /// before is stored, with its own colors.
    std::vector<std::byte> add(const Image& frame, int hundredths);

    /// Returns the last byte.
    static std::vector<std::byte> end();

    /// Returns true if every frame so far has all of its colors.
    bool exact() const { return exact_; }

  private:
    Size2 size_;
    Image last_;
    bool exact_ = true;
};

}  // namespace convlens
