/// engine/cpu/tensor_pool.h
#include "engine/cpu/tensor_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
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

TEST(TensorPool, GivesATensorOutAgainWithItsValuesUnlessItWasTaken) {
    TensorPool pool;
    auto tensor = pool.take({1, 1, 10, 10});
    const Tensor* const first = tensor.get();
    tensor->data()[7] = 3.0F;
    EXPECT_EQ(pool.take_again(first), nullptr) << "it is not free";
    tensor.reset();
    tensor = pool.take_again(first);
    ASSERT_EQ(tensor.get(), first);
    EXPECT_EQ(tensor->data()[7], 3.0F);
    EXPECT_EQ(pool.take_again(first), nullptr);
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

TEST(TensorPool, LetsAChainFindAllItsMemoryAgainAndKeepsNoMoreThanThat) {
    TensorPool pool;
    std::size_t bytes = 0;
    const auto chain = [&] {
        std::vector<std::shared_ptr<Tensor>> tensors;
        for (const int side : {40, 30, 30, 20, 10, 10, 5, 1}) tensors.push_back(pool.take({1, 3, side, side}));
        return tensors;
    };
    std::set<const float*> memory;
    for (const auto& tensor : chain()) {
        memory.insert(tensor->data());
        bytes += tensor->capacity() * sizeof(float);
    }
    EXPECT_LT(pool.free_bytes(), bytes) << "nobody has asked to keep so much";
    pool.keep(bytes);
    for (int round = 0; round < 3; ++round) {
        std::set<const float*> now;
        for (const auto& tensor : chain()) now.insert(tensor->data());
        if (round == 0) memory = now;
        EXPECT_EQ(now, memory) << "round " << round;
        EXPECT_EQ(pool.free_bytes(), bytes);
    }
    for (int i = 0; i < 20; ++i) pool.take({1, 1, 7 * i + 1, 9}).reset();
    EXPECT_LE(pool.free_bytes(), bytes);
    pool.keep(0);
    EXPECT_LT(pool.free_bytes(), bytes);
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
