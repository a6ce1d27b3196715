/// Converts a frame of a camera or of a screen, for the fuzz target and for the replay of its corpus.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "engine/io/byte_reader.h"
#include "engine/io/camera_frame.h"
#include "engine/io/picture_formats.h"

namespace convlens {

struct ReadFrame {
    std::string message;  ///< Why there is no picture; empty if there is one.
    bool sound = true;    ///< The picture has the right size, and values from 0 to 1, also if it is mirrored.
};

/// Converts `data`: one byte for the kind of frame (bits 0 and 1: YUYV, Motion JPEG, or the screen with its bytes of a
/// pixel in bits 2 and 3 and their order in bit 4), then height, width, the bytes between rows, for the screen the
/// three masks, and the bytes of the frame. A frame that is no JPEG is not decoded as another format.
inline ReadFrame read_frame(std::span<const std::byte> data, std::string_view name) {
    ByteReader reader(data);
    const int kind = reader.byte();
    CameraFrame frame;
    frame.mode = {kind % 4 == 1, {reader.byte(), reader.byte()}, 30};
    const std::size_t between = reader.byte();
    std::size_t pixel = 2;
    if (kind % 4 > 1) {
        constexpr int bits[] = {32, 24, 16, 8};
        PixelLayout layout{bits[kind >> 2 & 3], (kind & 16) != 0};
        layout.red = reader.little<std::uint32_t>();
        layout.green = reader.little<std::uint32_t>();
        layout.blue = reader.little<std::uint32_t>();
        pixel = static_cast<std::size_t>(layout.bits) / 8;
        frame.screen = layout;
    }
    if (reader.failed()) return {std::string(name) + ": it has no header"};
    frame.row_bytes = static_cast<std::size_t>(frame.mode.size.w) * pixel + between;
    const auto bytes = reader.rest();
    frame.bytes.assign(bytes.begin(), bytes.end());
    if (frame.mode.jpeg) {
        const auto whole = with_huffman_tables(frame.bytes);
        constexpr std::byte begin[] = {std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};
        if (whole.size() < bytes.size() || whole.size() < 3 || !std::equal(begin, begin + 3, whole.begin()))
            return {std::string(name) + ": it is no JPEG"};
        if (jpeg_format.profile && !jpeg_format.profile(whole).empty())
            return {std::string(name) + ": it has a color profile, which a child process reads"};
        const auto info = inspect_picture(whole, name);
        if (info && static_cast<long>(info->width) * info->height > 1'000'000)
            return {std::string(name) + ": it is too large for this test"};
    }
    Picture picture, mirrored;
    if (auto ok = camera_picture(frame, false, name, picture); !ok) return {ok.error().message};
    if (auto ok = camera_picture(frame, true, name, mirrored); !ok) return {"", false};
    const Shape shape = picture.color.shape();
    bool sound = shape == mirrored.color.shape() && shape.h == picture.info.height && shape.w == picture.info.width;
    if (!frame.mode.jpeg) sound = sound && shape == Shape{1, 3, frame.mode.size.h, frame.mode.size.w};
    for (int c = 0; sound && c < 3; ++c)
        for (int y = 0; sound && y < shape.h; ++y) {
            const float *row = &picture.color.at(0, c, y, 0), *other = &mirrored.color.at(0, c, y, 0);
            sound = std::equal(row, row + shape.w, std::make_reverse_iterator(other + shape.w)) &&
                    std::all_of(row, row + shape.w, [](float value) { return value >= 0 && value <= 1; });
        }
    return {"", sound};
}

}  // namespace convlens
