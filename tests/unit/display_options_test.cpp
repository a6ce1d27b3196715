/// engine/view/display.h
#include "engine/view/display_options.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

using Channels = std::vector<int>;

TEST(ScaleFrom, ReadsEveryModeAndIsReadBackFromItsText) {
    EXPECT_EQ(scale_from("per-channel").value().mode, ScaleMode::per_channel);
    EXPECT_EQ(scale_from("shared").value().mode, ScaleMode::shared);
    EXPECT_EQ(scale_from("symmetric").value().mode, ScaleMode::symmetric);
    EXPECT_EQ(scale_from("fixed:-1.5:2e3").value(), (Scale{ScaleMode::fixed, -1.5F, 2000.0F}));
    for (const char* text :
         {"per-channel", "shared", "symmetric", "per-channel-symmetric", "fixed:-1.5:2000", "fixed:0.1:0.7"}) {
        EXPECT_EQ(to_string(scale_from(text).value()), text);
        EXPECT_EQ(scale_from(to_string(scale_from(text).value())).value(), scale_from(text).value());
    }
}

TEST(ScaleFrom, RefusesEverythingElseAndNamesIt) {
    for (const char* bad : {"", "fixed", "fixed:", "fixed:1", "fixed:1:", "fixed::1", "fixed:2:1", "fixed:1:1",
                            "fixed:0:nan", "fixed:0:inf", "fixed:-inf:0", "fixed:0:1:2", "fixed:a:b",
                            "fixed:-3e38:3e38", "Shared", "shared:1", "per_channel"}) {
        const auto scale = scale_from(bad);
        ASSERT_FALSE(scale) << bad;
        EXPECT_EQ(scale.error().message, fmt::format("scale '{}' is not per-channel, shared, symmetric, "
                                                     "per-channel-symmetric or fixed:LO:HI with LO below HI",
                                                     bad));
    }
}

TEST(SortFrom, ReadsEveryOrderAndNothingElse) {
    for (const Sort sort : {Sort::index, Sort::mean, Sort::max, Sort::energy})
        EXPECT_EQ(sort_from(to_string(sort)).value(), sort);
    EXPECT_EQ(to_string(Sort::energy), "energy");
    for (const char* bad : {"", "Index", "min"}) {
        const auto sort = sort_from(bad);
        ASSERT_FALSE(sort) << bad;
        EXPECT_NE(sort.error().message.find(fmt::format("'{}'", bad)), std::string::npos);
    }
}

TEST(ChannelsFrom, ReadsNumbersAndRangesInTheOrderGiven) {
    EXPECT_EQ(channels_from("5").value(), (Channels{5}));
    EXPECT_EQ(channels_from("0-3").value(), (Channels{0, 1, 2, 3}));
    EXPECT_EQ(channels_from("7-7").value(), (Channels{7}));
    EXPECT_EQ(channels_from("3,7,12").value(), (Channels{3, 7, 12}));
    EXPECT_EQ(channels_from("9,2-4,9,0").value(), (Channels{9, 2, 3, 4, 9, 0}));
    EXPECT_EQ(channels_from("0-63").value().size(), 64U);
}

TEST(ChannelsFrom, RefusesEverythingElseAndNamesIt) {
    for (const char* bad : {"", ",", "a", "-1", "3-1", "1-2-3", "1,,2", "1,", ",1", "3-", "3-,4", "1 2", "1.5", "0-",
                            "99999999999", "70000", "0-70000"}) {
        const auto channels = channels_from(bad);
        ASSERT_FALSE(channels) << bad;
        EXPECT_NE(channels.error().message.find(fmt::format("'{}'", bad)), std::string::npos)
            << channels.error().message;
    }
}

TEST(ChannelsFrom, RefusesAListThatIsTooLongBeforeItFillsTheMemory) {
    std::string text = "0-65535";
    for (int i = 0; i < 5; ++i) text += ",0-65535";
    const auto channels = channels_from(text);
    ASSERT_FALSE(channels);
    EXPECT_NE(channels.error().message.find("more than 65536"), std::string::npos);
}

TEST(DisplayOptions, IsByDefaultTheNotebooksGrid) {
    const DisplayOptions display;
    EXPECT_EQ(display.columns, 8);
    EXPECT_EQ(display.scale.mode, ScaleMode::per_channel);
    EXPECT_EQ(display.effective_colormap(), Colormap::viridis);
    EXPECT_EQ(display.cell, (Size2{0, 0}));
}

TEST(DisplayOptions, TakesADivergingMapOnASymmetricScaleUnlessToldOtherwise) {
    DisplayOptions display;
    display.scale.mode = ScaleMode::symmetric;
    EXPECT_EQ(display.effective_colormap(), Colormap::coolwarm);
    display.colormap = Colormap::gray;
    EXPECT_EQ(display.effective_colormap(), Colormap::gray);
}

}  // namespace
}  // namespace convlens
