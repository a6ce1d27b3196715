/// Glyphs from stb_truetype, or from stb_easy_font if there is no font file.
#include "engine/view/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <vector>

namespace {

/// Memory for stb_truetype, which leaves a glyph out, or crashes, if its request returns null.
void* allocate_for_glyphs(std::size_t bytes) {
    if (void* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}

}  // namespace

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_malloc(bytes, context) (static_cast<void>(context), allocate_for_glyphs(bytes))
#define STBTT_free(memory, context) (static_cast<void>(context), std::free(memory))
#define STBTT_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <stb/stb_easy_font.h>
#include <stb/stb_truetype.h>
#pragma GCC diagnostic pop

namespace convlens {

struct Typeface::File {
    std::string bytes;
    stbtt_fontinfo info{};
    int ascent = 0, descent = 0;

    float em() const { return stbtt_ScaleForMappingEmToPixels(&info, 1); }  ///< Ems per unit of the font.

    /// Draws the character with its origin at (x, baseline); `scale` is pixels per unit of the font. `mask` is memory
    /// to reuse.
    void draw(Image& image, float x, int baseline, int code, float scale, Rgba color,
              std::vector<unsigned char>& mask) const;
};

namespace {

/// Removes the next code point from `text` and returns it. Returns '?' for a byte that is not part of valid UTF-8.
int next_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80        ? 1
                               : first >> 5U == 6  ? 2
                               : first >> 4U == 14 ? 3
                               : first >> 3U == 30 ? 4
                                                   : 0;
    unsigned code = length == 1 ? first : length == 0 ? '?' : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) >> 6U != 2) {
            text.remove_prefix(1);
            return '?';
        }
        code = code << 6U | (byte(i) & 0x3FU);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
    return static_cast<int>(code);
}

/// Height of a line of stb_easy_font in the font's own units. Letters are 7 units high.
constexpr float easy_line = 12;

constexpr float bold_stroke = 20, bold_spacing = 40;  ///< What bold adds to strokes and advance widths, in ems: 1 / x.

/// Replaces all characters that are not printable ASCII by '?'.
std::string ascii(std::string_view utf8) {
    std::string text;
    while (!utf8.empty()) {
        const int code = next_code_point(utf8);
        text += code >= 32 && code < 127 ? static_cast<char>(code) : '?';
    }
    return text;
}

}  // namespace

Typeface::Typeface() = default;

Typeface::Typeface(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in && errno == ENOMEM) throw std::bad_alloc();  // rather than letters of another shape
    if (!in) return;
    auto loaded = std::make_shared<File>();
    loaded->bytes.assign(std::istreambuf_iterator<char>(in), {});
    const auto* data = reinterpret_cast<const unsigned char*>(loaded->bytes.data());
    if (loaded->bytes.size() < 1000 || stbtt_InitFont(&loaded->info, data, stbtt_GetFontOffsetForIndex(data, 0)) == 0)
        return;
    int gap = 0;
    stbtt_GetFontVMetrics(&loaded->info, &loaded->ascent, &loaded->descent, &gap);
    if (loaded->ascent > loaded->descent) file_ = std::move(loaded);
}

int Typeface::width(std::string_view utf8, int size) const {
    if (!file_) {
        std::string text = ascii(utf8);
        return static_cast<int>(
            std::ceil(static_cast<float>(stb_easy_font_width(text.data())) * static_cast<float>(size) / easy_line));
    }
    const float scale = static_cast<float>(size) / static_cast<float>(file_->ascent - file_->descent);
    float at = 0;
    while (!utf8.empty()) {
        int advance = 0, bearing = 0;
        stbtt_GetCodepointHMetrics(&file_->info, next_code_point(utf8), &advance, &bearing);
        at += static_cast<float>(advance) * scale;
    }
    return static_cast<int>(std::ceil(at));
}

void blend(std::uint8_t* pixel, Rgba color, int coverage) {
    const int over = coverage * color[3] / 255;
    const int under = pixel[3] * (255 - over) / 255, alpha = over + under;
    if (alpha == 0) return;
    for (std::size_t i = 0; i < 3; ++i)
        pixel[i] = static_cast<std::uint8_t>((color[i] * over + pixel[i] * under + alpha / 2) / alpha);
    pixel[3] = static_cast<std::uint8_t>(alpha);
}

void fill(Image& image, Rect area, Rgba color) {
    for (int y = std::max(area.y, 0); y < std::min(area.y + area.h, image.height); ++y)
        for (int x = std::max(area.x, 0); x < std::min(area.x + area.w, image.width); ++x)
            blend(image.pixel(x, y), color, 255);
}

void paste(Image& image, const Image& part, int x, int y, int scale) {
    for (int j = std::max(y, 0); j < std::min(y + part.height * scale, image.height); ++j)
        for (int i = std::max(x, 0); i < std::min(x + part.width * scale, image.width); ++i)
            std::copy_n(part.pixel((i - x) / scale, (j - y) / scale), 4, image.pixel(i, j));
}

