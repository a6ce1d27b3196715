/// Reads the blocks of a GIF and decodes its images: LZW with codes of 3 to 12 bits.
#include "engine/io/gif.h"

#include <array>
#include <cstdint>

#include "engine/io/byte_reader.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

using Data = std::span<const std::byte>;

enum Block : std::uint8_t { extension = 0x21, image = 0x2c, trailer = 0x3b };
constexpr std::uint8_t graphic_control = 0xf9;

/// Skips data blocks up to and including the empty one that ends them.
void skip_blocks(ByteReader& reader) {
    while (const std::size_t size = reader.byte()) reader.skip(size);
}

/// Reads the color table that the packed fields of a descriptor announce; empty if they announce none.
Data read_palette(ByteReader& reader, int packed) {
    return (packed & 0x80) != 0 ? reader.take(std::size_t{3} << ((packed & 7) + 1)) : Data();
}

/// Reads the extension at `reader`; a graphic control extension changes `next`, the frame that follows.
void read_extension(ByteReader& reader, GifFrame& next) {
    if (reader.byte() == graphic_control) {
        ByteReader fields(reader.take(reader.byte()));
        const int packed = fields.byte();
        next.delay = fields.little<std::uint16_t>();
        const int index = fields.byte();
        next.disposal = packed >> 2 & 7;
        next.transparent = (packed & 1) != 0 ? std::optional(index) : std::nullopt;
    }
    skip_blocks(reader);
}

/// Reads an image descriptor and skips its data.
void read_image(ByteReader& reader, Data global_palette, GifFrame& frame) {
    frame.area.x = reader.little<std::uint16_t>();
    frame.area.y = reader.little<std::uint16_t>();
    frame.area.w = reader.little<std::uint16_t>();
    frame.area.h = reader.little<std::uint16_t>();
    const int packed = reader.byte();
    frame.interlaced = (packed & 0x40) != 0;
    const Data palette = read_palette(reader, packed);
    frame.palette = palette.empty() ? global_palette : palette;
    frame.data_begin = reader.offset();
    reader.skip(1);  // the size of the first code
    skip_blocks(reader);
}

/// Reads codes of a growing number of bits from data blocks, lowest bit first.
class CodeReader {
  public:
    explicit CodeReader(ByteReader& reader) : reader_(reader) {}

    /// Returns the next code; -1 at the end of the data.
    int next(int bits) {
        while (held_ < bits) {
            if (block_.empty()) block_ = reader_.take(reader_.byte());
            if (block_.empty()) return -1;
            value_ |= std::to_integer<std::uint32_t>(block_.front()) << static_cast<unsigned>(held_);
            block_ = block_.subspan(1);
            held_ += 8;
        }
        const auto code = static_cast<int>(value_ & ((1U << static_cast<unsigned>(bits)) - 1));
        value_ >>= static_cast<unsigned>(bits);
        held_ -= bits;
        return code;
    }

  private:
    ByteReader& reader_;
    Data block_;
    std::uint32_t value_ = 0;
    int held_ = 0;
};

/// Unpacks LZW data into `pixels`. Returns true if the data has a value for each pixel.
bool unpack(ByteReader reader, std::span<std::uint8_t> pixels) {
    constexpr int max_codes = 4096;
    const int first_bits = reader.byte();
    if (first_bits < 1 || first_bits > 8) return false;
    const int clear = 1 << first_bits, end = clear + 1;
    // A code stands for the pixels of another code, followed by one pixel.
    std::array<std::uint16_t, max_codes> before{}, length{};
    std::array<std::uint8_t, max_codes> last{}, first{};
    for (int i = 0; i < clear; ++i) {
        const auto at = static_cast<std::size_t>(i);
        last[at] = first[at] = static_cast<std::uint8_t>(i);
        length[at] = 1;
    }
    CodeReader codes(reader);
    int bits = first_bits + 1, count = end + 1, previous = -1;
    for (std::size_t filled = 0; filled < pixels.size();) {
        const int code = codes.next(bits);
        if (code < 0 || code == end) return false;
        if (code == clear) {
            bits = first_bits + 1;
            count = end + 1;
            previous = -1;
            continue;
        }
        if (code > count || (code == count && previous < 0) || (previous < 0 && code > end)) return false;
        if (previous >= 0 && count < max_codes) {
            const auto at = static_cast<std::size_t>(count), from = static_cast<std::size_t>(previous);
            before[at] = static_cast<std::uint16_t>(previous);
            length[at] = static_cast<std::uint16_t>(length[from] + 1);
            first[at] = first[from];
            last[at] = first[code == count ? from : static_cast<std::size_t>(code)];
            if (++count == 1 << bits && bits < 12) ++bits;
        } else if (code >= count) {
            return false;
        }
        auto at = static_cast<std::size_t>(code);
        for (std::size_t i = length[at]; i-- > 0; at = before[at])
            if (filled + i < pixels.size()) pixels[filled + i] = last[at];
        filled += length[static_cast<std::size_t>(code)];
        previous = code;
    }
    return true;
}

