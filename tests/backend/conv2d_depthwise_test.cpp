/// Convolutions whose output channels read one input channel each, against the reference in double precision and the
/// sums over blocks of channels.
#include "engine/cpu/conv2d_depthwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/conv2d_sums.h"
#include "engine/cpu/simd.h"
#include "engine/reference/reference.h"
#include "tests/backend/algorithm_run.h"

namespace convlens::test {
namespace {

AlgorithmResult computed(const Conv2d& layer, const Tensor& input, const Simd& simd, std::vector<int> channels) {
    Conv2dDepthwise way(layer, input.shape(), simd, std::make_shared<Conv2dDepthwiseMemory>(), std::move(channels));
    return run(way, layer, input);
}

Conv2d depthwise(int channels, int multiplier, Size2 kernel, std::mt19937& random) {
    Conv2d layer;
    layer.params.groups = channels;
    layer.weight =
        std::make_shared<const Tensor>(normal_tensor({channels * multiplier, 1, kernel.h, kernel.w}, random));
    return layer;
}

TEST(Conv2dDepthwise, IsTheReferenceForRandomShapes) {
    std::mt19937 random(1);
    const auto whole = [&](int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random); };
    int done = 0, in_bands = 0;
    for (int round = 0; round < 120; ++round) {
        const bool large = round % 10 == 0;
        const Tensor input = normal_tensor(
            {whole(1, 2), whole(2, 9), whole(5, large ? 120 : 30), large ? whole(300, 700) : whole(5, 70)}, random);
        Conv2d layer = depthwise(input.shape().c, whole(1, 2), {whole(1, 5), whole(1, 5)}, random);
        layer.params.padding_mode = static_cast<PaddingMode>(whole(0, 3));
        layer.params.padding = {whole(0, 4), whole(0, 4)};
        layer.params.stride = {whole(1, 3), whole(1, 5)};
        layer.params.dilation = {whole(1, 3), whole(1, 3)};
        layer.params.same = whole(0, 3) == 0 && layer.params.stride == Size2{1, 1};
        layer.params.flip = whole(0, 2) == 0;
        if (whole(0, 1) == 1) {
            const Tensor bias = normal_tensor({1, 1, 1, layer.weight->shape().n}, random);
            layer.bias = std::make_shared<const std::vector<float>>(bias.values().begin(), bias.values().end());
        }
        if (!output_shape(layer, input.shape())) continue;
        const auto expected = reference::reference_conv2d(layer, input);
        for (const Simd& simd : available_simd()) {
            SCOPED_TRACE(fmt::format("{} round {}: {}", simd.name, round, to_string(input.shape())));
            ASSERT_TRUE(suits_depthwise(layer, input.shape(), simd));
            Conv2dDepthwise way(layer, input.shape(), simd, std::make_shared<Conv2dDepthwiseMemory>(), all_of(layer));
            in_bands += way.bands() > 1 ? 1 : 0;
            const AlgorithmResult r = run(way, layer, input);
            EXPECT_LT(reference::relative_error(r.values.values(), expected), 1e-6);
            auto sums = make_conv2d_sums(layer, input.shape(), simd, make_conv2d_sums_memory(), all_of(layer));
            const AlgorithmResult same = run(*sums, layer, input);
            for (std::size_t i = 0; i < r.values.size(); ++i) {
                ASSERT_EQ(r.values.data()[i], same.values.data()[i]) << "the order of the products is the same";
                ASSERT_EQ(r.rectified.data()[i], std::max(r.values.data()[i], 0.0F));
            }
            const Shape s = r.values.shape();
            for (int n = 0; n < s.n; ++n)
                for (int c = 0; c < s.c; ++c) {
                    const ChannelStats found = r.stats[static_cast<std::size_t>(n * s.c + c)],
                                       plain = simd.plane_stats(r.values.plane(n, c));
                    EXPECT_EQ(found.min, plain.min);
                    EXPECT_EQ(found.max, plain.max);
                    EXPECT_NEAR(found.mean, plain.mean, 1e-5 * expected.largest());
                    EXPECT_NEAR(found.mean_abs, plain.mean_abs, 1e-5 * expected.largest());
                }
            ++done;
        }
    }
    EXPECT_GT(done, 80);
    EXPECT_GT(in_bands, 3);
}

/// Where all values are equal, rounding errors of long sums would all have the same sign.
TEST(Conv2dDepthwise, MeansOfLargePlanesAreExact) {
    Conv2d layer;
    layer.params.groups = 2;
    layer.weight = std::make_shared<const Tensor>(Shape{2, 1, 1, 1}, 1.0F);
    const float value = 1.0F / 3;
    const Tensor input({1, 2, 300, 333}, value);
    for (const Simd& simd : available_simd()) {
        const AlgorithmResult r = computed(layer, input, simd, all_of(layer));
        for (const ChannelStats& s : r.stats) {
            EXPECT_NEAR(s.mean, value, 5e-5 / simd.lanes * value) << simd.name;
            EXPECT_NEAR(s.mean_abs, value, 5e-5 / simd.lanes * value) << simd.name;
        }
    }
}

TEST(Conv2dDepthwise, BitsDependNeitherOnThreadsNorOnTheOtherChannels) {
    std::mt19937 random(3);
    const MoreThreadsThanCores more(4);
    const Tensor input = normal_tensor({2, 20, 90, 411}, random);
    Conv2d layer = depthwise(20, 2, {3, 5}, random);
    layer.params.padding = {1, 2};
    Arena one(1), four(4);
    for (const Simd& simd : available_simd()) {
        SCOPED_TRACE(simd.name);
        const AlgorithmResult a = one.execute([&] { return computed(layer, input, simd, all_of(layer)); }),
                              b = four.execute([&] { return computed(layer, input, simd, all_of(layer)); }),
                              c = four.execute([&] {
                                  return computed(layer, input, simd, {1, 4, 39});
                              });
        EXPECT_TRUE(std::ranges::equal(a.values.values(), b.values.values()));
        for (int n = 0; n < 2; ++n)
            for (int channel = 0; channel < 40; ++channel) {
                const auto i = static_cast<std::size_t>(n * 40 + channel);
                EXPECT_EQ(a.stats[i].mean, b.stats[i].mean);
                if (channel != 1 && channel != 4 && channel != 39) {
                    EXPECT_EQ(c.values.at(n, channel, 3, 3), untouched) << "only the channels asked for are written";
                    continue;
                }
                EXPECT_TRUE(std::ranges::equal(a.values.plane(n, channel), c.values.plane(n, channel)));
                EXPECT_EQ(a.stats[i].mean, c.stats[i].mean);
            }
    }
}

TEST(Conv2dDepthwise, IsChosenForSeparateChannelsOnly) {
    std::mt19937 random(4);
    const Simd& simd = available_simd().front();
    EXPECT_TRUE(suits_depthwise(depthwise(8, 1, {3, 3}, random), {1, 8, 14, 14}, simd));
    EXPECT_TRUE(suits_depthwise(depthwise(8, 2, {7, 7}, random), {1, 8, 14, 14}, simd));
    EXPECT_FALSE(suits_depthwise(depthwise(8, 4, {3, 3}, random), {1, 8, 14, 14}, simd)) << "blocks share inputs";
    EXPECT_FALSE(suits_depthwise(depthwise(1, 2, {3, 3}, random), {1, 1, 14, 14}, simd)) << "one group";
    Conv2d far = depthwise(2, 1, {3, 3}, random);
    far.params.dilation = {4000, 1};
    far.params.padding = {4000, 1};
    EXPECT_FALSE(suits_depthwise(far, {1, 2, 14, 100}, simd)) << "an output row spans 8001 rows";
    Conv2d two = depthwise(2, 1, {3, 3}, random);
    two.weight = std::make_shared<const Tensor>(normal_tensor({2, 2, 3, 3}, random));
    EXPECT_FALSE(suits_depthwise(two, {1, 4, 14, 14}, simd)) << "two input channels for each output channel";
}

TEST(Conv2dDepthwise, PlansUseItAndCanBeCanceled) {
    std::mt19937 random(5);
    const Simd& simd = available_simd().front();
    const Tensor input = normal_tensor({1, 8, 30, 30}, random);
    const Conv2d layer = depthwise(8, 1, {3, 3}, random);
    Conv2dPlan plan(layer, input.shape(), simd, make_conv2d_memory());
    EXPECT_TRUE(plan.fits(layer, input.shape()));
    Tensor output(output_shape(layer, input.shape()).value(), untouched);
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    EXPECT_FALSE(plan.run(input, Cancel(quit, newer, {}, progress), output, {}));
    EXPECT_EQ(output.data()[0], untouched);
    EXPECT_TRUE(plan.run(input, Cancel(), output, {}));
    EXPECT_LT(reference::relative_error(output.values(), reference::reference_conv2d(layer, input)), 1e-6);
}

}  // namespace
}  // namespace convlens::test
