/// Text in pictures, without a window.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// A typeface for pictures: a TrueType or OpenType file, or the built-in capital-height letters of stb_easy_font, which
/// know ASCII only. The same file gives the same pixels everywhere.
class Typeface {
  public:
    /// The built-in one.
    Typeface();

    /// The one in `file`; the built-in one where `file` is empty, unreadable or no typeface.
    explicit Typeface(const std::filesystem::path& file);

    /// Pixels from the left of the first letter to the right of the last, at `size` pixels from line to line.
    int width(std::string_view utf8, int size) const;

    /// Draws one line in `color` over `image`; (x, y) is the upper left corner of the line, which is `size` pixels
    /// high. What lies outside the image is left out.
    void draw(Image& image, int x, int y, std::string_view utf8, int size, Rgba color) const;

  private:
    struct File;
    std::shared_ptr<const File> file_;  ///< Null for the built-in one.
};

/// Puts `color` over the pixel with the weight `coverage` / 255, as PNG's "over": both may be transparent.
void blend(std::uint8_t* pixel, Rgba color, int coverage);

/// Fills the part of `area` that lies inside.
void fill(Image& image, Rect area, Rgba color);

/// Copies `part` into `image` with its upper left corner at (x, y), each pixel `scale` x `scale` large.
void paste(Image& image, const Image& part, int x, int y, int scale = 1);

}  // namespace convlens
