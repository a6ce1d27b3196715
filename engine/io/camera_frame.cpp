/// Converts YUYV, Motion JPEG and pixels of the screen.
#include "engine/io/camera_frame.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace convlens {
namespace {

/// The Huffman tables of ITU-T T.81, tables K.3 to K.6, as a DHT segment has them: for each table its class and number,
/// the number of codes of each length, and their values. Hexadecimal.
constexpr std::string_view tables =
    "0000010501010101010100000000000000000102030405060708090a0b100002010303020403050504040000017d010203000411"
    "05122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43"
    "4445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5"
    "a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
    "0100030101010101010101010000000000000102030405060708090a0b1100020102040403040705040400010277000102031104"
    "052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a"
    "434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3"
    "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa";

constexpr int hex_value(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// Returns the bytes from the marker of a segment on; empty at the end of the headers.
std::span<const std::byte> next_segment(std::span<const std::byte> rest) {
    if (rest.size() < 4 || rest[0] != std::byte{0xff}) return {};
    const auto length = std::to_integer<std::size_t>(rest[2]) << 8U | std::to_integer<std::size_t>(rest[3]);
    return rest.size() < length + 2 || length < 2 ? std::span<const std::byte>() : rest.subspan(length + 2);
}

void mirror_rows(Tensor& color) {
    const Shape s = color.shape();
    for (int c = 0; c < s.c; ++c)
        for (int y = 0; y < s.h; ++y) {
            float* row = &color.at(0, c, y, 0);
            std::reverse(row, row + s.w);
        }
}

/// Gives the picture room for `size` pixels without alpha.
void make_room(Picture& picture, Size2 size, const char* format) {
    picture.info = {format, size.w, size.h, 3, 8, 1};
    const Shape shape{1, 3, size.h, size.w};
    if (picture.color.shape() != shape) picture.color = Tensor(shape);
    picture.alpha.clear();
}

void convert_yuyv(const CameraFrame& frame, Picture& picture) {
    const auto width = static_cast<std::size_t>(frame.mode.size.w);
    for (int y = 0; y < frame.mode.size.h; ++y) {
        const auto* from =
            reinterpret_cast<const std::uint8_t*>(frame.bytes.data()) + static_cast<std::size_t>(y) * frame.row_bytes;
        float *red = &picture.color.at(0, 0, y, 0), *green = &picture.color.at(0, 1, y, 0),
              *blue = &picture.color.at(0, 2, y, 0);
        for (std::size_t x = 0; x < width; ++x) {
            // Y of this pixel; Cb and Cr of this pair of pixels.
            const std::uint8_t* pair = from + x / 2 * 4;
            const float brightness = (static_cast<float>(pair[x % 2 * 2]) - 16) * (1.0F / 219),
                        u = (static_cast<float>(pair[1]) - 128) * (1.0F / 224),
                        v = (static_cast<float>(pair[3]) - 128) * (1.0F / 224);
            const auto limited = [](float value) { return std::min(std::max(value, 0.0F), 1.0F); };
            red[x] = limited(brightness + 1.402F * v);
            green[x] = limited(brightness - 0.344136F * u - 0.714136F * v);
            blue[x] = limited(brightness + 1.772F * u);
        }
    }
}

}  // namespace

std::vector<std::byte> with_huffman_tables(std::span<const std::byte> jpeg) {
    constexpr std::byte begin[] = {std::byte{0xff}, std::byte{0xd8}}, dht{0xc4}, sos{0xda};
    std::vector<std::byte> copy(jpeg.begin(), jpeg.end());
    if (jpeg.size() < 4 || !std::equal(std::begin(begin), std::end(begin), jpeg.begin())) return copy;
    auto rest = jpeg.subspan(2);
    for (; rest.size() > 1 && rest[1] != sos; rest = next_segment(rest))
        if (rest[1] == dht) return copy;
    if (rest.size() < 2) return copy;
    std::vector<std::byte> segment{std::byte{0xff}, dht, std::byte{(tables.size() / 2 + 2) >> 8U},
                                   std::byte{(tables.size() / 2 + 2) & 255U}};
    for (std::size_t i = 0; i < tables.size(); i += 2)
        segment.push_back(static_cast<std::byte>(hex_value(tables[i]) * 16 + hex_value(tables[i + 1])));
    copy.insert(copy.begin() + (rest.data() - jpeg.data()), segment.begin(), segment.end());
    return copy;
}

Expected<void> camera_picture(const CameraFrame& frame, bool mirror, std::string_view name, Picture& picture) {
    const Size2 size = frame.mode.size;
    if (size.h < 1 || size.w < 1 ||
        static_cast<std::size_t>(size.h) * static_cast<std::size_t>(size.w) > max_picture_pixels)
        return fail("{}: frames of {} x {} pixels", name, size.w, size.h);
    if (frame.mode.jpeg) {
        auto decoded = decode_picture(with_huffman_tables(frame.bytes), name);
        if (!decoded) return tl::unexpected(decoded.error());
        picture = std::move(*decoded);
    } else {
        if (frame.screen)
            if (auto ok = check_layout(*frame.screen); !ok) return fail("{}: {}", name, ok.error().message);
        const std::size_t row = frame.screen ? static_cast<std::size_t>(size.w) *
                                                   static_cast<std::size_t>(frame.screen->bits) / 8
                                             : static_cast<std::size_t>(size.w + size.w % 2) * 2,
                          stride = std::max(frame.row_bytes, row);
        const std::size_t needed = stride * static_cast<std::size_t>(size.h - 1) + row;
        if (frame.bytes.size() < needed || frame.row_bytes < row)
            return fail("{}: the frame is cut short: expected {} bytes, found {}", name, needed, frame.bytes.size());
        make_room(picture, size, frame.screen ? "screen" : "YUYV");
        if (frame.screen)
            convert_pixels(*frame.screen, frame.bytes, frame.row_bytes, picture.color);
        else
            convert_yuyv(frame, picture);
    }
    if (mirror) {
        mirror_rows(picture.color);
        picture.alpha.clear();
    }
    return {};
}

}  // namespace convlens
