/// Writes PDF files.
#include "engine/export/pdf.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/core/printable.h"

namespace convlens {
namespace {

constexpr std::size_t glyphs_per_font = 255;
constexpr float units = 1000;  ///< Units of the glyph space per em.

std::string compressed(std::string_view data) {
    uLongf size = compressBound(static_cast<uLong>(data.size()));
    std::string made(size, '\0');
    compress2(reinterpret_cast<Bytef*>(made.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
              static_cast<uLong>(data.size()), Z_DEFAULT_COMPRESSION);
    made.resize(size);
    return made;
}

std::string color_operator(Rgba c) {
    return fmt::format("{:.3f} {:.3f} {:.3f} rg\n", c[0] / 255.0, c[1] / 255.0, c[2] / 255.0);
}

/// Appends UTF-16 code units as hexadecimal digits.
void append_utf16(std::string& hex, char32_t code) {
    if (code >= 0x10000) {
        code -= 0x10000;
        hex += fmt::format("{:04X}{:04X}", 0xD800 + (code >> 10U), 0xDC00 + (code & 0x3FFU));
    } else {
        hex += fmt::format("{:04X}", static_cast<unsigned>(code));
    }
}

void append_utf8(std::string& text, char32_t code) {
    const auto byte = [&](unsigned value) { text += static_cast<char>(value); };
    const auto rest = [&](unsigned shift) { byte(0x80U | (code >> shift & 0x3FU)); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) return byte(0xC0U | code >> 6U), rest(0);
    if (code < 0x10000) return byte(0xE0U | code >> 12U), rest(6), rest(0);
    byte(0xF0U | code >> 18U), rest(12), rest(6), rest(0);
}

/// Calls use(code) for each character of a text.
template <class Use>
void each_character(std::string_view text, const Use& use) {
    while (!text.empty()) {
        char32_t code = 0;
        const std::size_t length = utf8_character(text, code);
        use(length > 0 ? code : U'?');
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

/// Returns the operators that draw a character: its width, its box, its outline. A bold one is also stroked.
std::string glyph_program(const Typeface& typeface, char32_t code, float width, bool bold) {
    const auto outline = typeface.outline(code);
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    for (const OutlinePart& p : outline) {
        x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
        y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
    constexpr float margin = 100;  // curves and strokes may reach beyond the points of the outline
    std::string made = fmt::format("{:.1f} 0 {:.0f} {:.0f} {:.0f} {:.0f} d1\n", width, x0 * units - margin,
                                   y0 * units - margin, x1 * units + margin, y1 * units + margin);
    if (bold) made += "50 w 1 j\n";
    for (const OutlinePart& p : outline) {
        const auto point = [](float x, float y) { return fmt::format("{:.1f} {:.1f} ", x * units, y * units); };
        if (p.kind == 'c') made += point(p.x1, p.y1) + point(p.x2, p.y2);
        made += point(p.x, p.y) + p.kind + "\n";
    }
    return outline.empty() ? made : made + (bold ? "b\n" : "f\n");
}

/// Collects the objects of a file and writes them with their table.
class Objects {
  public:
    /// Reserves a number, from 1.
    int reserve() {
        bodies_.emplace_back();
        return static_cast<int>(bodies_.size());
    }
    void set(int number, std::string body) { bodies_[static_cast<std::size_t>(number) - 1] = std::move(body); }
    int add(std::string body) {
        const int number = reserve();
        set(number, std::move(body));
        return number;
    }
    int add_stream(const std::string& dictionary, std::string_view data, bool is_compressed = false) {
        const std::string packed = is_compressed ? std::string(data) : compressed(data);
        return add(fmt::format("<< {} /Filter /FlateDecode /Length {} >>\nstream\n", dictionary, packed.size()) +
                   packed + "\nendstream");
    }
    std::string file(int catalog, int information) const {
        std::string out = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n", table;
        for (std::size_t i = 0; i < bodies_.size(); ++i) {
            table += fmt::format("{:010} 00000 n \n", out.size());
            out += fmt::format("{} 0 obj\n", i + 1) + bodies_[i] + "\nendobj\n";
        }
        const std::size_t at = out.size();
        return out + fmt::format(
                         "xref\n0 {0}\n0000000000 65535 f \n{1}trailer\n<< /Size {0} /Root {2} 0 R /Info {3} 0 R "
                         ">>\nstartxref\n{4}\n%%EOF\n",
                         bodies_.size() + 1, table, catalog, information, at);
    }

  private:
    std::vector<std::string> bodies_;
};

}  // namespace

void Pdf::add_page(float width, float height) {
    pages_.push_back({width, height, {}, {}});
    // From here on, y increases downward.
    pages_.back().content = fmt::format("1 0 0 -1 0 {:.2f} cm\n", height);
}

std::pair<std::size_t, unsigned char> Pdf::glyph(char32_t code, bool bold) {
    const auto known = glyphs_.find({code, bold});
    if (known != glyphs_.end()) return known->second;
    std::size_t font = 0;
    while (font < fonts_.size() && (fonts_[font].bold != bold || fonts_[font].codes.size() >= glyphs_per_font)) ++font;
    if (font == fonts_.size()) fonts_.push_back({bold, {}});
    fonts_[font].codes.push_back(code);
    return glyphs_[{code, bold}] = {font, static_cast<unsigned char>(fonts_[font].codes.size())};
}

void Pdf::text(const RichLayout& layout, float x, float y, float scale, Rgba color) {
    std::string& out = pages_.back().content;
    out += "BT\n" + color_operator(color);
    if (color[3] > 0)
        out += fmt::format("{:.3f} {:.3f} {:.3f} RG\n", color[0] / 255.0, color[1] / 255.0, color[2] / 255.0);
    for (const PlacedText& t : layout.texts) {
        // The page is upside down, so the text is turned back.
        out += fmt::format("1 0 0 -1 {:.2f} {:.2f} Tm\n", x + t.x * scale, y + t.baseline * scale);
        std::size_t font = SIZE_MAX;
        std::string hex;
        const auto show = [&] {
            if (!hex.empty()) out += fmt::format("/F{} {:.2f} Tf <{}> Tj\n", font, t.em * scale, hex);
            hex.clear();
        };
        each_character(t.text, [&](char32_t code) {
            const auto [which, byte] = glyph(code, t.bold);
            if (which != font) show();
            font = which;
            hex += fmt::format("{:02X}", byte);
        });
        show();
    }
    out += "ET\n";
    for (const PlacedRule& r : layout.rules)
        rectangle(x + r.x * scale, y + r.y * scale, r.w * scale, r.h * scale, color);
}

void Pdf::rectangle(float x, float y, float w, float h, Rgba color) {
    pages_.back().content += color_operator(color) + fmt::format("{:.2f} {:.2f} {:.2f} {:.2f} re f\n", x, y, w, h);
}

void Pdf::image(const Image& image, float x, float y, float w, float h, Rgba background) {
    if (image.width <= 0 || image.height <= 0) return;
    std::string rgb;
    rgb.reserve(image.rgba.size() / 4 * 3);
    for (std::size_t i = 0; i + 3 < image.rgba.size(); i += 4)
        for (std::size_t c = 0; c < 3; ++c) {
            const int alpha = image.rgba[i + 3];
            rgb += static_cast<char>((image.rgba[i + c] * alpha + background[c] * (255 - alpha) + 127) / 255);
        }
    pages_.back().images.push_back(pictures_.size());
    pages_.back().content +=
        fmt::format("q {:.2f} 0 0 {:.2f} {:.2f} {:.2f} cm /I{} Do Q\n", w, -h, x, y + h, pictures_.size());
    pictures_.push_back({image.width, image.height, compressed(rgb)});
}

std::vector<std::byte> Pdf::finish() const {
    Objects objects;
    const int catalog = objects.reserve(), pages = objects.reserve(), information = objects.reserve();
    std::string fonts;
    for (std::size_t i = 0; i < fonts_.size(); ++i) {
        const Font& font = fonts_[i];
        std::string programs, names, widths, unicode;
        for (std::size_t g = 0; g < font.codes.size(); ++g) {
            std::string utf8;
            const char32_t code = font.codes[g];
            append_utf8(utf8, code);
            const float width = typeface_.advance(utf8, units, font.bold);
            programs += fmt::format("/g{} {} 0 R ", g + 1,
                                    objects.add_stream("", glyph_program(typeface_, code, width, font.bold)));
            names += fmt::format("/g{} ", g + 1);
            widths += fmt::format("{:.1f} ", width);
            unicode += fmt::format("<{:02X}> <", g + 1);
            append_utf16(unicode, code);
            unicode += ">\n";
        }
        // A block of a character map has 100 entries at most.
        std::string blocks;
        std::string_view rest = unicode;
        for (std::size_t g = 0; g < font.codes.size(); g += 100) {
            const std::size_t count = std::min<std::size_t>(100, font.codes.size() - g);
            std::size_t end = 0;
            for (std::size_t line = 0; line < count; ++line) end = rest.find('\n', end) + 1;
            blocks += fmt::format("{} beginbfchar\n{}endbfchar\n", count, rest.substr(0, end));
            rest.remove_prefix(end);
        }
        const int map = objects.add_stream(
            "",
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Convlens def /CMapType 2 def\n"
            "1 begincodespacerange <00> <FF> endcodespacerange\n" +
                blocks + "endcmap end end\n");
        fonts += fmt::format(
            "/F{} {} 0 R ", i,
            objects.add(fmt::format(
                "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 1 "
                "/LastChar {} /Widths [{}] /Encoding << /Type /Encoding /Differences [1 {}] >> /CharProcs << {}>> "
                "/Resources << >> /ToUnicode {} 0 R >>",
                font.codes.size(), widths, names, programs, map)));
    }
    std::vector<int> pictures;
    for (const Picture& p : pictures_)
        pictures.push_back(objects.add_stream(
            fmt::format(
                "/Type /XObject /Subtype /Image /Width {} /Height {} /ColorSpace /DeviceRGB /BitsPerComponent 8 "
                "/Interpolate false",
                p.width, p.height),
            p.compressed, true));
    std::string kids;
    for (const Page& page : pages_) {
        std::string used;
        for (const std::size_t i : page.images) used += fmt::format("/I{} {} 0 R ", i, pictures[i]);
        const int content = objects.add_stream("", page.content);
        kids += fmt::format(
            "{} 0 R ", objects.add(fmt::format("<< /Type /Page /Parent {} 0 R /MediaBox [0 0 {:.2f} {:.2f}] /Contents "
                                               "{} 0 R /Resources << /Font << {}>> /XObject << {}>> >> >>",
                                               pages, page.width, page.height, content, fonts, used)));
    }
    std::string title = "<FEFF";
    each_character(title_, [&](char32_t code) { append_utf16(title, code); });
    objects.set(catalog, fmt::format("<< /Type /Catalog /Pages {} 0 R >>", pages));
    objects.set(pages, fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages_.size()));
    objects.set(information, fmt::format("<< /Title {}> /Producer (Convlens) >>", title));
    const std::string file = objects.file(catalog, information);
    std::vector<std::byte> bytes(file.size());
    std::memcpy(bytes.data(), file.data(), file.size());
    return bytes;
}

}  // namespace convlens
