/// Text in images, without a window.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// A font for text in images: a TrueType or OpenType file, or the built-in stb_easy_font, which covers ASCII only. The
/// same file gives the same pixels on every machine.
class Typeface {
  public:
    /// Uses the built-in font.
    Typeface();

    /// Loads the font in `file`; uses the built-in font if `file` is empty, unreadable or not a font.
    explicit Typeface(const std::filesystem::path& file);

    /// Returns the width in pixels from the left of the first letter to the right of the last, for lines that are
    /// `size` pixels high.
    int width(std::string_view utf8, int size) const;

    /// Draws one line of text in `color` over `image`. (x, y) is the upper left corner of the line, which is `size`
    /// pixels high. Parts outside the image are clipped.
    void draw(Image& image, int x, int y, std::string_view utf8, int size, Rgba color) const;

  private:
    struct File;
    std::shared_ptr<const File> file_;  ///< Null for the built-in font.
};

/// Composites `color` over the pixel with the weight `coverage` / 255 (the "over" operator of PNG); both colors may be
/// transparent.
void blend(std::uint8_t* pixel, Rgba color, int coverage);

/// Composites `color` over the part of `area` that lies inside the image.
void fill(Image& image, Rect area, Rgba color);

/// Copies `part` into `image` with its upper left corner at (x, y); each of its pixels becomes `scale` x `scale`
/// pixels.
void paste(Image& image, const Image& part, int x, int y, int scale = 1);

}  // namespace convlens
