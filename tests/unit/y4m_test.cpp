/// engine/io/y4m.h: headers, colors of every subsampling, and streams that end early.
#include "engine/io/y4m.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace convlens {
namespace {

ReadBytes reader(const std::string& text) {
    return [text, at = std::size_t{0}](std::span<std::byte> into) mutable -> Expected<std::size_t> {
        const std::size_t count = std::min(into.size(), text.size() - at);
        std::memcpy(into.data(), text.data() + at, count);
        at += count;
        return count;
    };
}

TEST(Y4m, HeadersNameSizeRateAndColors) {
    const auto header = parse_y4m_header("YUV4MPEG2 W640 H480 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG", "a");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->width, 640);
    EXPECT_EQ(header->height, 480);
    EXPECT_NEAR(header->rate, 29.97, 0.001);
    EXPECT_EQ(header->subsampling, (Size2{2, 2}));
    EXPECT_FALSE(header->full_range);
    EXPECT_EQ(header->frame_bytes(), 640U * 480 * 3 / 2);
    EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W5 H3", "a")->frame_bytes(), 15U + 2 * 3 * 2);
    EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W5 H3 C422", "a")->frame_bytes(), 15U + 2 * 3 * 3);
    EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W5 H3 C444", "a")->frame_bytes(), 45U);
    EXPECT_EQ(parse_y4m_header("YUV4MPEG2 W5 H3 Cmono XCOLORRANGE=FULL", "a")->frame_bytes(), 15U);
    EXPECT_TRUE(parse_y4m_header("YUV4MPEG2 W5 H3 Cmono XCOLORRANGE=FULL", "a")->full_range);
}

TEST(Y4m, HeadersThatAreWrongAreRefused) {
    const auto refusal = [](const char* line) {
        const auto header = parse_y4m_header(line, "a.y4m");
        return header ? std::string() : header.error().message;
    };
    EXPECT_NE(refusal("RIFF W5 H3").find("expected a Y4M video"), std::string::npos);
    EXPECT_NE(refusal("YUV4MPEG2 W5").find("5 x 0"), std::string::npos);
    EXPECT_NE(refusal("YUV4MPEG2 W-5 H3").find("-5 x 3"), std::string::npos);
    EXPECT_NE(refusal("YUV4MPEG2 W99999 H99999").find("99999 x 99999"), std::string::npos);
    EXPECT_NE(refusal("YUV4MPEG2 W5 H3 C420p10").find("found 420p10"), std::string::npos);
    for (const char* line : {"YUV4MPEG2", "", "YUV4MPEG2 W H", "YUV4MPEG2 W5x H3"})
        EXPECT_NE(refusal(line), "") << line;
}

/// Colors whose Y, Cb and Cr are exact, by ITU-R BT.601 with 16 to 235.
TEST(Y4m, ColorsAreThoseOfBt601) {
    struct Case {
        int y, cb, cr;
        double r, g, b;
    };
    for (const Case& c :
         {Case{16, 128, 128, 0, 0, 0}, Case{235, 128, 128, 255, 255, 255}, Case{81, 90, 240, 255, 0, 0},
          Case{145, 54, 34, 0, 255, 0}, Case{41, 240, 110, 0, 0, 255}, Case{126, 128, 128, 128.1, 128.1, 128.1},
          Case{0, 128, 128, 0, 0, 0}, Case{255, 128, 128, 255, 255, 255}}) {
        const auto header = parse_y4m_header("YUV4MPEG2 W1 H1 C444", "a").value();
        const std::vector<std::byte> frame{static_cast<std::byte>(c.y), static_cast<std::byte>(c.cb),
                                           static_cast<std::byte>(c.cr)};
        const Picture picture = y4m_picture(header, frame);
        EXPECT_NEAR(picture.color.at(0, 0, 0, 0) * 255, c.r, 1.5) << c.y;
        EXPECT_NEAR(picture.color.at(0, 1, 0, 0) * 255, c.g, 1.5) << c.y;
        EXPECT_NEAR(picture.color.at(0, 2, 0, 0) * 255, c.b, 1.5) << c.y;
    }
    const auto full = parse_y4m_header("YUV4MPEG2 W2 H1 Cmono XCOLORRANGE=FULL", "a").value();
    const Picture gray = y4m_picture(full, std::vector<std::byte>{std::byte{51}, std::byte{255}});
    EXPECT_EQ(gray.info.channels, 1);
    for (int c = 0; c < 3; ++c) EXPECT_FLOAT_EQ(gray.color.at(0, c, 0, 0), 0.2F);
}