void Typeface::draw(Image& image, int x, int y, std::string_view utf8, int size, Rgba color) const {
    if (!file_) {
        std::string text = ascii(utf8);
        std::vector<std::array<float, 16>> quads(text.size() * 64 + 16);  // four corners of x, y, z, color
        const int count = stb_easy_font_print(0, 0, text.data(), nullptr, quads.data(),
                                              static_cast<int>(quads.size() * sizeof(quads[0])));
        const float scale = static_cast<float>(size) / easy_line;
        const auto pixel = [scale](float v) { return static_cast<int>(std::lround(v * scale)); };
        for (int i = 0; i < count; ++i) {
            const auto& q = quads[static_cast<std::size_t>(i)];
            const int left = pixel(q[0]), top = pixel(q[1] + 2);
            fill(image, {x + left, y + top, std::max(pixel(q[8]) - left, 1), std::max(pixel(q[9] + 2) - top, 1)},
                 color);
        }
        return;
    }
    const float scale = static_cast<float>(size) / static_cast<float>(file_->ascent - file_->descent);
    const int baseline = y + static_cast<int>(std::lround(static_cast<float>(file_->ascent) * scale));
    float at = static_cast<float>(x);
    std::vector<unsigned char> mask;
    while (!utf8.empty()) {
        const int code = next_code_point(utf8);
        int advance = 0, bearing = 0;
        stbtt_GetCodepointHMetrics(&file_->info, code, &advance, &bearing);
        file_->draw(image, at, baseline, code, scale, color, mask);
        at += static_cast<float>(advance) * scale;
    }
}

void Typeface::File::draw(Image& image, float x, int baseline, int code, float scale, Rgba color,
                          std::vector<unsigned char>& mask) const {
    int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    const float whole = std::floor(x), part = x - whole;
    stbtt_GetCodepointBitmapBoxSubpixel(&info, code, scale, scale, part, 0, &x0, &y0, &x1, &y1);
    const int w = x1 - x0, h = y1 - y0;
    if (w <= 0 || h <= 0 || w >= 4096 || h >= 4096) return;
    mask.assign(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), 0);
    stbtt_MakeCodepointBitmapSubpixel(&info, mask.data(), w, h, w, scale, scale, part, 0, code);
    const int left = static_cast<int>(whole) + x0, top = baseline + y0;
    for (int j = std::max(0, -top); j < std::min(h, image.height - top); ++j)
        for (int i = std::max(0, -left); i < std::min(w, image.width - left); ++i)
            if (const int coverage = mask[static_cast<std::size_t>(j * w + i)])
                blend(image.pixel(left + i, top + j), color, coverage);
}

float Typeface::ascent() const { return file_ ? static_cast<float>(file_->ascent) * file_->em() : 1; }

float Typeface::descent() const { return file_ ? -static_cast<float>(file_->descent) * file_->em() : 0.25F; }

float Typeface::advance(std::string_view utf8, float em, bool bold) const {
    if (!file_) {
        std::string text = ascii(utf8);
        return static_cast<float>(stb_easy_font_width(text.data())) * em * (ascent() + descent()) / easy_line;
    }
    const float wider = bold ? em / bold_spacing : 0;
    float at = 0;
    while (!utf8.empty()) {
        int advance = 0, bearing = 0;
        stbtt_GetCodepointHMetrics(&file_->info, next_code_point(utf8), &advance, &bearing);
        at += static_cast<float>(advance) * file_->em() * em + wider;
    }
    return at;
}

void Typeface::draw_line(Image& image, float x, float baseline, std::string_view utf8, float em, Rgba color,
                         bool bold) const {
    if (!file_) {
        const float size = em * (ascent() + descent());
        return draw(image, static_cast<int>(std::lround(x)), static_cast<int>(std::lround(baseline - em * ascent())),
                    utf8, std::max(static_cast<int>(size), 1), color);
    }
    const float scale = file_->em() * em, wider = bold ? em / bold_stroke : 0;
    const int base = static_cast<int>(std::lround(baseline));
    std::vector<unsigned char> mask;
    while (!utf8.empty()) {
        const int code = next_code_point(utf8);
        int advance = 0, bearing = 0;
        stbtt_GetCodepointHMetrics(&file_->info, code, &advance, &bearing);
        // The copies of a bold letter are at most a pixel apart, so that no gap is visible between them.
        const int copies = bold ? 1 + static_cast<int>(std::ceil(wider)) : 1;
        for (int i = 0; i < copies; ++i)
            file_->draw(image, x + (bold ? wider * (static_cast<float>(i) / static_cast<float>(copies - 1) - 0.5F) : 0),
                        base, code, scale, color, mask);
        x += static_cast<float>(advance) * scale + (bold ? em / bold_spacing : 0);
    }
}

std::vector<OutlinePart> Typeface::outline(char32_t code) const {
    std::vector<OutlinePart> parts;
    if (!file_) return parts;
    stbtt_vertex* vertices = nullptr;
    const int count = stbtt_GetCodepointShape(&file_->info, static_cast<int>(code), &vertices);
    const float em = file_->em();
    float px = 0, py = 0;
    for (int i = 0; i < count; ++i) {
        const stbtt_vertex& v = vertices[i];
        const auto unit = [em](short c) { return static_cast<float>(c) * em; };
        OutlinePart part{'l', unit(v.x), unit(v.y)};
        if (v.type == STBTT_vmove) part.kind = 'm';
        if (v.type == STBTT_vcurve) {  // a quadratic curve, as TrueType has: its cubic form
            const float cx = unit(v.cx), cy = unit(v.cy);
            part = {'c',
                    part.x,
                    part.y,
                    px + (cx - px) * 2 / 3,
                    py + (cy - py) * 2 / 3,
                    part.x + (cx - part.x) * 2 / 3,
                    part.y + (cy - part.y) * 2 / 3};
        }
        if (v.type == STBTT_vcubic) part = {'c', part.x, part.y, unit(v.cx), unit(v.cy), unit(v.cx1), unit(v.cy1)};
        px = part.x, py = part.y;
        parts.push_back(part);
    }
    stbtt_FreeShape(&file_->info, vertices);
    return parts;
}

}  // namespace convlens
