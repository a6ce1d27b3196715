/// engine/core/tensor.h
#include "engine/core/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

namespace convlens {
namespace {

Tensor counting(Shape shape) {
    Tensor tensor(shape);
    std::iota(tensor.values().begin(), tensor.values().end(), 0.0F);
    return tensor;
}

TEST(Tensor, LaysItsValuesOutRowByRowChannelByChannel) {
    const Tensor tensor = counting({2, 3, 4, 5});
    EXPECT_EQ(tensor.at(0, 0, 0, 4), 4.0F);
    EXPECT_EQ(tensor.at(0, 0, 1, 0), 5.0F);
    EXPECT_EQ(tensor.at(0, 1, 0, 0), 20.0F);
    EXPECT_EQ(tensor.at(1, 0, 0, 0), 60.0F);
    EXPECT_EQ(tensor.at(1, 2, 3, 4), 119.0F);
    EXPECT_EQ(tensor.plane(1, 2).size(), 20U);
    EXPECT_EQ(tensor.plane(1, 2).front(), 100.0F);
}

TEST(Tensor, IsAlignedTo64Bytes) {
    for (int width = 1; width < 20; ++width) {
        const Tensor tensor({1, 1, 1, width});
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64, 0U);
    }
}

TEST(Tensor, FillsItselfWithAValue) {
    const Tensor tensor({1, 2, 3, 4}, 2.5F);
    EXPECT_EQ(std::count(tensor.values().begin(), tensor.values().end(), 2.5F), 24);
}

TEST(Tensor, ClonesIntoMemoryOfItsOwn) {
    const Tensor tensor = counting({1, 2, 3, 4});
    Tensor copy = tensor.clone();
    ASSERT_EQ(copy.shape(), tensor.shape());
    EXPECT_TRUE(std::equal(copy.values().begin(), copy.values().end(), tensor.values().begin()));
    copy.at(0, 0, 0, 0) = 99;
    EXPECT_EQ(tensor.at(0, 0, 0, 0), 0.0F);
    EXPECT_EQ(Tensor().clone().size(), 0U);
}

TEST(Tensor, ReshapesInTheMemoryAtHandWhenThatIsEnough) {
    Tensor tensor({1, 4, 10, 10});
    const float* memory = tensor.data();
    tensor.reshape({1, 1, 3, 5});
    EXPECT_EQ(tensor.data(), memory);
    EXPECT_EQ(tensor.shape(), (Shape{1, 1, 3, 5}));
    EXPECT_EQ(tensor.size(), 15U);
    EXPECT_EQ(tensor.capacity(), 400U);
    tensor.reshape({1, 4, 10, 10});
    EXPECT_EQ(tensor.data(), memory);
}

TEST(Tensor, ReshapesIntoMoreMemoryWhenItMust) {
    Tensor tensor({1, 1, 2, 2});
    tensor.reshape({1, 3, 20, 20});
    EXPECT_EQ(tensor.capacity(), 1200U);
    std::fill(tensor.values().begin(), tensor.values().end(), 1.0F);  // all of it must be there
    EXPECT_EQ(tensor.at(0, 2, 19, 19), 1.0F);
}

TEST(Tensor, ThrowsForMoreThanMemoryCouldHold) {
    const int most = std::numeric_limits<int>::max();
    EXPECT_THROW(Tensor(Shape{most, most, most, most}), std::bad_alloc);
    Tensor tensor({1, 1, 1, 1}, 5.0F);
    EXPECT_THROW(tensor.reshape({most, most, most, 1}), std::bad_alloc);
    EXPECT_EQ(tensor.shape(), (Shape{1, 1, 1, 1}));
    EXPECT_EQ(tensor.at(0, 0, 0, 0), 5.0F);
}

}  // namespace
}  // namespace convlens
