/// Layers that are computed together with the convolution before them have the bits that they have alone.
#include <gtest/gtest.h>

#include <cstring>
#include <iterator>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

std::shared_ptr<const std::vector<float>> random_values(int count, Random& random) {
    std::vector<float> values;
    for (int i = 0; i < count; ++i) values.push_back(0.6F + 0.5F * random.real());
    return std::make_shared<const std::vector<float>>(std::move(values));
}

BatchNorm2d random_norm(int channels, Random& random) {
    BatchNorm2d norm;
    norm.spec.num_features = channels;
    norm.running_mean = random_values(channels, random);
    norm.running_var = random_values(channels, random);
    if (random.coin()) {
        norm.weight = random_values(channels, random);
        norm.bias = random_values(channels, random);
    } else {
        norm.spec.affine = false;
    }
    return norm;
}

/// Convolutions for each way to compute them, with rows that are divided into strips or not.
struct TailCase {
    const char* what;
    Shape input, weight;
    int groups;
    Size2 stride;
};

const TailCase cases[] = {
    {"sums, lanes of columns, in place", {2, 3, 40, 700}, {7, 3, 3, 3}, 1, {1, 1}},
    {"sums, lanes of columns, strips", {1, 24, 9, 3000}, {9, 24, 3, 5}, 1, {1, 2}},
    {"sums, stores that bypass the caches", {1, 1, 520, 1040}, {8, 1, 1, 1}, 1, {1, 1}},
    {"sums, lanes of channels", {2, 32, 14, 13}, {50, 32, 1, 1}, 1, {1, 1}},
    {"sums, lanes of channels, groups", {1, 64, 15, 9}, {64, 32, 3, 3}, 2, {2, 2}},
    {"depthwise", {2, 20, 30, 31}, {20, 1, 3, 3}, 20, {2, 1}},
    {"depthwise in bands", {1, 3, 300, 500}, {6, 1, 5, 5}, 3, {1, 1}},
    {"Winograd", {2, 64, 40, 44}, {48, 64, 3, 3}, 1, {1, 1}},
    {"Fourier", {1, 2, 150, 140}, {3, 2, 31, 31}, 1, {1, 1}},
};

TEST(PointTail, HasTheBitsOfTheLayersAlone) {
    Random random(7);
    Arena threads(2);
    for (const Simd& simd : available_simd())
        for (const TailCase& c : cases) {
            SCOPED_TRACE(fmt::format("{}: {}", simd.name, c.what));
            Conv2d conv;
            conv.params.groups = c.groups;
            conv.params.stride = c.stride;
            conv.params.padding = {c.weight.h / 2, c.weight.w / 2};
            conv.weight = std::make_shared<const Tensor>(random_tensor(c.weight, Numbers::reals, random));
            const Tensor input = random_tensor(c.input, Numbers::reals, random);
            const Shape shape = output_shape(conv, c.input).value();
            const Operation layers[] = {random_norm(shape.c, random), ReLU6{}, Hardtanh{-0.25F, 0.5F}, ReLU{}};
            Tensor output(shape, 77.0F), again(shape, 77.0F);
            std::vector<Tensor> results;
            PointTail tail;
            for (const Operation& layer : layers) {
                results.emplace_back(shape, 77.0F);
                tail.steps.push_back(PointStep::of(layer).value());
            }
            for (Tensor& r : results) tail.outputs.push_back(&r);
            threads.execute([&] {
                const auto memory = make_conv2d_memory();
                std::vector<ChannelStats> stats(static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(shape.c)),
                    same = stats;
                EXPECT_TRUE(Conv2dPlan(conv, c.input, simd, memory).run(input, Cancel(), output, stats, nullptr, tail));
                EXPECT_TRUE(Conv2dPlan(conv, c.input, simd, memory).run(input, Cancel(), again, same));
                EXPECT_EQ(std::memcmp(output.data(), again.data(), output.size() * sizeof(float)), 0);
                EXPECT_EQ(std::memcmp(stats.data(), same.data(), stats.size() * sizeof(ChannelStats)), 0);
                for (std::size_t i = 0; i < std::size(layers); ++i) {
                    const Tensor& from = i == 0 ? output : results[i - 1];
                    EXPECT_TRUE(layer_forward(layers[i], simd, from, Cancel(), again));
                    EXPECT_EQ(std::memcmp(results[i].data(), again.data(), again.size() * sizeof(float)), 0) << i;
                }
            });
        }
}

TEST(PointTail, OfTheBackendGivesEachLayerItsOutput) {
    Random random(8);
    Network network;
    Conv2d conv;
    conv.params.padding = {1, 1};
    conv.weight = std::make_shared<const Tensor>(random_tensor({12, 3, 3, 3}, Numbers::reals, random));
    Conv2d second = conv;
    second.weight = std::make_shared<const Tensor>(random_tensor({5, 12, 3, 3}, Numbers::reals, random));
    const Operation operations[] = {conv, random_norm(12, random), ReLU6{}, second, ReLU{}, random_norm(5, random)};
    for (const Operation& operation : operations)
        network.layers.push_back({fmt::format("layer{}", network.layers.size()), operation, {}});
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 3, 33, 47}, Numbers::reals, random));
    const auto at_once = make_cpu_backend({2, ""}).value(), one_by_one = make_cpu_backend({2, ""}).value();
    const int last = static_cast<int>(network.layers.size()) - 1;
    ASSERT_TRUE(at_once->forward(network, input, last, Cancel()));
    for (int i = 0; i <= last; ++i) {
        const auto a = at_once->forward(network, input, i, Cancel()).value(),
                   b = one_by_one->forward(network, input, i, Cancel()).value();
        const Tensor x = all_values(*a).value(), y = all_values(*b).value();
        EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(float)), 0) << i;
        for (int n = 0; n < 2; ++n)
            EXPECT_EQ(std::memcmp(a->stats(n).data(), b->stats(n).data(), a->stats(n).size_bytes()), 0) << i;
    }
}

}  // namespace
}  // namespace convlens::test
