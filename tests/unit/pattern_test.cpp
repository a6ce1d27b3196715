/// engine/document/pattern.h
#include "engine/document/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace convlens {
namespace {

constexpr Size2 size{40, 64};

TEST(Pattern, IsFoundByItsName) {
    EXPECT_EQ(pattern_names().size(), 7U);
    for (const auto name : pattern_names()) EXPECT_EQ(to_string(pattern_from(name).value()), name);
    EXPECT_EQ(pattern_from("zone"), Pattern::zone);
    for (const char* bad : {"", "Zone", "stripes"}) EXPECT_FALSE(pattern_from(bad));
}

TEST(Pattern, IsThreeChannelsInZeroToOneAndGrayButForNoise) {
    for (std::size_t i = 0; i < pattern_names().size(); ++i)
        for (const Size2 s : {Size2{1, 1}, {1, 9}, {7, 2}, size}) {
            const auto pattern = static_cast<Pattern>(i);
            SCOPED_TRACE(fmt::format("{} {}", to_string(pattern), to_string(s)));
            const Tensor tensor = make_pattern(pattern, s, 1);
            ASSERT_EQ(tensor.shape(), (Shape{1, 3, s.h, s.w}));
            EXPECT_TRUE(
                std::all_of(tensor.values().begin(), tensor.values().end(), [](float v) { return v >= 0 && v <= 1; }));
            const auto r = tensor.plane(0, 0), g = tensor.plane(0, 1), b = tensor.plane(0, 2);
            const bool gray = std::equal(r.begin(), r.end(), g.begin()) && std::equal(r.begin(), r.end(), b.begin());
            EXPECT_EQ(gray, pattern != Pattern::noise);
        }
}

TEST(Pattern, OfAnImpulseIsOneBrightPixelInTheMiddle) {
    for (const Size2 s : {Size2{40, 64}, {41, 7}, {1, 1}}) {
        const Tensor tensor = make_pattern(Pattern::impulse, s, 1);
        const auto plane = tensor.plane(0, 0);
        EXPECT_EQ(tensor.at(0, 0, s.h / 2, s.w / 2), 1.0F);
        EXPECT_EQ(std::count(plane.begin(), plane.end(), 0.0F), s.h * s.w - 1);
    }
}

TEST(Pattern, OfAStepIsDarkOnTheLeftAndBrightOnTheRight) {
    const Tensor tensor = make_pattern(Pattern::step, size, 1);
    for (int y = 0; y < size.h; ++y)
        for (int x = 0; x < size.w; ++x) EXPECT_EQ(tensor.at(0, 0, y, x), x < 32 ? 0.0F : 1.0F);
}

TEST(Pattern, OfACheckerboardHasSquaresOfEight) {
    const Tensor tensor = make_pattern(Pattern::checker, size, 1);
    EXPECT_EQ(tensor.at(0, 0, 0, 0), tensor.at(0, 0, 7, 7));
    EXPECT_NE(tensor.at(0, 0, 0, 7), tensor.at(0, 0, 0, 8));
    EXPECT_NE(tensor.at(0, 0, 7, 0), tensor.at(0, 0, 8, 0));
    EXPECT_EQ(tensor.at(0, 0, 0, 0), tensor.at(0, 0, 8, 8));
    EXPECT_EQ(tensor.at(0, 0, 0, 0), tensor.at(0, 0, 0, 16));
}

TEST(Pattern, OfAZonePlateIsSymmetricBrightInTheMiddleAndAtNyquistAtTheNearestBorder) {
    constexpr int h = 65, w = 101;
    const Tensor zone = make_pattern(Pattern::zone, {h, w}, 1);
    EXPECT_EQ(zone.at(0, 0, h / 2, w / 2), 1.0F);
    for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x) {
            EXPECT_NEAR(zone.at(0, 0, y, x), zone.at(0, 0, h - 1 - y, x), 1e-5);
            EXPECT_NEAR(zone.at(0, 0, y, x), zone.at(0, 0, y, w - 1 - x), 1e-5);
        }
    // Half a period a pixel at the border: the phase grows by about pi from one pixel to the next.
    const double k = std::numbers::pi / h, r = h / 2;
    EXPECT_NEAR(k * (r * r - (r - 1) * (r - 1)), std::numbers::pi, 0.05 * std::numbers::pi);
    for (const int y : {0, 1, 2, 20})
        EXPECT_NEAR(zone.at(0, 0, y, w / 2), 0.5 + 0.5 * std::cos(k * (y - r) * (y - r)), 1e-5);
}

TEST(Pattern, OfBarsHasEightFieldsOfEightPixelsAPeriod) {
    const Tensor bars = make_pattern(Pattern::bars, {80, 256}, 1);
    for (int y = 0; y < 40; ++y)  // the first field: upright stripes
        for (int x = 0; x + 8 < 64; ++x) {
            EXPECT_NEAR(bars.at(0, 0, y, x), bars.at(0, 0, y, x + 8), 1e-5);
            EXPECT_NEAR(bars.at(0, 0, y, x), bars.at(0, 0, 0, x), 1e-5);
        }
    for (int y = 40; y + 8 < 80; ++y)  // the fifth, below it, is at 90 degrees: level stripes
        for (int x = 0; x < 64; ++x) {
            EXPECT_NEAR(bars.at(0, 0, y, x), bars.at(0, 0, y + 8, x), 1e-5);
            EXPECT_NEAR(bars.at(0, 0, y, x), bars.at(0, 0, y, 0), 1e-5);
        }
    EXPECT_NE(bars.at(0, 0, 3, 60), bars.at(0, 0, 3, 68)) << "the second field is turned";
}

TEST(Pattern, OfNoiseIsTheStandardsStreamAndAnotherForAnotherSeed) {
    // Outputs of MT19937 seeded with 1: 1791095845 4282876139 3093770124, over 2^8 and 2^24.
    const Tensor noise = make_pattern(Pattern::noise, size, 1);
    EXPECT_EQ(noise.data()[0], 6996468.0F / 16777216.0F);
    EXPECT_EQ(noise.data()[1], 16729984.0F / 16777216.0F);
    EXPECT_EQ(noise.data()[2], 12085039.0F / 16777216.0F);
    const Tensor again = make_pattern(Pattern::noise, size, 1), other = make_pattern(Pattern::noise, size, 2);
    EXPECT_TRUE(std::equal(noise.values().begin(), noise.values().end(), again.values().begin()));
    EXPECT_FALSE(std::equal(noise.values().begin(), noise.values().end(), other.values().begin()));
    double sum = 0;
    for (const float v : noise.values()) sum += static_cast<double>(v);
    EXPECT_NEAR(sum / static_cast<double>(noise.size()), 0.5, 0.02);
}

}  // namespace
}  // namespace convlens
