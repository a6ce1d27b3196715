/// Writes PDF files (PDF 1.4, ISO 32000-1): vector text in the program's typeface, filled rectangles and images.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/image.h"
#include "engine/view/rich_text.h"

namespace convlens {

/// A PDF document in the making. Coordinates are in points (1/72 inch) from the upper left corner of the page; y
/// increases downward. Text stays text that can be searched and copied: the outlines of the letters that occur are
/// embedded as Type 3 fonts.
class Pdf {
  public:
    /// `typeface` must outlive this instance; the built-in one has no outlines, so its text is invisible.
    Pdf(const Typeface& typeface, std::string title) : typeface_(typeface), title_(std::move(title)) {}

    /// Begins a page of this size. Call it before drawing.
    void add_page(float width, float height);

    /// Draws a layout, scaled by `scale`, with its upper left corner at (x, y).
    void text(const RichLayout& layout, float x, float y, float scale, Rgba color);

    void rectangle(float x, float y, float w, float h, Rgba color);

    /// Draws the image over the rectangle, its pixels blended over `background`.
    void image(const Image& image, float x, float y, float w, float h, Rgba background);

    /// Returns the file. Equal calls give equal bytes.
    std::vector<std::byte> finish() const;

  private:
    struct Page {
        float width = 0, height = 0;
        std::string content;
        std::vector<std::size_t> images;
    };
    struct Picture {
        int width = 0, height = 0;
        std::string compressed;  ///< RGB, as by zlib.
    };
    /// The glyphs of a font, 255 at most; its glyph i is the character codes[i] and has the byte i + 1.
    struct Font {
        bool bold = false;
        std::vector<char32_t> codes;
    };

    /// Returns the font and the byte of a character, which become part of the file.
    std::pair<std::size_t, unsigned char> glyph(char32_t code, bool bold);

    const Typeface& typeface_;
    std::string title_;
    std::vector<Page> pages_;
    std::vector<Picture> pictures_;
    std::vector<Font> fonts_;
    std::map<std::pair<char32_t, bool>, std::pair<std::size_t, unsigned char>> glyphs_;
};

}  // namespace convlens
