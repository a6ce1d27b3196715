/// The CPU's convolution by itself: what it writes, and what it leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/reference/reference.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

TEST(Conv2dPlan, WritesNoChannelButItsOwn) {
    Random random(44);
    ConvCase c{{2, 2, 9, 70}, 12, {3, 3}, {}, true};
    c.params.groups = 2;
    const Conv2d layer = random_layer(c, Numbers::small_integers, random);
    const Tensor input = random_tensor(c.input, Numbers::small_integers, random);
    const Reference reference = reference_conv2d(layer, input);
    const std::vector<int> channels{1, 5, 6, 11};
    for (const Simd& simd : available_simd()) {
        Tensor output(reference.shape, 99.0F);
        ASSERT_TRUE(Conv2dPlan(layer, c.input, simd, make_conv2d_memory(), channels)
                        .run(input, Cancel{}, output, {}));
        for (int n = 0; n < 2; ++n)
            for (int o = 0; o < 12; ++o) {
                const bool own = std::binary_search(channels.begin(), channels.end(), o);
                const auto plane = output.plane(n, o);
                const std::size_t offset = static_cast<std::size_t>(plane.data() - output.data());
                for (std::size_t i = 0; i < plane.size(); ++i)
                    ASSERT_EQ(plane[i], own ? static_cast<float>(reference.values[offset + i]) : 99.0F)
                        << simd.name;
            }
    }
}

TEST(Conv2dPlan, RunsAgainOnOtherInputsAndSharesItsMemory) {
    Random random(45);
    const ConvCase small{{1, 2, 9, 12}, 20, {3, 3}, {}, true};
    ConvCase wide{{1, 2, 9, 700}, 5, {5, 5}, {}, true}, deep{{1, 24, 13, 13}, 40, {3, 3}, {}, true};
    wide.params.padding_mode = PaddingMode::circular;
    wide.params.padding = {2, 2};
    deep.params.padding = {1, 1};
    for (const Simd& simd : available_simd()) {
        const auto memory = make_conv2d_memory();
        for (int round = 0; round < 2; ++round)
            for (const ConvCase& c : {small, wide, deep}) {
                const Conv2d layer = random_layer(c, Numbers::small_integers, random);
                Conv2dPlan plan(layer, c.input, simd, memory);
                EXPECT_TRUE(plan.fits(layer, c.input));
                EXPECT_FALSE(plan.fits(layer, {1, c.input.c, 10, c.input.w}));
                for (int i = 0; i < 2; ++i) {
                    const Tensor input = random_tensor(c.input, Numbers::small_integers, random);
                    const Reference reference = reference_conv2d(layer, input);
                    Tensor output(reference.shape);
                    ASSERT_TRUE(plan.run(input, Cancel{}, output, {}));
                    EXPECT_EQ(relative_error(output.values(), reference), 0.0)
                        << simd.name << ": " << describe(c);
                }
            }
    }
}

/// A convolution followed by a ReLU: both results, to the bit, and the statistics of both.
TEST(Conv2dPlan, WritesWhatAReLUMakesOfItInTheSamePass) {
    Random random(46);
    std::vector<ConvCase> cases{{{1, 3, 64, 128}, 9, {3, 3}, {}, true}, {{2, 3, 9, 700}, 5, {5, 5}, {}, true}, {{1, 1, 1100, 512}, 8, {1, 1}, {}, true},
                                {{1, 96, 13, 13}, 40, {3, 3}, {}, true}, {{3, 400, 6, 5}, 35, {3, 3}, {}, false}};
    for (int i = 0; i < 40; ++i) cases.push_back(random_case(random));
    for (const ConvCase& c : cases) {
        const Conv2d layer = random_layer(c, Numbers::reals, random);
        const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random));
        for (const auto& backend : every_backend(2)) {
            SCOPED_TRACE(backend->name() + ": " + describe(c));
            const Network network{{Layer{"conv", layer}, Layer{"relu", ReLU{}}}};
            const auto alone = backend->forward(Network{{Layer{"conv", layer}}}, input, 0, Cancel{}).value();
            backend->forget();
            const auto after = backend->forward(network, input, 1, Cancel{}).value();
            const auto before = backend->forward(network, input, 0, Cancel{}).value();
            const Tensor one = all_values(*alone).value(), conv = all_values(*before).value(), relu = all_values(*after).value();
            ASSERT_TRUE(std::ranges::equal(one.values(), conv.values()));
            for (std::size_t i = 0; i < conv.size(); ++i) ASSERT_EQ(relu.data()[i], conv.data()[i] < 0 ? 0.0F : conv.data()[i]) << i;
            for (int n = 0; n < relu.shape().n; ++n)
                for (int o = 0; o < relu.shape().c; ++o) {
                    const auto channel = static_cast<std::size_t>(o);
                    const ChannelStats s = after->stats(n)[channel], direct = available_simd().front().plane_stats(relu.plane(n, o));
                    ASSERT_EQ(s.min, direct.min);
                    ASSERT_EQ(s.max, direct.max);
                    const float tolerance = 1e-6F * alone->stats(n)[channel].mean_abs;
                    ASSERT_NEAR(s.mean, direct.mean, tolerance);
                    ASSERT_NEAR(s.mean_abs, direct.mean_abs, tolerance);
                }
        }
    }
}

TEST(Conv2dForward, TouchesNothingBehindItsOutput) {
    constexpr std::size_t sentinels = 4096;
    const float sentinel = std::numeric_limits<float>::quiet_NaN();
    std::uint32_t sentinel_bits = 0;
    std::memcpy(&sentinel_bits, &sentinel, sizeof sentinel);
    Random random(40);
    for (int i = 0; i < 60; ++i) {
        const ConvCase c = random_case(random);
        const Tensor input = random_tensor(c.input, Numbers::small_integers, random);
        const Conv2d layer = random_layer(c, Numbers::small_integers, random);
        const Reference reference = reference_conv2d(layer, input);
        for (const Simd& simd : available_simd()) {
            SCOPED_TRACE(std::string(simd.name) + ": " + describe(c));
            Tensor output({1, 1, 1, static_cast<int>(reference.shape.count() + sentinels)}, sentinel);
            const float* memory = output.data();
            output.reshape(reference.shape);
            ASSERT_EQ(output.data(), memory);
            ASSERT_TRUE(conv2d_forward(layer, input, simd, Cancel{}, output));
            EXPECT_EQ(relative_error(output.values(), reference), 0.0);
            for (std::size_t j = reference.shape.count(); j < output.capacity(); ++j) {
                std::uint32_t bits = 0;
                std::memcpy(&bits, memory + j, sizeof bits);
                ASSERT_EQ(bits, sentinel_bits)
                    << "value " << j - reference.shape.count() << " behind the output";
            }
        }
    }
}

}  // namespace
}  // namespace convlens::test
