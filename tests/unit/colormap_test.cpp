/// engine/view/colormap.h
#include "engine/view/colormap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace convlens {
namespace {

/// matplotlib has rounded its bytes down in some versions and to the nearest in others.
void expect_near(Rgba color, int r, int g, int b) {
    EXPECT_NEAR(color[0], r, 1);
    EXPECT_NEAR(color[1], g, 1);
    EXPECT_NEAR(color[2], b, 1);
    EXPECT_EQ(color[3], 255);
}

TEST(Colormap, HasThePublishedEnds) {
    struct Ends {
        Colormap map;
        std::array<int, 3> low, high;
    };
    for (const auto& [map, low, high] : {Ends{Colormap::viridis, {68, 1, 84}, {253, 231, 37}},
                                         {Colormap::magma, {0, 0, 4}, {252, 253, 191}},
                                         {Colormap::inferno, {0, 0, 4}, {252, 255, 164}},
                                         {Colormap::plasma, {13, 8, 135}, {240, 249, 33}},
                                         {Colormap::cividis, {0, 34, 78}, {254, 232, 56}},
                                         {Colormap::gray, {0, 0, 0}, {255, 255, 255}},
                                         {Colormap::coolwarm, {59, 76, 192}, {180, 4, 38}}}) {
        SCOPED_TRACE(to_string(map));
        expect_near(colors(map).front(), low[0], low[1], low[2]);
        expect_near(colors(map).back(), high[0], high[1], high[2]);
    }
}

TEST(Colormap, HasThePublishedMiddles) {
    expect_near(colors(Colormap::viridis)[128], 33, 145, 140);
    expect_near(colors(Colormap::magma)[128], 183, 55, 121);
    expect_near(colors(Colormap::inferno)[128], 188, 55, 84);
    expect_near(colors(Colormap::plasma)[128], 204, 71, 120);
    expect_near(colors(Colormap::cividis)[128], 125, 124, 120);
}

TEST(Colormap, OfGraysIsTheIndexItselfUpToMatplotlibsRounding) {
    for (std::size_t i = 0; i < 256; ++i) {
        const Rgba c = colors(Colormap::gray)[i];
        expect_near(c, static_cast<int>(i), static_cast<int>(i), static_cast<int>(i));
        EXPECT_TRUE(c[0] == c[1] && c[1] == c[2]);
        EXPECT_GE(c[0], colors(Colormap::gray)[i > 0 ? i - 1 : 0][0]);
    }
}

TEST(Colormap, ThatDivergesIsNeutralInTheMiddleAndColoredAtTheEnds) {
    for (std::size_t i = 0; i < colormap_names().size(); ++i)
        EXPECT_EQ(is_diverging(static_cast<Colormap>(i)), colormap_names()[i] == "coolwarm");
    const Rgba middle = colors(Colormap::coolwarm)[128];
    EXPECT_LE(std::abs(middle[0] - middle[2]), 4);
    EXPECT_LE(std::abs(middle[0] - middle[1]), 4);
    EXPECT_GT(middle[0], 215);
    EXPECT_GT(colors(Colormap::coolwarm)[0][2], colors(Colormap::coolwarm)[0][0] + 100);
    EXPECT_GT(colors(Colormap::coolwarm)[255][0], colors(Colormap::coolwarm)[255][2] + 100);
}

TEST(Colormap, GetsBrighterFromLowToHighWhenItIsSequential) {
    for (const Colormap map :
         {Colormap::viridis, Colormap::magma, Colormap::inferno, Colormap::plasma, Colormap::cividis}) {
        const auto brightness = [&](std::size_t i) {
            const Rgba c = colors(map)[i];
            return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        };
        for (std::size_t i = 8; i < 256; i += 8)
            EXPECT_GT(brightness(i), brightness(i - 8)) << to_string(map) << " " << i;
    }
}

TEST(Colormap, IsFoundByItsName) {
    ASSERT_EQ(colormap_names().size(), 7U);
    for (std::size_t i = 0; i < colormap_names().size(); ++i) {
        const auto map = static_cast<Colormap>(i);
        EXPECT_EQ(to_string(map), colormap_names()[i]);
        EXPECT_EQ(colormap_from(colormap_names()[i]), map);
    }
    for (const char* bad : {"", "jet", "Viridis", "viridis "}) EXPECT_FALSE(colormap_from(bad)) << bad;
}

TEST(ColorIndex, IsTheFloorOf256TimesT) {
    EXPECT_EQ(color_index(0.0F), 0);
    EXPECT_EQ(color_index(0.5F), 128);
    EXPECT_EQ(color_index(std::nextafter(0.5F, 0.0F)), 127);
    EXPECT_EQ(color_index(1.0F), 255);
    EXPECT_EQ(color_index(std::nextafter(1.0F, 0.0F)), 255);
    for (int i = 0; i < 256; ++i) EXPECT_EQ(color_index((static_cast<float>(i) + 0.5F) / 256.0F), i);
}

TEST(ColorIndex, IsHeldToTheTableForAnyNumber) {
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(color_index(-0.1F), 0);
    EXPECT_EQ(color_index(-infinity), 0);
    EXPECT_EQ(color_index(1.1F), 255);
    EXPECT_EQ(color_index(infinity), 255);
    EXPECT_EQ(color_index(std::numeric_limits<float>::quiet_NaN()), 0);
}

}  // namespace
}  // namespace convlens