TEST(Y4m, PixelsThatShareAColorGetIt) {
    struct Case {
        const char* colors;
        Size2 shared;
    };
    for (const Case& c : {Case{"420", {2, 2}}, {"422", {1, 2}}, {"444", {1, 1}}, {"411", {1, 4}}, {"440", {2, 1}}}) {
        SCOPED_TRACE(c.colors);
        constexpr int width = 7, height = 5;
        const auto header = parse_y4m_header(fmt::format("YUV4MPEG2 W7 H5 C{}", c.colors), "a").value();
        std::vector<std::byte> frame(header.frame_bytes(), std::byte{126});
        const std::size_t columns = static_cast<std::size_t>((width + c.shared.w - 1) / c.shared.w);
        const std::size_t begin = width * height;  // of Cb
        const std::size_t colors = (frame.size() - begin) / 2;
        std::fill(frame.begin() + begin, frame.end(), std::byte{128});
        for (std::size_t i = 0; i < colors; ++i) frame[begin + colors + i] = static_cast<std::byte>(128 + i);  // Cr
        const Picture picture = y4m_picture(header, frame);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const auto i = static_cast<double>(static_cast<std::size_t>(y / c.shared.h) * columns +
                                                   static_cast<std::size_t>(x / c.shared.w));
                EXPECT_NEAR(picture.color.at(0, 0, y, x), std::min(1.0, 110 / 219.0 + 1.402 * i / 224), 1e-5)
                    << x << ' ' << y;
                EXPECT_NEAR(picture.color.at(0, 2, y, x), 110 / 219.0, 1e-5);
            }
    }
}

TEST(Y4m, StreamsAreReadFrameByFrame) {
    const std::string text = "YUV4MPEG2 W2 H1 F25:1 Cmono\nFRAME\nabFRAME Ip\ncdFRAME\nef";
    auto stream = Y4mStream::open(reader(text), "s.y4m");
    ASSERT_TRUE(stream) << stream.error().message;
    std::vector<std::byte> frame;
    for (const char* expected : {"ab", "cd", "ef"}) {
        const auto more = stream->next(frame);
        ASSERT_TRUE(more) << more.error().message;
        EXPECT_TRUE(*more);
        EXPECT_EQ(std::memcmp(frame.data(), expected, 2), 0);
    }
    EXPECT_FALSE(stream->next(frame).value());
}

TEST(Y4m, StreamsThatEndEarlyOrAreCorruptEndInASentence) {
    const std::string whole = "YUV4MPEG2 W4 H2 F25:1 C420\nFRAME\n" + std::string(12, 'x');
    for (std::size_t size = 0; size < whole.size(); ++size) {
        SCOPED_TRACE(size);
        auto stream = Y4mStream::open(reader(whole.substr(0, size)), "t.y4m");
        std::vector<std::byte> frame;
        if (stream) {
            const auto more = stream->next(frame);
            if (more) {
                EXPECT_FALSE(*more);  // nothing after the header
                EXPECT_EQ(size, whole.find('\n') + 1);
                continue;
            }
            EXPECT_TRUE(more.error().message.starts_with("t.y4m: ")) << more.error().message;
        } else {
            EXPECT_TRUE(stream.error().message.starts_with("t.y4m: ")) << stream.error().message;
        }
    }
    std::vector<std::byte> frame;
    EXPECT_FALSE(Y4mStream::open(reader(std::string(10000, 'Y')), "u"));
    EXPECT_FALSE(Y4mStream::open(reader("YUV4MPEG2 W4 H2\nFRAMX\n" + std::string(12, 'x')), "u")->next(frame));
    EXPECT_FALSE(Y4mStream::open(reader("YUV4MPEG2 W4 H2\nFRAME" + std::string(10000, 'x')), "u")->next(frame));
}

}  // namespace
}  // namespace convlens
