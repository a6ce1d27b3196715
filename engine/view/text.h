/// Drawing of text and rectangles into images.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// A piece of a glyph's outline, in ems; y increases upward, the baseline is y = 0. `kind` is 'm' (a contour begins at
/// x, y), 'l' (a line to x, y) or 'c' (a cubic Bezier curve to x, y with the control points x1, y1 and x2, y2).
struct OutlinePart {
    char kind = 'm';
    float x = 0, y = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// A font for text in images: a TrueType or OpenType file, or the built-in stb_easy_font, which has only ASCII
/// characters and draws "?" for all others. The same font file gives the same pixels on every machine.
class Typeface {
  public:
    /// Uses the built-in font.
    Typeface();

    /// Loads the font in `file`; uses the built-in font if `file` is empty, unreadable or not a font.
    explicit Typeface(const std::filesystem::path& file);

    /// Returns the width of a line of text in pixels, rounded up, if the line is `size` pixels high. This is the sum of
    /// the characters' advance widths.
    int width(std::string_view utf8, int size) const;

    /// Draws one line of text in `color` over `image`. (x, y) is the upper left corner of the line, which is `size`
    /// pixels high. Parts outside the image are clipped.
    void draw(Image& image, int x, int y, std::string_view utf8, int size, Rgba color) const;

    /// Return the distances of the top and the bottom of a line from its baseline, both positive, in ems.
    float ascent() const;
    float descent() const;

    /// Returns the width of a line of text whose em is `em` pixels: the sum of the characters' advance widths. Bold
    /// characters are em / 40 wider.
    float advance(std::string_view utf8, float em, bool bold) const;

    /// Draws one line of text whose em is `em` pixels and whose baseline begins at (x, baseline). Bold text has strokes
    /// that are em / 20 pixels wider. Parts outside the image are clipped.
    void draw_line(Image& image, float x, float baseline, std::string_view utf8, float em, Rgba color, bool bold) const;

    /// Returns the outline of the character `code`; empty for a space and for the built-in font.
    std::vector<OutlinePart> outline(char32_t code) const;

    /// Returns true if this is the built-in font.
    bool built_in() const { return !file_; }

  private:
    struct File;
    std::shared_ptr<const File> file_;  ///< Null for the built-in font.
};

/// Draws `color` over the four RGBA bytes at `pixel` (Porter and Duff's operator "over"). The alpha of `color` is first
/// multiplied by coverage / 255, 0 <= coverage <= 255. Both colors may be transparent.
void blend(std::uint8_t* pixel, Rgba color, int coverage);

/// Draws `color` over all pixels of `area` that lie inside the image, like blend() with full coverage.
void fill(Image& image, Rect area, Rgba color);

/// Copies `part` into `image` with its upper left corner at (x, y); each pixel of `part` becomes a square of `scale` x
/// `scale` pixels. Replaces the pixels of `image`. Parts outside the image are clipped.
void paste(Image& image, const Image& part, int x, int y, int scale = 1);

}  // namespace convlens