/// Returns the row of the image that is stored as row number `stored`.
int row_of(int stored, int height) {
    struct Pass {
        int first, step;
    };
    for (const Pass pass : {Pass{0, 8}, {4, 8}, {2, 4}, {1, 2}}) {
        const int rows = (height - pass.first + pass.step - 1) / pass.step;
        if (stored < rows) return pass.first + stored * pass.step;
        stored -= std::max(rows, 0);
    }
    return 0;
}

}  // namespace

bool is_gif(Data file) { return begins_with(file, "GIF87a") || begins_with(file, "GIF89a"); }

Expected<Gif> read_gif(Data file, std::string_view name, std::size_t most) {
    ByteReader reader(file);
    reader.skip(6);
    Gif gif;
    gif.width = reader.little<std::uint16_t>();
    gif.height = reader.little<std::uint16_t>();
    const int packed = reader.byte();
    reader.skip(2);
    const Data palette = read_palette(reader, packed);
    GifFrame next;
    while (gif.frames.size() < most) {
        const std::size_t begin = reader.offset();
        const int block = reader.byte();
        if (block == trailer) break;
        if (block == extension) {
            read_extension(reader, next);
        } else if (block == image) {
            read_image(reader, palette, next);
        } else if (!reader.failed()) {
            if (!gif.frames.empty()) break;
            return fail("{}: the GIF is corrupt: expected a block at byte {}, found 0x{:02x}", name, begin, block);
        }
        if (reader.failed()) break;
        if (block != image) continue;
        const auto pixels = static_cast<std::size_t>(next.area.w) * static_cast<std::size_t>(next.area.h);
        if (pixels == 0 || pixels > max_picture_pixels)
            return fail("{}: image {} of the GIF is {} x {} pixels, expected 1 to {}", name, gif.frames.size(),
                        next.area.w, next.area.h, max_picture_pixels);
        if (next.palette.empty()) return fail("{}: image {} of the GIF has no colors", name, gif.frames.size());
        gif.frames.push_back(next);
        next = GifFrame();
    }
    if (gif.frames.empty() && reader.failed())
        return fail("{}: the GIF is cut short after {} bytes, before the end of its first image", name, file.size());
    if (gif.frames.empty()) return fail("{}: the GIF holds no image", name);
    return gif;
}

Expected<void> draw_frame(Data file, const GifFrame& frame, Image& canvas, std::string_view name) {
    ByteReader reader(file);
    reader.skip(frame.data_begin);
    const auto width = static_cast<std::size_t>(frame.area.w);
    std::vector<std::uint8_t> pixels(width * static_cast<std::size_t>(frame.area.h));
    if (!unpack(reader, pixels))
        return fail("{}: the GIF is corrupt in the {} x {} pixels after byte {}", name, frame.area.w, frame.area.h,
                    frame.data_begin);
    const int columns = std::min(frame.area.w, canvas.width - frame.area.x);
    for (int stored = 0; stored < frame.area.h; ++stored) {
        const int y = frame.area.y + (frame.interlaced ? row_of(stored, frame.area.h) : stored);
        if (y >= canvas.height) continue;
        for (int x = 0; x < columns; ++x) {
            const std::size_t index = pixels[static_cast<std::size_t>(stored) * width + static_cast<std::size_t>(x)];
            if (frame.transparent && index == static_cast<std::size_t>(*frame.transparent)) continue;
            std::uint8_t* to = canvas.pixel(frame.area.x + x, y);
            const bool known = index * 3 < frame.palette.size();  // colors beyond the table are black
            for (std::size_t c = 0; c < 3; ++c)
                to[c] = known ? std::to_integer<std::uint8_t>(frame.palette[index * 3 + c]) : std::uint8_t{0};
            to[3] = 255;
        }
    }
    return {};
}

}  // namespace convlens
