/// The CPU's convolution by itself: what it writes, and what it leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <vector>

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
        ASSERT_TRUE(Conv2dPlan(layer, c.input, simd, make_conv2d_memory(), channels).run(input, Cancel{}, output, {}));
        for (int n = 0; n < 2; ++n)
            for (int o = 0; o < 12; ++o) {
                const bool own = std::binary_search(channels.begin(), channels.end(), o);
                const auto plane = output.plane(n, o);
                const std::size_t offset = static_cast<std::size_t>(plane.data() - output.data());
                for (std::size_t i = 0; i < plane.size(); ++i)
                    ASSERT_EQ(plane[i], own ? static_cast<float>(reference.values[offset + i]) : 99.0F) << simd.name;
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
                    EXPECT_EQ(relative_error(output.values(), reference), 0.0) << simd.name << ": " << describe(c);
                }
            }
    }
}

/// Bit patterns, in which NaN is NaN and -0 is not 0.
std::vector<std::uint32_t> bits_of(std::span<const float> values) {
    std::vector<std::uint32_t> bits(values.size());
    std::memcpy(bits.data(), values.data(), values.size_bytes());
    return bits;
}

/// The values, the statistics, both to the bit, whether the ReLU is computed with its convolution or after it.
void expect_same_relu(const Conv2d& layer, const std::shared_ptr<const Tensor>& input) {
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const Network network{{Layer{"conv", layer}, Layer{"relu", ReLU{}}}};
        const auto conv = backend->forward(network, input, 0, Cancel{}).value(),
                   relu = backend->forward(network, input, 1, Cancel{}).value();
        backend->forget();
        const auto together = backend->forward(network, input, 1, Cancel{}).value(),
                   before = backend->forward(network, input, 0, Cancel{}).value();
        const auto all = [](const auto& activations) { return bits_of(all_values(*activations).value().values()); };
        ASSERT_EQ(all(conv), all(before));
        ASSERT_EQ(all(relu), all(together));
        for (int n = 0; n < relu->shape().n; ++n)
            for (std::size_t o = 0; o < static_cast<std::size_t>(relu->shape().c); ++o) {
                const ChannelStats a = relu->stats(n)[o], b = together->stats(n)[o];
                ASSERT_EQ(bits_of(std::array{a.min, a.max, a.mean, a.mean_abs}),
                          bits_of(std::array{b.min, b.max, b.mean, b.mean_abs}))
                    << "channel " << o;
            }
    }
}

TEST(Conv2dPlan, WritesWhatAReLUMakesOfItInTheSamePass) {
    Random random(46);
    std::vector<ConvCase> cases{{{1, 3, 64, 128}, 9, {3, 3}, {}, true},
                                {{2, 3, 9, 700}, 5, {5, 5}, {}, true},
                                {{1, 1, 1100, 512}, 8, {1, 1}, {}, true},
                                {{1, 96, 13, 13}, 40, {3, 3}, {}, true},
                                {{3, 400, 6, 5}, 35, {3, 3}, {}, false}};
    for (int i = 0; i < 40; ++i) cases.push_back(random_case(random));
    for (const ConvCase& c : cases) {
        SCOPED_TRACE(describe(c));
        expect_same_relu(random_layer(c, Numbers::reals, random),
                         std::make_shared<const Tensor>(random_tensor(c.input, Numbers::reals, random)));
    }
}

TEST(Conv2dPlan, RectifiesNaNInfinityAndNegativeZeroAsAReLUDoes) {
    const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const int channels : {5, 40})
        for (const int width : {7, 13, 100}) {
            Tensor input({1, 1, 3, width});
            for (std::size_t i = 0; i < input.size(); ++i)
                input.data()[i] = std::array{-0.0F, nan, infinity, -infinity, -1.0F, 2.0F, 0.0F}[i % 7];
            Conv2d layer;  // the identity: bias -0 keeps -0
            layer.weight = std::make_shared<const Tensor>(Shape{channels, 1, 1, 1}, 1.0F);
            layer.bias = std::make_shared<const std::vector<float>>(static_cast<std::size_t>(channels), -0.0F);
            const auto shared = std::make_shared<const Tensor>(input.clone());
            for (const auto& backend : every_backend(1)) {
                const auto relu =
                    backend->forward(Network{{Layer{"conv", layer}, Layer{"relu", ReLU{}}}}, shared, 1, Cancel{})
                        .value();
                const Tensor found = all_values(*relu).value();
                for (std::size_t i = 0; i < found.size(); ++i) {
                    const float x = input.data()[i % input.size()], y = found.data()[i];
                    if (std::isnan(x))
                        ASSERT_TRUE(std::isnan(y)) << backend->name() << " " << i;
                    else
                        ASSERT_EQ(std::bit_cast<std::uint32_t>(y), std::bit_cast<std::uint32_t>(x < 0 ? 0.0F : x))
                            << backend->name() << " " << i;
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
                ASSERT_EQ(bits, sentinel_bits) << "value " << j - reference.shape.count() << " behind the output";
            }
        }
    }
}

}  // namespace
}  // namespace convlens::test
