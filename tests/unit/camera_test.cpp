/// engine/io/camera_frame.h: golden bytes of YUYV and Motion JPEG; what is cut short or damaged is refused.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/io/camera_device.h"
#include "engine/io/camera_frame.h"

namespace convlens {
namespace {

/// A frame of Motion JPEG as cameras send it, without Huffman tables: 16 x 8 pixels, the left half (220, 40, 60), the
/// right half (30, 90, 200); written by ImageMagick, its tables removed.
constexpr std::string_view jpeg_frame =
    "ffd8ffe000104a46494600010100000100010000ffdb00430003020202020203020202030303030406040404040408060605"
    "0609080a0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffdb004301030303040304"
    "08040408100b090b101010101010101010101010101010101010101010101010101010101010101010101010101010101010"
    "1010101010101010ffc00011080008001003012100021101031101ffda000c03010002110311003f00f2aac1afbcf063fe63"
    "bfee17fee43f41fa4cff00ccaffee3ff00ee13ffd9";

std::vector<std::byte> bytes_of_hex(std::string_view hex) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

CameraFrame yuyv(Size2 size, std::size_t row_bytes, const std::vector<int>& bytes) {
    CameraFrame frame{{false, size, 30}, row_bytes, {}, 0, 1};
    for (const int b : bytes) frame.bytes.push_back(static_cast<std::byte>(b));
    return frame;
}

void expect_color(const Picture& p, int y, int x, double red, double green, double blue, double tolerance) {
    EXPECT_NEAR(p.color.at(0, 0, y, x), red, tolerance) << y << " " << x;
    EXPECT_NEAR(p.color.at(0, 1, y, x), green, tolerance) << y << " " << x;
    EXPECT_NEAR(p.color.at(0, 2, y, x), blue, tolerance) << y << " " << x;
}

TEST(CameraFrame, OfYuyvHasTheColorsOfItuRBt601) {
    // Y Cb Y Cr: black and white; the red, green and blue of ITU-R BT.601 in 8 bits; gray. Rows have four bytes more.
    const std::vector<int> bytes{16,  128, 235, 128, 81, 90,  81, 240, 1, 2, 3, 4,
                                 145, 54,  145, 34,  41, 240, 41, 110, 5, 6, 7, 8};
    Picture picture;
    ASSERT_TRUE(camera_picture(yuyv({2, 4}, 12, bytes), false, "camera", picture));
    EXPECT_EQ(picture.color.shape(), (Shape{1, 3, 2, 4}));
    expect_color(picture, 0, 0, 0, 0, 0, 1e-6);
    expect_color(picture, 0, 1, 1, 1, 1, 1e-6);
    expect_color(picture, 0, 2, 1, 0, 0, 0.01);
    expect_color(picture, 0, 3, 1, 0, 0, 0.01);
    expect_color(picture, 1, 0, 0, 1, 0, 0.01);
    expect_color(picture, 1, 3, 0, 0, 1, 0.01);
    const float* memory = picture.color.data();
    ASSERT_TRUE(camera_picture(yuyv({2, 4}, 12, bytes), true, "camera", picture));
    EXPECT_EQ(picture.color.data(), memory) << "the memory of the picture is used again";
    expect_color(picture, 0, 3, 0, 0, 0, 1e-6);
    expect_color(picture, 0, 0, 1, 0, 0, 0.01);
    expect_color(picture, 1, 3, 0, 1, 0, 0.01);
}

TEST(CameraFrame, ThatIsCutShortIsRefused) {
    std::vector<int> bytes(8 * 4, 128);
    Picture picture;
    EXPECT_TRUE(camera_picture(yuyv({4, 4}, 8, bytes), false, "camera", picture));
    bytes.pop_back();
    const auto cut = camera_picture(yuyv({4, 4}, 8, bytes), false, "camera", picture);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().message, "camera: the frame is cut short: expected 32 bytes, found 31");
    EXPECT_FALSE(camera_picture(yuyv({4, 4}, 7, std::vector<int>(100, 1)), false, "camera", picture));
    EXPECT_FALSE(camera_picture(yuyv({0, 4}, 8, bytes), false, "camera", picture));
    EXPECT_FALSE(camera_picture(yuyv({100000, 100000}, 200000, bytes), false, "camera", picture));
    const auto whole = bytes_of_hex(jpeg_frame);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{20}, std::size_t{100}, whole.size() / 2}) {
        CameraFrame frame{
            {true, {8, 16}, 30}, 0, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, 0, 1};
        EXPECT_FALSE(camera_picture(frame, false, "camera", picture)) << size;
    }
}

TEST(CameraFrame, OfMotionJpegGetsTheTablesThatItLacks) {
    const auto jpeg = bytes_of_hex(jpeg_frame);
    CameraFrame frame{{true, {8, 16}, 30}, 0, {jpeg.begin(), jpeg.end()}, 0, 1};
    Picture picture;
    const auto done = camera_picture(frame, false, "camera", picture);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(picture.color.shape(), (Shape{1, 3, 8, 16}));
    expect_color(picture, 4, 1, 220 / 255.0, 40 / 255.0, 60 / 255.0, 0.02);
    expect_color(picture, 4, 14, 30 / 255.0, 90 / 255.0, 200 / 255.0, 0.02);
    ASSERT_TRUE(camera_picture(frame, true, "camera", picture));
    expect_color(picture, 4, 14, 220 / 255.0, 40 / 255.0, 60 / 255.0, 0.02);
    // With tables, a frame stays as it is.
    const auto with = with_huffman_tables(frame.bytes);
    EXPECT_EQ(with.size(), frame.bytes.size() + 420);
    EXPECT_EQ(with_huffman_tables(with), with);
    EXPECT_EQ(with_huffman_tables(bytes_of_hex("ffd8ff")), bytes_of_hex("ffd8ff"));
}

TEST(Camera, IsChosenWith640x480) {
    EXPECT_EQ(usual_mode({{false, {240, 320}, 30}, {false, {480, 640}, 30}, {true, {720, 1280}, 30}}), 1U);
    EXPECT_EQ(usual_mode({{true, {720, 1280}, 30}}), 0U);
    EXPECT_EQ(usual_mode({}), 0U);
    const auto missing = CameraStream::open("/dev/no such camera", {});
    ASSERT_FALSE(missing);
    EXPECT_FALSE(missing.error().message.empty());
}

}  // namespace
}  // namespace convlens
