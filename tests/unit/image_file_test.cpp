/// engine/io/image_file.h
#include "engine/io/image_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <ctime>

#include "engine/io/file.h"

namespace convlens {
namespace {

using Pixels = std::array<std::array<int, 3>, 6>;

/// The pixels of every file whose name begins with known, 3 x 2, row by row.
constexpr Pixels known = {{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {10, 20, 30}, {128, 64, 32}, {255, 255, 255}}};
constexpr std::array<int, 6> known_alpha = {255, 0, 128, 1, 254, 77};
constexpr std::array<int, 6> known_gray = {0, 51, 102, 153, 204, 255};

std::vector<std::byte> image_bytes(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> corpus(std::string_view name) {
    const auto file = Bytes::map_file(std::string(CONVLENS_TEST_DATA "/fuzz/corpus/image/") + std::string(name));
    if (!file) {
        ADD_FAILURE() << file.error().message;
        return {};
    }
    return {file->span().begin(), file->span().end()};
}

Picture decoded(const std::vector<std::byte>& file, std::string_view name) {
    auto picture = decode_picture(file, name);
    if (picture) return std::move(*picture);
    ADD_FAILURE() << picture.error().message;
    Picture black;
    black.color = Tensor({1, 3, 64, 64}, -1);
    return black;
}

std::string image_refusal(const std::vector<std::byte>& file, std::string_view name) {
    const std::clock_t begin = std::clock();
    const auto picture = decode_picture(file, name);
    EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 2) << name << " took much processor time";
    if (picture) {
        ADD_FAILURE() << name << " was decoded";
        return "";
    }
    const std::string& message = picture.error().message;
    EXPECT_TRUE(message.starts_with(std::string(name) + ": ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(message.ends_with('.')) << message;
    return message;
}

void expect_info(const PictureInfo& info, std::string_view format, int width, int height, int channels, int bits) {
    EXPECT_EQ(info.format, format);
    EXPECT_EQ(info.width, width);
    EXPECT_EQ(info.height, height);
    EXPECT_EQ(info.channels, channels);
    EXPECT_EQ(info.bits, bits);
}

void expect_known(const Picture& picture) {
    ASSERT_EQ(picture.color.shape(), (Shape{1, 3, 2, 3}));
    for (std::size_t i = 0; i < known.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c)
            EXPECT_FLOAT_EQ(picture.color.values()[c * 6 + i], static_cast<float>(known[i][c]) / 255.0F)
                << "pixel " << i << " channel " << c;
}

TEST(ImageFile, ReadsEveryFormatsColorsExactly) {
    struct Case {
        const char* file;
        const char* format;
    };
    for (const auto& [file, format] : {Case{"known_rgb8.png", "PNG"},
                                       {"known_interlaced.png", "PNG"},
                                       {"known.bmp", "BMP"},
                                       {"known_palette.bmp", "BMP"},
                                       {"known.tga", "TGA"},
                                       {"known_bottom_up.tga", "TGA"},
                                       {"known_rle.tga", "TGA"},
                                       {"known.psd", "PSD"},
                                       {"known_rle.psd", "PSD"},
                                       {"known.ppm", "PNM"}}) {
        SCOPED_TRACE(file);
        const auto bytes = corpus(file);
        const auto info = inspect_picture(bytes, file);
        ASSERT_TRUE(info) << info.error().message;
        const Picture picture = decoded(bytes, file);
        expect_info(*info, format, 3, 2, 3, 8);
        expect_info(picture.info, format, 3, 2, 3, 8);
        EXPECT_TRUE(picture.alpha.empty());
        expect_known(picture);
    }
}

TEST(ImageFile, ReadsAlphaBesideTheColorsAndDoesNotMultiplyThem) {
    const Picture picture = decoded(corpus("known_rgba8.png"), "a");
    expect_info(picture.info, "PNG", 3, 2, 4, 8);
    expect_known(picture);
    ASSERT_EQ(picture.alpha.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(picture.alpha[i], static_cast<float>(known_alpha[i]) / 255.0F);
}

TEST(ImageFile, RepeatsGrayInAllThreeChannels) {
    for (const char* file : {"known_gray8.png", "known_grayalpha8.png"}) {
        const Picture picture = decoded(corpus(file), file);
        const bool alpha = std::string_view(file).find("alpha") != std::string_view::npos;
        expect_info(picture.info, "PNG", 3, 2, alpha ? 2 : 1, 8);
        ASSERT_EQ(picture.color.shape(), (Shape{1, 3, 2, 3}));
        for (std::size_t i = 0; i < 18; ++i)
            EXPECT_FLOAT_EQ(picture.color.values()[i], static_cast<float>(known_gray[i % 6]) / 255.0F);
        ASSERT_EQ(picture.alpha.size(), alpha ? 6U : 0U);
        for (std::size_t i = 0; i < picture.alpha.size(); ++i)
            EXPECT_FLOAT_EQ(picture.alpha[i], static_cast<float>(known_alpha[i]) / 255.0F);
    }
}

TEST(ImageFile, KeepsAllSixteenBitsOfAPng) {
    for (const char* file : {"known_rgb16.png", "known_rgba16.png"}) {
        const Picture picture = decoded(corpus(file), file);
        expect_info(picture.info, "PNG", 3, 2, picture.alpha.empty() ? 3 : 4, 16);
        ASSERT_EQ(picture.color.shape(), (Shape{1, 3, 2, 3}));
        for (std::size_t i = 0; i < 6; ++i)  // Pixel i was stored as 256 times the known value, plus 7 i.
            for (std::size_t c = 0; c < 3; ++c)
                EXPECT_FLOAT_EQ(picture.color.values()[c * 6 + i],
                                (static_cast<float>(known[i][c]) * 256.0F + 7.0F * static_cast<float>(i)) / 65535.0F);
        for (std::size_t i = 0; i < picture.alpha.size(); ++i)
            EXPECT_FLOAT_EQ(picture.alpha[i], static_cast<float>(known_alpha[i]) / 255.0F);
    }
    const Picture gray = decoded(corpus("known_gray16.png"), "g");
    expect_info(gray.info, "PNG", 3, 2, 1, 16);
    ASSERT_EQ(gray.color.size(), 18U);
    for (std::size_t i = 0; i < 6; ++i)
        EXPECT_FLOAT_EQ(gray.color.values()[6 + i], (static_cast<float>(known_gray[i]) * 256.0F + 3.0F) / 65535.0F);
}

TEST(ImageFile, ReadsBaselineAndProgressiveJpegsWithinTwoSteps) {
    for (const char* file : {"known_halves.jpg", "known_halves_progressive.jpg"}) {
        SCOPED_TRACE(file);
        const Picture picture = decoded(corpus(file), file);
        expect_info(picture.info, "JPEG", 16, 8, 3, 8);
        ASSERT_EQ(picture.color.shape(), (Shape{1, 3, 8, 16}));
        for (int y = 0; y < 8; ++y)
            for (int x = 0; x < 16; ++x)
                for (int c = 0; c < 3; ++c) {
                    constexpr int colors[2][3] = {{200, 30, 40}, {20, 60, 220}};
                    EXPECT_NEAR(picture.color.at(0, c, y, x) * 255.0F, colors[x / 8][c], 2.0F) << x << ' ' << y;
                }
    }
}

TEST(ImageFile, ReadsAPortableMapByItsOwnLargestValueAndSkipsComments) {
    const Picture gray = decoded(image_bytes("P5 # a comment\n3 1\n# 9\n100\n\x19\x32\x64"), "g");
    expect_info(gray.info, "PNM", 3, 1, 1, 8);
    ASSERT_EQ(gray.color.size(), 9U);
    EXPECT_FLOAT_EQ(gray.color.values()[0], 0.25F);
    EXPECT_FLOAT_EQ(gray.color.values()[4], 0.5F);
    EXPECT_FLOAT_EQ(gray.color.values()[8], 1.0F);
    const Picture wide = decoded(image_bytes(std::string_view("P6\n1 1\n65535\n\x80\x00\xff\xff\x00\x01", 19)), "w");
    expect_info(wide.info, "PNM", 1, 1, 3, 16);
    ASSERT_EQ(wide.color.size(), 3U);
    EXPECT_FLOAT_EQ(wide.color.values()[0], 32768.0F / 65535.0F);
    EXPECT_FLOAT_EQ(wide.color.values()[1], 1.0F);
    EXPECT_FLOAT_EQ(wide.color.values()[2], 1.0F / 65535.0F);
}

TEST(ImageFile, ReadsARadiancePictureAsLinearLightThatMayExceedOne) {
    std::string file = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n";
    file += std::string_view("\x80\x40\x20\x81\xff\x00\x80\x84", 8);
    const Picture picture = decoded(image_bytes(file), "h");
    expect_info(picture.info, "HDR", 2, 1, 3, 32);
    ASSERT_EQ(picture.color.size(), 6U);
    // mantissa / 256 * 2^(exponent - 128)
    constexpr std::array<float, 6> expected = {1.0F, 15.9375F, 0.5F, 0.0F, 0.25F, 8.0F};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(picture.color.values()[i], expected[i]);
}

/// `jpeg` with an EXIF segment that holds nothing but the orientation, in either byte order.
std::vector<std::byte> with_orientation(std::vector<std::byte> jpeg, int orientation, bool big_endian) {
    std::string exif = "\xff\xe1";
    exif += std::string_view("\x00\x22", 2);
    exif += std::string_view("Exif\0\0", 6);
    if (big_endian)
        exif += std::string_view("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x07\0\0\0\0\0\0", 26);
    else
        exif += std::string_view("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x07\0\0\0\0\0\0\0", 26);
    exif[10 + (big_endian ? 19 : 18)] = static_cast<char>(orientation);
    const auto segment = image_bytes(exif);
    jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
    return jpeg;
}

/// The stored picture is black, 24 x 16, except for its upper left 8 x 8 pixels, which are white, and the 8 x 8
/// to the right of them, which are gray. Where both must appear is said by EXIF's words for the place of row
/// 0 and column 0.
TEST(ImageFile, TurnsAPictureUprightByEachOfTheEightExifOrientations) {
    struct Case {
        int width, height;
        int white_x, white_y, gray_x, gray_y;  ///< Centers of the blocks.
    };
    constexpr std::array<Case, 8> cases = {{{24, 16, 4, 4, 12, 4},     // Row 0 is the top, column 0 the left.
                                            {24, 16, 20, 4, 12, 4},    // Top, right.
                                            {24, 16, 20, 12, 12, 12},  // Bottom, right.
                                            {24, 16, 4, 12, 12, 12},   // Bottom, left.
                                            {16, 24, 4, 4, 4, 12},     // Left, top.
                                            {16, 24, 12, 4, 12, 12},   // Right, top.
                                            {16, 24, 12, 20, 12, 12},  // Right, bottom.
                                            {16, 24, 4, 20, 4, 12}}};  // Left, bottom.
    const auto stored = corpus("known_corner.jpg");
    for (int orientation = 1; orientation <= 8; ++orientation)
        for (const bool big_endian : {false, true}) {
            SCOPED_TRACE(fmt::format("orientation {}, big endian {}", orientation, big_endian));
            const Case& c = cases[static_cast<std::size_t>(orientation - 1)];
            const auto file = with_orientation(stored, orientation, big_endian);
            const Picture picture = decoded(file, "o");
            expect_info(picture.info, "JPEG", c.width, c.height, 3, 8);
            EXPECT_EQ(picture.info.orientation, orientation);
            expect_info(inspect_picture(file, "o").value(), "JPEG", c.width, c.height, 3, 8);
            ASSERT_EQ(picture.color.shape(), (Shape{1, 3, c.height, c.width}));
            for (int y = 4; y < c.height; y += 8)
                for (int x = 4; x < c.width; x += 8) {
                    const float expected = x == c.white_x && y == c.white_y ? 255
                                           : x == c.gray_x && y == c.gray_y ? 128
                                                                            : 0;
                    EXPECT_NEAR(picture.color.at(0, 1, y, x) * 255.0F, expected, 3.0F) << x << ' ' << y;
                }
        }
}

TEST(ImageFile, TakesAnOrientationThatDoesNotExistForNone) {
    for (const int orientation : {0, 9, 77}) {
        const Picture picture = decoded(with_orientation(corpus("known_corner.jpg"), orientation, false), "o");
        EXPECT_EQ(picture.info.orientation, 1);
        EXPECT_EQ(picture.info.width, 24);
    }
}

TEST(ImageFile, NamesThePackageThatAFormatNeedsOrReadsIt) {
    for (const auto& [file, format] : {std::pair(std::string("RIFF\x04\0\0\0WEBP", 12), "WebP"),
                                       {std::string("II*\0\x08\0\0\0", 8), "TIFF"},
                                       {std::string("\0\0\0\x18"
                                                    "ftypheic\0\0\0\0mif1heic",
                                                    24),
                                        "HEIC"},
                                       {std::string("\0\0\0\x18"
                                                    "ftypavif\0\0\0\0mif1avif",
                                                    24),
                                        "AVIF"},
                                       {std::string("\xff\x0a", 2), "JPEG XL"}}) {
        const auto picture = decode_picture(image_bytes(file), "short");
        ASSERT_FALSE(picture);
        EXPECT_NE(picture.error().message.find(format), std::string::npos) << picture.error().message;
        const bool reads = picture_formats_in_words().find(format) != std::string::npos;
        EXPECT_EQ(picture.error().message.find("is read by builds with lib") == std::string::npos, reads);
    }
}

TEST(ImageFile, RefusesWhatIsNoPictureAndSaysSo) {
    for (const std::string& text :
         {std::string("this is a letter, not a picture, and quite a long one\n"), std::string("x"),
          std::string(4096, '\0'), std::string(300, '\xff'), std::string("\x93NUMPY\x01\0v\0", 10)})
        EXPECT_NE(image_refusal(image_bytes(text), "letter.txt").find("not a picture"), std::string::npos);
    EXPECT_NE(image_refusal({}, "nothing.png").find("empty"), std::string::npos);
}

/// A PNG's signature and header, with a correct checksum, as the tool that wrote it left them; only the sides
/// differ.
std::vector<std::byte> png_header(std::uint32_t width, std::uint32_t height, std::uint32_t checksum) {
    std::string file("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
    for (const std::uint32_t v : {width, height})
        for (unsigned shift = 32; shift > 0; shift -= 8) file += static_cast<char>(v >> (shift - 8) & 255U);
    file += std::string_view("\x08\x02\0\0\0", 5);
    for (unsigned shift = 32; shift > 0; shift -= 8) file += static_cast<char>(checksum >> (shift - 8) & 255U);
    file += std::string_view("\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 24);
    return image_bytes(file);
}

TEST(ImageFile, RefusesAPngOf60000By60000PixelsByItsHeader) {
    const std::string message = image_refusal(png_header(60000, 60000, 0xfb0e215U), "large.png");
    EXPECT_NE(message.find("60000"), std::string::npos) << message;
    EXPECT_FALSE(inspect_picture(png_header(60000, 60000, 0xfb0e215U), "large.png"));
}

TEST(ImageFile, RefusesPicturesWithoutPixels) {
    for (const auto& file :
         {png_header(0, 0, 0xb4e9eb45U), image_bytes("P6\n0 0\n255\n"), image_bytes("P5\n0 3\n255\n"),
          image_bytes("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 0 +X 0\n")})
        EXPECT_NE(image_refusal(file, "none").find("0 x"), std::string::npos);
}

TEST(ImageFile, RefusesSidesThatTheLimitsForbidInEveryFormat) {
    for (const char* text : {"P6\n40000 1\n255\n", "P5\n30000 30000\n255\n", "P6\n2147483647 2147483647\n255\n",
                             "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n"})
        image_refusal(image_bytes(text), "large");
    auto psd = corpus("known.psd");
    std::memcpy(psd.data() + 14, "\0\x00\xea\x60\0\x00\xea\x60", 8);  // Height and width: 60000.
    EXPECT_NE(image_refusal(psd, "large.psd").find("60000"), std::string::npos);
    auto tga = corpus("known.tga");
    std::memcpy(tga.data() + 12, "\xff\xff\xff\xff", 4);
    EXPECT_NE(image_refusal(tga, "large.tga").find("65535"), std::string::npos);
}

TEST(ImageFile, RefusesEveryFormatCutShortWhereverItIsCut) {
    for (const char* file : {"known_rgb8.png", "known_interlaced.png", "known_rgba16.png", "known_halves.jpg",
                             "known_halves_progressive.jpg", "known.bmp", "known_palette.bmp", "known.tga", "known.psd",
                             "known_rle.psd", "known.ppm"}) {
        const auto whole = corpus(file);
        // A TGA may go on after its pixels, with a footer; what is cut is taken from the pixels here.
        const std::size_t last = std::string_view(file) == "known.tga" ? 18 + 3 * 6 - 1 : whole.size() - 2;
        for (std::size_t size = 0; size <= last; ++size) {
            SCOPED_TRACE(fmt::format("{} cut to {} bytes", file, size));
            image_refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, file);
        }
    }
}

TEST(ImageFile, RefusesVariantsThatAreNotRead) {
    const auto changed = [](std::string_view file, std::size_t offset, int value) {
        auto bytes = corpus(file);
        bytes.at(offset) = static_cast<std::byte>(value);
        return image_refusal(bytes, file);
    };
    EXPECT_NE(changed("known.psd", 5, 2).find("version 1, found 2"), std::string::npos);  // A PSB.
    EXPECT_NE(changed("known.psd", 25, 4).find("mode 4"), std::string::npos);             // CMYK.
    EXPECT_NE(changed("known.bmp", 28, 2).find("found 2"), std::string::npos);            // Bits a pixel.
    EXPECT_NE(changed("known.bmp", 30, 1).find("compression 1"), std::string::npos);      // Run-length encoded.
    EXPECT_NE(image_refusal(image_bytes("P3\n1 1\n255\n1 2 3\n"), "p3").find("P3"), std::string::npos);  // As text.
}

TEST(ImageFile, RefusesAPngWhoseBytesWereChanged) {
    const auto whole = corpus("known_rgb8.png");
    for (std::size_t i = 16; i < whole.size() - 12; ++i) {  // All but the signature and the last chunk.
        auto file = whole;
        file[i] ^= std::byte{0x10};
        SCOPED_TRACE(i);
        image_refusal(file, "changed.png");
    }
}

TEST(ImageFile, GivesThePixelsBackThatWereEncodedAsPng) {
    for (const bool opaque : {true, false}) {
        Image image(37, 11);
        std::uint32_t state = 12345;
        for (std::size_t i = 0; i < image.rgba.size(); ++i) {
            state = state * 1664525U + 1013904223U;
            image.rgba[i] = opaque && i % 4 == 3 ? 255 : static_cast<std::uint8_t>(state >> 24U);
        }
        const Picture picture = decoded(encode_png(image), "p");
        expect_info(picture.info, "PNG", 37, 11, opaque ? 3 : 4, 8);
        ASSERT_EQ(picture.color.shape(), (Shape{1, 3, 11, 37}));
        ASSERT_EQ(picture.alpha.size(), opaque ? 0U : 37U * 11U);
        for (int y = 0; y < 11; ++y)
            for (int x = 0; x < 37; ++x) {
                for (int c = 0; c < 3; ++c)
                    ASSERT_FLOAT_EQ(picture.color.at(0, c, y, x), static_cast<float>(image.pixel(x, y)[c]) / 255.0F);
                if (!opaque) {
                    ASSERT_FLOAT_EQ(picture.alpha[static_cast<std::size_t>(y * 37 + x)],
                                    static_cast<float>(image.pixel(x, y)[3]) / 255.0F);
                }
            }
    }
}

TEST(ImageFile, NamesThePathThatCannotBeLoaded) {
    const auto picture = load_picture("/absent/cat.png");
    ASSERT_FALSE(picture);
    EXPECT_NE(picture.error().message.find("cat.png"), std::string::npos);
    EXPECT_TRUE(load_picture(CONVLENS_TEST_DATA "/fuzz/corpus/image/known.bmp"));
}

}  // namespace
}  // namespace convlens
