/// engine/cpu/tensor_pool.h
#include "engine/cpu/tensor_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace convlens {
namespace {

TEST(TensorPool, GivesTheMemoryOfADroppedTensorOutAgain) {
    TensorPool pool;
    auto tensor = pool.take({1, 8, 50, 50});
    const float* memory = tensor->data();
    tensor.reset();
    EXPECT_EQ(pool.take({1, 8, 50, 50})->data(), memory);
    const auto smaller = pool.take({1, 7, 40, 50});
    EXPECT_EQ(smaller->data(), memory);
    EXPECT_EQ(smaller->shape(), (Shape{1, 7, 40, 50}));
}

TEST(TensorPool, NeverGivesTheSameMemoryToTwoAtATime) {
    TensorPool pool;
    const auto a = pool.take({1, 1, 10, 10}), b = pool.take({1, 1, 10, 10}), c = pool.take({1, 1, 10, 10});
    EXPECT_NE(a->data(), b->data());
    EXPECT_NE(b->data(), c->data());
    EXPECT_NE(a->data(), c->data());
}

TEST(TensorPool, GivesEnoughRoomWhateverWasDroppedBefore) {
    TensorPool pool;
    for (const int side : {10, 100, 3, 200, 150, 1, 199}) {
        const auto tensor = pool.take({1, 2, side, side});
        EXPECT_EQ(tensor->shape(), (Shape{1, 2, side, side}));
        ASSERT_GE(tensor->capacity(), tensor->size());
        std::fill(tensor->values().begin(), tensor->values().end(), 1.0F);
    }
}

TEST(TensorPool, DoesNotHoldALargeBufferForASmallTensor) {
    TensorPool pool;
    pool.take({1, 1, 1000, 1000}).reset();
    EXPECT_LT(pool.take({1, 1, 10, 10})->capacity(), 1000U);
}

TEST(TensorPool, KeepsADroppedTensorOnlyAsLongAsOthersShareIt) {
    TensorPool pool;
    auto tensor = pool.take({1, 1, 10, 10});
    const float* memory = tensor->data();
    const std::shared_ptr<const Tensor> shared = tensor;
    tensor.reset();
    EXPECT_NE(pool.take({1, 1, 10, 10})->data(), memory);
}

TEST(TensorPool, MayBeGoneBeforeItsTensors) {
    std::shared_ptr<Tensor> tensor;
    {
        TensorPool pool;
        tensor = pool.take({1, 1, 30, 30});
    }
    std::fill(tensor->values().begin(), tensor->values().end(), 7.0F);
    EXPECT_EQ(tensor->at(0, 0, 29, 29), 7.0F);
    tensor.reset();
}

TEST(TensorPool, LetsAnyThreadDropATensor) {
    TensorPool pool;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&pool, i] {
            for (int round = 0; round < 200; ++round) {
                const auto tensor = pool.take({1, 1, 5 + i, 5 + round % 7});
                std::fill(tensor->values().begin(), tensor->values().end(), static_cast<float>(i));
                EXPECT_EQ(std::count(tensor->values().begin(), tensor->values().end(), static_cast<float>(i)),
                          static_cast<std::ptrdiff_t>(tensor->size()));
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace convlens
