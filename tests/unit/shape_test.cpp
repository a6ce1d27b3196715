/// engine/core/shape.h
#include "engine/core/shape.h"

#include <gtest/gtest.h>

#include <limits>

namespace convlens {
namespace {

TEST(Shape, CountsItsValuesAndThoseOfAChannel) {
    const Shape shape{2, 3, 5, 7};
    EXPECT_EQ(shape.plane(), 35U);
    EXPECT_EQ(shape.count(), 210U);
    EXPECT_EQ(Shape{}.count(), 0U);
    EXPECT_EQ((Shape{1'000'000, 0, 1'000'000, 1'000'000}.count()), 0U);
}

TEST(Shape, CountsPastFourBillionWithoutWrapping) {
    if constexpr (sizeof(std::size_t) < 8) GTEST_SKIP() << "memory ends at four billion bytes";
    EXPECT_EQ((Shape{1, 1, 100'000, 100'000}.plane()), 10'000'000'000U);
    EXPECT_EQ((Shape{2, 3, 100'000, 100'000}.count()), 60'000'000'000U);
}

TEST(Shape, CountsTheLargestNumberWhereTheProductDoesNotFit) {
    const int most = std::numeric_limits<int>::max();
    EXPECT_EQ((Shape{most, most, most, most}.count()), std::numeric_limits<std::size_t>::max());
    EXPECT_EQ((Shape{most, most, 5, 1}.count()), std::numeric_limits<std::size_t>::max());
    if constexpr (sizeof(std::size_t) < 8) {
        EXPECT_EQ((Shape{1, 1, 1 << 14, 1 << 14}.count()), std::size_t{1} << 28U);
        EXPECT_EQ((Shape{1, 4, 1 << 14, 1 << 14}.count()), std::numeric_limits<std::size_t>::max());  // 4 GiB of floats
        EXPECT_EQ((Shape{1, 1, 1 << 20, 1 << 20}.plane()), std::numeric_limits<std::size_t>::max());
        return;
    }
    EXPECT_EQ((Shape{most, most, 4, 1}.count()), static_cast<std::size_t>(most) * static_cast<std::size_t>(most) * 4);
}

TEST(Shape, IsWrittenAsMessagesWriteIt) {
    EXPECT_EQ(to_string(Shape{1, 3, 300, 451}), "1x3x300x451");
    EXPECT_EQ(to_string(Size2{5, 7}), "5x7");
}

TEST(Shape, IsEqualToOneOfTheSameExtentsOnly) {
    EXPECT_EQ((Shape{1, 2, 3, 4}), (Shape{1, 2, 3, 4}));
    EXPECT_NE((Shape{1, 2, 3, 4}), (Shape{1, 2, 4, 3}));
    EXPECT_NE((Size2{1, 2}), (Size2{2, 1}));
}

}  // namespace
}  // namespace convlens
