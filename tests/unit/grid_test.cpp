/// engine/view/grid.h
#include "engine/view/grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

namespace convlens {
namespace {

const std::vector<ChannelStats> stats{
    {-1, 2, 0.5F, 0.9F}, {-4, 3, 0.1F, 2.0F}, {0, 1, 0.7F, 0.7F}, {-2, 1, 0.1F, 0.3F}};

std::vector<int> shown(DisplayOptions display) { return shown_channels(display, stats).value(); }

TEST(GridLayout, PutsSixtyFourChannelsIntoEightRowsOfEight) {
    const GridLayout layout = grid_layout(DisplayOptions{}, {10, 20}, 64);
    EXPECT_EQ(layout.columns, 8);
    EXPECT_EQ(layout.rows, 8);
    EXPECT_EQ(layout.cell, (Size2{10, 20}));
    EXPECT_EQ(layout.width(), 8 * 22 + 2);
    EXPECT_EQ(layout.height(), 8 * 12 + 2);
    EXPECT_EQ(layout.cell_rect(0), (Rect{2, 2, 20, 10}));
    EXPECT_EQ(layout.cell_rect(9), (Rect{24, 14, 20, 10}));
    EXPECT_EQ(layout.cell_rect(63), (Rect{156, 86, 20, 10}));
}

TEST(GridLayout, HasNoSizeBeyondThatOfAnInt) {
    DisplayOptions display;
    display.cell = {16384, 16384};
    display.gap = 4096;
    display.columns = 4096;
    const GridLayout layout = grid_layout(display, {1, 1}, 8'660'000);
    EXPECT_EQ(layout.width(), 4096 * 20480 + 4096);
    EXPECT_EQ(layout.height(), 2115 * 20480 + 4096);
    display.columns = 8;
    EXPECT_EQ(grid_layout(display, {1, 1}, 8'660'000).height(), std::numeric_limits<int>::max());
}

TEST(GridLayout, HasFewerColumnsForFewerCellsAndARowForTheRest) {
    EXPECT_EQ(grid_layout(DisplayOptions{}, {4, 4}, 3).columns, 3);
    EXPECT_EQ(grid_layout(DisplayOptions{}, {4, 4}, 3).rows, 1);
    EXPECT_EQ(grid_layout(DisplayOptions{}, {4, 4}, 9).columns, 8);
    EXPECT_EQ(grid_layout(DisplayOptions{}, {4, 4}, 9).rows, 2);
    EXPECT_EQ(grid_layout(DisplayOptions{}, {4, 4}, 8).rows, 1);
}

TEST(GridLayout, TakesTheCellSizeAndTheGapAskedForAndSurvivesSillyOnes) {
    DisplayOptions display;
    display.cell = {30, 40};
    display.gap = 5;
    display.columns = 2;
    const GridLayout layout = grid_layout(display, {7, 9}, 3);
    EXPECT_EQ(layout.width(), 2 * 45 + 5);
    EXPECT_EQ(layout.height(), 2 * 35 + 5);
    display.gap = -3;
    display.columns = 0;
    display.cell = {-1, 4};
    const GridLayout silly = grid_layout(display, {7, 9}, 3);
    EXPECT_EQ(silly.gap, 0);
    EXPECT_EQ(silly.columns, 1);
    EXPECT_EQ(silly.cell, (Size2{1, 4}));
}

TEST(GridLayout, FindsTheCellUnderEveryPixelOfIt) {
    for (const int gap : {0, 1, 3})
        for (const int count : {1, 3, 7, 9}) {
            DisplayOptions display;
            display.gap = gap;
            display.columns = 3;
            const GridLayout layout = grid_layout(display, {4, 5}, count);
            std::map<std::pair<int, int>, int> owners;
            for (int i = 0; i < count; ++i) {
                const Rect r = layout.cell_rect(i);
                for (int y = r.y; y < r.y + r.h; ++y)
                    for (int x = r.x; x < r.x + r.w; ++x)
                        EXPECT_TRUE(owners.try_emplace({x, y}, i).second) << "cells overlap";
            }
            for (int y = -3; y < layout.height() + 3; ++y)
                for (int x = -3; x < layout.width() + 3; ++x) {
                    const auto owner = owners.find({x, y});
                    const auto expected = owner == owners.end() ? std::nullopt : std::optional(owner->second);
                    ASSERT_EQ(layout.cell_at(x, y), expected) << x << ", " << y << " gap " << gap << " count " << count;
                }
        }
}

TEST(ShownChannels, AreAllOfThemInOrderByDefault) {
    EXPECT_EQ(shown(DisplayOptions{}), (std::vector<int>{0, 1, 2, 3}));
}

TEST(ShownChannels, AreSortedLargestFirstAndTiesKeepTheirOrder) {
    DisplayOptions display;
    display.sort = Sort::mean;
    EXPECT_EQ(shown(display), (std::vector<int>{2, 0, 1, 3}));
    display.sort = Sort::max;
    EXPECT_EQ(shown(display), (std::vector<int>{1, 0, 2, 3}));
    display.sort = Sort::energy;
    EXPECT_EQ(shown(display), (std::vector<int>{1, 0, 2, 3}));
}

TEST(ShownChannels, LeaveOutDeadOnesWhereAskedToUnlessAllAre) {
    const std::vector<ChannelStats> some{{0, 1, 0.5F, 0.5F}, {0, 0, 0, 0}, {-2, -2, -2, 2}, {-1, 0, 0, 0.5F}};
    DisplayOptions display;
    display.hide_dead = true;
    EXPECT_EQ(*shown_channels(display, some), (std::vector{0, 3}));
    display.channels = {1, 2};
    EXPECT_EQ(*shown_channels(display, some), (std::vector{1, 2}));
    display.hide_dead = false;
    display.channels.clear();
    EXPECT_EQ(shown_channels(display, some)->size(), 4U);
}

TEST(ShownChannels, AreThoseNamedWithRepeatsKept) {
    DisplayOptions display;
    display.channels = {3, 1, 3};
    EXPECT_EQ(shown(display), (std::vector<int>{1, 3, 3}));
    display.sort = Sort::mean;
    EXPECT_EQ(shown(display), (std::vector<int>{3, 1, 3}));
}

TEST(ShownChannels, FailsForOneThatIsNotThereAndNamesIt) {
    for (const int bad : {4, -1, 1000}) {
        DisplayOptions display;
        display.channels = {0, bad};
        const auto result = shown_channels(display, stats);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().message,
                  fmt::format("channel {} does not exist: the output has channels 0 to 3", bad));
    }
}

/// The scale of one of the shown channels.
Range channel_range(const DisplayOptions& display, std::span<const ChannelStats> of, std::vector<int> shown,
                    int channel) {
    const auto at = std::ranges::find(shown, channel);
    return channel_ranges(display, of, shown).at(static_cast<std::size_t>(at - shown.begin()));
}

TEST(ChannelRange, IsTheChannelsOwnTheSharedTheSymmetricOrTheFixedOne) {
    const std::vector<int> all{0, 1, 2, 3}, some{0, 2};
    DisplayOptions display;
    EXPECT_EQ(channel_range(display, stats, all, 2), (Range{0, 1}));
    display.scale.mode = ScaleMode::shared;
    EXPECT_EQ(channel_range(display, stats, all, 2), (Range{-4, 3}));
    EXPECT_EQ(channel_range(display, stats, some, 2), (Range{-1, 2})) << "channels that are not shown do not count";
    display.scale.mode = ScaleMode::symmetric;
    EXPECT_EQ(channel_range(display, stats, all, 2), (Range{-4, 4}));
    EXPECT_EQ(channel_range(display, stats, some, 2), (Range{-2, 2}));
    display.scale.mode = ScaleMode::per_channel_symmetric;
    EXPECT_EQ(channel_range(display, stats, all, 2), (Range{-1, 1}));
    display.scale = {ScaleMode::fixed, -7, 9};
    EXPECT_EQ(channel_range(display, stats, all, 2), (Range{-7, 9}));
}

TEST(ChannelRange, DoesNotShowRoundingErrorsOnAScaleOfTheirOwn) {
    const std::vector<ChannelStats> near{
        {-2, 3, 0, 1}, {1, 1.000002F, 1, 1}, {-1e-6F, 1e-6F, 0, 0}, {1, 1.00001F, 1, 1}};
    const std::vector<int> all{0, 1, 2, 3};
    DisplayOptions display;
    EXPECT_EQ(channel_range(display, near, all, 0), (Range{-2, 3}));
    EXPECT_EQ(channel_range(display, near, all, 1), (Range{1, 1}));
    EXPECT_EQ(channel_range(display, near, all, 2), (Range{-1e-6F, -1e-6F}));
    EXPECT_EQ(channel_range(display, near, all, 3), (Range{1, 1.00001F}));
    display.scale.mode = ScaleMode::per_channel_symmetric;
    EXPECT_EQ(channel_range(display, near, all, 1), (Range{-1.000002F, 1.000002F}));
    EXPECT_EQ(channel_range(display, near, all, 2), (Range{0, 0}));
    display.scale.mode = ScaleMode::shared;
    EXPECT_EQ(channel_range(display, near, all, 2), (Range{-2, 3}));
    const std::vector<ChannelStats> infinite{{0, INFINITY, 0, 0}, {0, 1, 0, 0}};
    display.scale.mode = ScaleMode::per_channel;
    EXPECT_EQ(channel_range(display, infinite, {0, 1}, 1), (Range{0, 1}));
}

TEST(ChannelRange, IsTheSameForEveryShownChannelWhenShared) {
    const std::vector<int> some{3, 0};
    for (const ScaleMode mode : {ScaleMode::shared, ScaleMode::symmetric}) {
        DisplayOptions display;
        display.scale.mode = mode;
        EXPECT_EQ(channel_range(display, stats, some, 3), channel_range(display, stats, some, 0));
    }
}

TEST(RegionOf, IsThePartThatLiesInThePictureOrAllOfIt) {
    DisplayOptions display;
    const GridLayout layout = grid_layout(display, {10, 10}, 4);  // 50 x 14
    EXPECT_EQ(region_of(display, layout).value(), (Rect{0, 0, 50, 14}));
    display.region = Rect{5, 3, 10, 4};
    EXPECT_EQ(region_of(display, layout).value(), (Rect{5, 3, 10, 4}));
    display.region = Rect{-5, 10, 20, 100};
    EXPECT_EQ(region_of(display, layout).value(), (Rect{0, 10, 15, 4}));
    const int most = std::numeric_limits<int>::max();
    display.region = Rect{0, 0, most, most};
    EXPECT_EQ(region_of(display, layout).value(), (Rect{0, 0, 50, 14}));
    display.region = Rect{3, 3, most, most};
    EXPECT_EQ(region_of(display, layout).value(), (Rect{3, 3, 47, 11}));
}

TEST(RegionOf, FailsForAnEmptyPart) {
    DisplayOptions display;
    const GridLayout layout = grid_layout(display, {10, 10}, 4);
    for (const Rect& empty : {Rect{50, 0, 5, 5}, {0, 14, 5, 5}, {0, 0, 0, 5}, {0, 0, 5, -5}, {-10, 0, 10, 5}}) {
        display.region = empty;
        EXPECT_FALSE(region_of(display, layout)) << empty.x << " " << empty.y;
    }
}

TEST(RegionOf, FailsForAPictureThatIsTooLargeButNotForAPartOfIt) {
    DisplayOptions display;
    display.cell = {3000, 3000};
    const GridLayout layout = grid_layout(display, {10, 10}, 64);
    const auto region = region_of(display, layout);
    ASSERT_FALSE(region);
    EXPECT_NE(region.error().message.find("24018 x 24018 pixels, more than 16384 per side"), std::string::npos)
        << region.error().message;
    display.region = Rect{20000, 20000, 640, 480};
    EXPECT_EQ(region_of(display, layout).value(), *display.region);
    display.region = Rect{0, 0, max_picture_side, max_picture_side};
    EXPECT_TRUE(region_of(display, layout));
    display.region = Rect{0, 0, max_picture_side + 1, 5};
    EXPECT_FALSE(region_of(display, layout));
}

}  // namespace
}  // namespace convlens
