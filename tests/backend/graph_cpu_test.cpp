/// What the CPU backend promises of networks with branches beside right results: threads, and maps that do not fit.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/nn/graph.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

/// `blocks` blocks of a convolution, an activation and the sum with the input of the block, then all of them together.
Network residual(int channels, int blocks, Random& random) {
    Network network;
    ConvCase c{{1, channels, 1, 1}, channels, {3, 3}, {}, true};
    c.params.padding = {1, 1};
    Layer all{"all", Concat{}};
    for (int i = 0; i < blocks; ++i) {
        const int first = 3 * i;
        network.layers.push_back({fmt::format("conv{}", i), random_layer(c, Numbers::reals, random)});
        network.layers.push_back({fmt::format("tanh{}", i), Tanh{}});
        network.layers.push_back({fmt::format("add{}", i), Add{}, {first + 1, first - 1}});
        if (i % 4 == 0) all.inputs.push_back(first + 2);
    }
    network.layers.push_back(std::move(all));
    return network;
}

Tensor last_of(Backend& backend, const Network& network, const std::shared_ptr<const Tensor>& input, int layer) {
    return all_values(*backend.forward(network, input, layer, Cancel()).value()).value();
}

TEST(GraphOnCpu, GivesTheSameBitsWithAnyNumberOfThreads) {
    const MoreThreadsThanCores eight(8);
    Random random(80);
    const Network network = residual(8, 5, random);
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 8, 70, 61}, Numbers::reals, random));
    const int last = static_cast<int>(network.layers.size()) - 1;
    const Tensor one = last_of(*make_cpu_backend({1, ""}).value(), network, input, last);
    for (const int threads : {2, 3, 8}) {
        const Tensor many = last_of(*make_cpu_backend({threads, ""}).value(), network, input, last);
        ASSERT_EQ(many.shape(), one.shape());
        EXPECT_EQ(std::memcmp(many.data(), one.data(), one.size() * sizeof(float)), 0) << threads;
    }
}

TEST(GraphOnCpu, DropsMapsThatNobodyReadsWhereMemoryIsShortAndComputesThemAgain) {
    Random random(81);
    const Network network = residual(8, 12, random);  // 36 maps of 0.5 MB, and one of 1.6 MB
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 8, 128, 128}, Numbers::reals, random));
    const int last = static_cast<int>(network.layers.size()) - 1;
    auto roomy = make_cpu_backend({2, ""}).value();
    const Tensor expected = last_of(*roomy, network, input, last), middle = last_of(*roomy, network, input, 17);
    EXPECT_EQ(roomy->name().find("only"), std::string::npos);
    roomy.reset();
    struct Restore {
        std::size_t bytes = memory_limit();
        ~Restore() { set_memory_limit(bytes); }
    } const restore;
    set_memory_limit(std::size_t{20} << 20U);  // half of it for the maps
    const auto tight = make_cpu_backend({2, ""}).value();
    const auto made = tight->forward(network, input, last, Cancel());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_NE(tight->name().find("only the feature maps that fit"), std::string::npos) << tight->name();
    EXPECT_EQ(std::memcmp(all_values(**made).value().data(), expected.data(), expected.size() * sizeof(float)), 0);
    const Tensor again = last_of(*tight, network, input, 17);
    EXPECT_EQ(std::memcmp(again.data(), middle.data(), middle.size() * sizeof(float)), 0);
}

TEST(GraphOnCpu, RefusesMapsThatDoNotFitTogether) {
    Random random(82);
    const Network network = residual(8, 12, random);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 8, 128, 128}, Numbers::reals, random));
    const auto backend = make_cpu_backend({2, ""}).value();
    const std::size_t before = memory_limit();
    set_memory_limit(std::size_t{2} << 20U);
    const auto made = backend->forward(network, input, 36, Cancel());
    set_memory_limit(before);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("more than half of the memory limit (2 MB)"), std::string::npos)
        << made.error().message;
    EXPECT_TRUE(backend->forward(network, input, 36, Cancel()));
}

}  // namespace
}  // namespace convlens::test
