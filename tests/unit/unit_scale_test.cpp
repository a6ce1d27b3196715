/// Scaling to [0,1] with and without brackets.
#include "engine/view/unit_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "engine/reference/random_case.h"

namespace convlens {
namespace {

Tensor row(std::initializer_list<float> values) {
    Tensor t({1, 1, 1, static_cast<int>(values.size())});
    std::ranges::copy(values, t.data());
    return t;
}

TEST(UnitScale, WithBracketsTheMapFillsZeroToOne) {
    const UnitScaled s = unit_scaled(row({-2, 0, 3, 6}));
    EXPECT_TRUE(std::ranges::equal(s.intended.values(), std::initializer_list<float>{0, 0.25F, 0.625F, 1}));
    EXPECT_EQ(s.channels[0].intended, (Range{0, 1}));
    EXPECT_EQ(s.channels[0].values, (Range{-2, 6}));
}

TEST(UnitScale, WithoutBracketsItIsOnlyAShiftAndLeavesZeroToOne) {
    // -2 / (6 - -2) is -0.25, and that is subtracted from every value
    const UnitScaled s = unit_scaled(row({-2, 0, 3, 6}));
    EXPECT_EQ(s.channels[0].shift, -0.25F);
    EXPECT_TRUE(std::ranges::equal(s.unbracketed.values(), std::initializer_list<float>{-1.75F, 0.25F, 3.25F, 6.25F}));
    EXPECT_EQ(s.channels[0].unbracketed, (Range{-1.75F, 6.25F}));
    EXPECT_EQ(s.channels[0].outside, 0.75);
}

TEST(UnitScale, EveryChannelHasItsOwnNumbers) {
    reference::Random random(5);
    Tensor maps = reference::random_tensor({1, 3, 4, 5}, reference::Numbers::reals, random);
    for (float& v : maps.plane(0, 1)) v *= 10;
    const UnitScaled s = unit_scaled(maps);
    ASSERT_EQ(s.channels.size(), 3U);
    for (int c = 0; c < 3; ++c) {
        const UnitScaleNumbers& n = s.channels[static_cast<std::size_t>(c)];
        EXPECT_EQ(n.intended, (Range{0, 1}));
        EXPECT_EQ(n.shift, n.values.lo / (n.values.hi - n.values.lo));
        for (int i = 0; i < 20; ++i) {
            const auto at = static_cast<std::size_t>(i);
            EXPECT_EQ(s.unbracketed.plane(0, c)[at], maps.plane(0, c)[at] - n.shift);
        }
    }
}

TEST(UnitScale, AFlatMapIsNotDividedByZero) {
    const UnitScaled s = unit_scaled(row({4, 4, 4}));
    EXPECT_TRUE(s.channels[0].flat);
    EXPECT_TRUE(std::ranges::equal(s.intended.values(), std::initializer_list<float>{0, 0, 0}));
    EXPECT_TRUE(std::ranges::equal(s.unbracketed.values(), std::initializer_list<float>{4, 4, 4}));
}

}  // namespace
}  // namespace convlens
