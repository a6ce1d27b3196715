/// engine/io/gif.h: frames, their times and places, and LZW data of every code size.
#include "engine/io/gif.h"

#include <gtest/gtest.h>

#include "engine/io/file.h"

namespace convlens {
namespace {

std::vector<std::byte> gif_bytes(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

void put16(std::string& file, int value) {
    file += static_cast<char>(value & 255);
    file += static_cast<char>(value >> 8);
}

/// A GIF's header with a canvas and a table of `colors` grays.
std::string header(int width, int height, int bits) {
    std::string file = "GIF89a";
    put16(file, width);
    put16(file, height);
    file += static_cast<char>(0x80 | (bits - 1));
    file += std::string(2, '\0');
    for (int i = 0; i < 1 << bits; ++i) file += std::string(3, static_cast<char>(i));
    return file;
}

/// An image whose indices are stored without compression: a clear code before the codes would grow.
std::string image(Rect area, int bits, const std::vector<int>& indices, bool interlaced = false) {
    std::string file = ",";
    for (const int v : {area.x, area.y, area.w, area.h}) put16(file, v);
    file += static_cast<char>(interlaced ? 0x40 : 0);
    const int first = std::max(bits, 2);
    file += static_cast<char>(first);
    std::string data;
    unsigned value = 0;
    int held = 0;
    const auto put = [&](int code) {
        value |= static_cast<unsigned>(code) << held;
        for (held += first + 1; held >= 8; held -= 8, value >>= 8U) data += static_cast<char>(value & 255U);
    };
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (i % 2 == 0) put(1 << first);
        put(indices[i]);
    }
    put((1 << first) + 1);
    if (held > 0) data += static_cast<char>(value & 255U);
    for (std::size_t i = 0; i < data.size(); i += 255) {
        const std::size_t count = std::min<std::size_t>(255, data.size() - i);
        file += static_cast<char>(count);
        file += data.substr(i, count);
    }
    return file + std::string(1, '\0');
}

std::string control(int disposal, int delay, int transparent) {
    std::string file("!\xf9\x04", 3);
    file += static_cast<char>(disposal << 2 | (transparent >= 0 ? 1 : 0));
    put16(file, delay);
    file += static_cast<char>(std::max(transparent, 0));
    return file + std::string(1, '\0');
}

TEST(Gif, HasFramesWithPlacesTimesAndTransparentColors) {
    const std::string text = header(4, 3, 3) + control(2, 7, -1) + image({0, 0, 4, 3}, 3, std::vector<int>(12, 5)) +
                             control(1, 300, 6) + image({1, 1, 2, 2}, 3, {6, 1, 2, 3}) + ";";
    const auto file = gif_bytes(text);
    const auto gif = read_gif(file, "a.gif", 100);
    ASSERT_TRUE(gif) << gif.error().message;
    ASSERT_EQ(gif->frames.size(), 2U);
    EXPECT_EQ(gif->width, 4);
    EXPECT_EQ(gif->height, 3);
    EXPECT_EQ(gif->frames[0].disposal, 2);
    EXPECT_EQ(gif->frames[0].delay, 7);
    EXPECT_EQ(gif->frames[0].transparent, std::nullopt);
    EXPECT_EQ(gif->frames[1].delay, 300);
    EXPECT_EQ(gif->frames[1].transparent, 6);
    EXPECT_EQ(gif->frames[1].area, (Rect{1, 1, 2, 2}));
    Image canvas(4, 3);
    for (const GifFrame& frame : gif->frames) ASSERT_TRUE(draw_frame(file, frame, canvas, "a.gif"));
    const std::vector<int> expected{5, 5, 5, 5, 5, 5, 1, 5, 5, 2, 3, 5};
    for (int i = 0; i < 12; ++i) EXPECT_EQ(canvas.pixel(i % 4, i / 4)[0], expected[static_cast<std::size_t>(i)]) << i;
    EXPECT_EQ(read_gif(file, "a.gif", 1)->frames.size(), 1U);
}

TEST(Gif, IsReadWithEveryNumberOfBitsAndInterlaced) {
    for (int bits = 1; bits <= 8; ++bits)
        for (const bool interlaced : {false, true}) {
            SCOPED_TRACE(fmt::format("{} bits, interlaced {}", bits, interlaced));
            constexpr int width = 5, height = 21;
            std::vector<int> indices;
            for (int i = 0; i < width * height; ++i) indices.push_back(i * 7 % (1 << bits));
            const auto file =
                gif_bytes(header(width, height, bits) + image({0, 0, width, height}, bits, indices, interlaced));
            const auto gif = read_gif(file, "b.gif", 1);
            ASSERT_TRUE(gif) << gif.error().message;
            Image canvas(width, height);
            ASSERT_TRUE(draw_frame(file, gif->frames[0], canvas, "b.gif"));
            // The passes of the standard: every 8th row from 0, every 8th from 4, every 4th from 2, every 2nd from 1.
            std::vector<int> order;
            for (const auto& [first, step] : {std::pair(0, 8), {4, 8}, {2, 4}, {1, 2}})
                for (int y = first; y < height; y += step) order.push_back(y);
            for (int i = 0; i < width * height; ++i) {
                const int y = interlaced ? order[static_cast<std::size_t>(i / width)] : i / width;
                ASSERT_EQ(canvas.pixel(i % width, y)[0], indices[static_cast<std::size_t>(i)]) << i;
            }
        }
}

TEST(Gif, DrawsOnlyWhatLiesOnTheCanvas) {
    const auto file = gif_bytes(header(3, 2, 2) + image({2, 1, 4, 4}, 2, std::vector<int>(16, 3)) + ";");
    const auto gif = read_gif(file, "c.gif", 1);
    ASSERT_TRUE(gif);
    Image canvas(3, 2);
    ASSERT_TRUE(draw_frame(file, gif->frames[0], canvas, "c.gif"));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(canvas.pixel(i % 3, i / 3)[3], i == 5 ? 255 : 0);
}

TEST(Gif, ThatIsCorruptIsRefusedInASentence) {
    const std::string whole = header(4, 3, 3) + image({0, 0, 4, 3}, 3, std::vector<int>(12, 5)) + ";";
    for (std::size_t size = 6; size + 1 < whole.size(); ++size) {
        const auto file = gif_bytes(whole.substr(0, size));
        const auto gif = read_gif(file, "d.gif", 1);
        ASSERT_FALSE(gif) << size;
        EXPECT_TRUE(gif.error().message.starts_with("d.gif: the GIF ")) << gif.error().message;
    }
    const auto refusal = [](const std::string& text) {
        const auto file = gif_bytes(text);
        const auto gif = read_gif(file, "e.gif", 1);
        return gif ? std::string() : gif.error().message;
    };
    EXPECT_NE(refusal(header(4, 3, 3) + ";").find("holds no image"), std::string::npos);
    EXPECT_NE(refusal(header(4, 3, 3) + "?").find("found 0x3f"), std::string::npos);
    EXPECT_NE(refusal(header(4, 3, 3) + image({0, 0, 0, 3}, 3, {})).find("0 x 3"), std::string::npos);
    EXPECT_NE(refusal(header(4, 3, 3) + image({0, 0, 65535, 65535}, 3, {1})).find("65535 x 65535"), std::string::npos);
    // Too few pixels, and a code that is not in the table yet.
    for (const std::vector<int>& indices : {std::vector<int>(11, 5), std::vector<int>{5, 15, 5}}) {
        const auto file = gif_bytes(header(4, 3, 3) + image({0, 0, 4, 3}, 3, indices));
        const auto gif = read_gif(file, "f.gif", 1);
        ASSERT_TRUE(gif);
        Image canvas(4, 3, {1, 2, 3, 4});
        const auto drawn = draw_frame(file, gif->frames[0], canvas, "f.gif");
        ASSERT_FALSE(drawn);
        EXPECT_NE(drawn.error().message.find("corrupt"), std::string::npos);
        EXPECT_EQ(canvas.pixel(0, 0)[3], 4);
    }
}

}  // namespace
}  // namespace convlens
