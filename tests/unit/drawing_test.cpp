/// engine/document/drawing.h: strokes, filling, centering.
#include "engine/document/drawing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace convlens {
namespace {

constexpr Rgba black{0, 0, 0, 255}, white{255, 255, 255, 255}, red{255, 0, 0, 255};

int red_at(const Image& image, int x, int y) { return image.pixel(x, y)[0]; }

double brightness(const Image& image) {
    double sum = 0;
    for (std::size_t i = 0; i < image.rgba.size(); i += 4) sum += image.rgba[i];
    return sum / 255;
}

TEST(Drawing, StrokesAreRoundAndAsLargeAsTheBrush) {
    Image dot(41, 41, black);
    draw_stroke(dot, {20.5F, 20.5F}, {20.5F, 20.5F}, 16, white);
    EXPECT_NEAR(brightness(dot), 3.14159 * 64, 2);
    EXPECT_EQ(red_at(dot, 20, 20), 255);
    EXPECT_EQ(red_at(dot, 20, 13), 255);
    EXPECT_EQ(red_at(dot, 20, 11), 0);
    EXPECT_EQ(red_at(dot, 13, 13), 0);  // a corner of the square around the dot
    for (int y = 0; y < 41; ++y)
        for (int x = 0; x < 41; ++x) EXPECT_EQ(red_at(dot, x, y), red_at(dot, 40 - y, x)) << x << ' ' << y;
    Image line(60, 30, black);
    draw_stroke(line, {10.5F, 15.5F}, {50.5F, 15.5F}, 6, white);
    EXPECT_NEAR(brightness(line), 40 * 6 + 3.14159 * 9, 2);
}

TEST(Drawing, StrokesBeyondTheEdgesAreCut) {
    Image image(8, 8, black);
    draw_stroke(image, {-100, -100}, {1e9F, 1e9F}, 3, white);
    EXPECT_EQ(red_at(image, 4, 4), 255);
    draw_stroke(image, {-50, 4}, {-20, 4}, 10, red);
    EXPECT_EQ(image.pixel(0, 4)[1], 0);
    EXPECT_EQ(image.pixel(0, 0)[1], 255);
    draw_stroke(image, {0.5F, 0.5F}, {0.5F, 0.5F}, 1, red);
    EXPECT_EQ(image.pixel(0, 0)[1], 0);
}

TEST(Drawing, FillsAnAreaUpToItsBorder) {
    Image image(20, 20, black);
    for (int i = 0; i < 20; ++i) std::copy(white.begin(), white.end(), image.pixel(i, 10));
    fill_area(image, 3, 3, red);
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x) {
            EXPECT_EQ(image.pixel(x, y)[0], y > 10 ? 0 : 255);
            EXPECT_EQ(image.pixel(x, y)[1], y == 10 ? 255 : 0);
        }
    const auto before = image.rgba;
    fill_area(image, 3, 3, red);
    fill_area(image, -1, 3, white);
    fill_area(image, 3, 20, white);
    EXPECT_EQ(image.rgba, before);
}

TEST(Drawing, InvertsColorsButNotOpacity) {
    Image image(2, 1, {1, 2, 3, 255});
    invert(image);
    EXPECT_EQ(image.rgba, (Image::Bytes{254, 253, 252, 255, 254, 253, 252, 255}));
}

TEST(Drawing, CentersTheMass) {
    for (const Rgba paper : {black, white}) {
        Image image(28, 28, paper), expected(28, 28, paper);
        draw_stroke(image, {5.5F, 6.5F}, {5.5F, 6.5F}, 5, red);
        draw_stroke(expected, {14.5F, 14.5F}, {14.5F, 14.5F}, 5, red);
        center(image, paper);
        double mass = 0, x_sum = 0, y_sum = 0;
        for (int y = 0; y < 28; ++y)
            for (int x = 0; x < 28; ++x) {
                const double weight =
                    std::abs(image.pixel(x, y)[1] - int{paper[1]}) + std::abs(image.pixel(x, y)[0] - int{paper[0]});
                mass += weight, x_sum += weight * (x + 0.5), y_sum += weight * (y + 0.5);
            }
        EXPECT_NEAR(x_sum / mass, 14, 0.51);
        EXPECT_NEAR(y_sum / mass, 14, 0.51);
    }
    Image blank(5, 5, white);
    center(blank, white);
    EXPECT_EQ(blank.rgba, Image(5, 5, white).rgba);
}

TEST(Drawing, BecomesAPictureAndComesBack) {
    const auto image = std::make_shared<Image>(3, 2, black);
    for (std::size_t i = 0; i < image->rgba.size(); ++i)
        if (i % 4 != 3) image->rgba[i] = static_cast<std::uint8_t>(i * 37);
    const auto picture = picture_of(*image);
    EXPECT_FLOAT_EQ(picture->color.at(0, 1, 1, 2), static_cast<float>(image->pixel(2, 1)[1]) / 255.0F);
    EXPECT_EQ(image_of(*picture).rgba, image->rgba);
}

}  // namespace
}  // namespace convlens
