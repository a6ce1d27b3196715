/// engine/view/histogram.h
#include "engine/view/histogram.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

TEST(Histogram, CountsEachValueOnce) {
    const std::vector<float> values{-1, -0.6F, -0.1F, 0, 0.4F, 0.9F, 1};
    EXPECT_EQ(histogram(values, {-1, 1}, 4), (std::vector<float>{2, 1, 2, 2}));
}

TEST(Histogram, CountsWhatLiesOutsideAtTheNearestEnd) {
    const std::vector<float> values{-5, 0.25F, 7};
    EXPECT_EQ(histogram(values, {0, 1}, 2), (std::vector<float>{2, 1}));
}

TEST(Histogram, OfARangeWithoutWidthLiesInTheFirstPart) {
    const std::vector<float> values{3, 3};
    EXPECT_EQ(histogram(values, {3, 3}, 3), (std::vector<float>{2, 0, 0}));
}

}  // namespace
}  // namespace convlens
