/// Maps that are reduced in several ways.
#include "engine/filter/aliasing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/filter/line_filter.h"

namespace convlens::test {
namespace {

/// A wave of `cycles` along both axes.
Tensor wave(int side, int cycles) {
    Tensor made({1, 1, side, side});
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            made.at(0, 0, y, x) = static_cast<float>(std::cos(2 * std::numbers::pi * cycles * (x + y) / side + 0.3));
    return made;
}

TEST(Aliasing, WavesBelowTheNewNyquistFrequencyStay) {
    const Tensor slow = wave(48, 5);  // 5 / 48 < 1 / 8
    const Tensor kept = band_limited(slow, 4);
    for (std::size_t i = 0; i < slow.size(); ++i) EXPECT_NEAR(kept.data()[i], slow.data()[i], 1e-5F);
    const Tensor nothing = band_limited(wave(48, 7), 4);
    for (const float v : nothing.values()) EXPECT_NEAR(v, 0, 1e-5F);
}

TEST(Aliasing, AStrideKeepsSlowWavesExactlyAndFoldsFastOnes) {
    const auto slow = aliasing(wave(48, 5), {4, 5}, Cancel());
    ASSERT_TRUE(slow && *slow);
    EXPECT_LT((*slow)->methods[0].error, 1e-5);
    for (const double c : (*slow)->methods[0].consistency) EXPECT_NEAR(c, 1, 1e-6);
    const auto fast = aliasing(wave(48, 9), {4, 5}, Cancel());
    ASSERT_TRUE(fast && *fast);
    // 9 cycles of 12 samples look like 3 in the other direction: a shift by 2 pixels moves them the wrong way.
    EXPECT_LT((*fast)->methods[0].consistency[4], 0);
    const double straight = (*fast)->methods[0].map.at(0, 0, 0, 0);
    EXPECT_NEAR(straight, std::cos(0.3), 1e-5);
}

TEST(Aliasing, BlurPoolSuppressesWhatFolds) {
    const Tensor fast = wave(64, 27);
    const Tensor by_stride = reduced(fast, Reduction::stride, 2, 7), by_blur = reduced(fast, Reduction::blur, 2, 7);
    double stride = 0, blur = 0;
    for (const float v : by_stride.values()) stride = std::max(stride, std::abs(static_cast<double>(v)));
    for (const float v : by_blur.values()) blur = std::max(blur, std::abs(static_cast<double>(v)));
    EXPECT_GT(stride, 0.9);
    EXPECT_LT(blur, 1e-4);
}

TEST(Aliasing, RefusesSmallInputs) {
    const auto found = aliasing(wave(31, 2), {4, 5}, Cancel());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->error().message, "the input is 31x31, expected at least 32 pixels per side for a stride of 4");
}

}  // namespace
}  // namespace convlens::test
