/// Convolutions of many channels with kernels of 3x3, by Winograd's algorithm, against the reference in double
/// precision.
#include "engine/cpu/conv2d_winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/reference/reference.h"
#include "tests/backend/algorithm_run.h"

namespace convlens::test {
namespace {

/// A division into blocks of a size, whether the algorithm is the fastest or not.
WinogradTiles tiles_of(const Conv2d& layer, const Shape& input, Size2 block) {
    const Shape out = output_shape(layer, input).value();
    const Size2 count{(out.h + 3) / 4, (out.w + 3) / 4};
    return {count, block, {(count.h + block.h - 1) / block.h, (count.w + block.w - 1) / block.w}};
}

AlgorithmResult computed(const Conv2d& layer, const Tensor& input, const WinogradTiles& tiles, const Simd& simd,
                         std::vector<int> channels) {
    Conv2dWinograd winograd(layer, input.shape(), tiles, simd, std::make_shared<Conv2dWinogradMemory>(),
                            std::move(channels));
    return run(winograd, layer, input);
}

Conv2d random_layer(std::mt19937& random, int inputs) {
    const auto whole = [&](int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random); };
    Conv2d layer;
    layer.params.groups = inputs % 2 == 0 ? whole(1, 2) : 1;
    layer.params.padding_mode = static_cast<PaddingMode>(whole(0, 3));
    layer.params.padding = {whole(0, 4), whole(0, 4)};
    layer.params.same = whole(0, 3) == 0;
    layer.params.flip = whole(0, 2) == 0;
    layer.weight = std::make_shared<const Tensor>(
        normal_tensor({layer.params.groups * whole(1, 40), inputs / layer.params.groups, 3, 3}, random));
    if (whole(0, 1) == 1) {
        const Tensor bias = normal_tensor({1, 1, 1, layer.weight->shape().n}, random);
        layer.bias = std::make_shared<const std::vector<float>>(bias.values().begin(), bias.values().end());
    }
    return layer;
}

TEST(Conv2dWinograd, IsTheReferenceForRandomShapes) {
    std::mt19937 random(1);
    const auto whole = [&](int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random); };
    int done = 0;
    for (int round = 0; round < 60; ++round) {
        const Tensor input = normal_tensor({whole(1, 3), whole(1, 20), whole(5, 40), whole(5, 90)}, random);
        const Conv2d layer = random_layer(random, input.shape().c);
        const Size2 block{whole(1, 4), whole(1, 24)};
        if (!output_shape(layer, input.shape())) continue;
        const auto expected = reference::reference_conv2d(layer, input);
        const double largest = expected.largest();
        for (const Simd& simd : available_simd()) {
            SCOPED_TRACE(fmt::format("{} round {}: {} in blocks of {}", simd.name, round, to_string(input.shape()),
                                     to_string(block)));
            const AlgorithmResult r =
                computed(layer, input, tiles_of(layer, input.shape(), block), simd, all_of(layer));
            EXPECT_LT(reference::relative_error(r.values.values(), expected), 4e-6);
            for (std::size_t i = 0; i < r.values.size(); ++i)
                ASSERT_EQ(r.rectified.data()[i], std::max(r.values.data()[i], 0.0F));
            const Shape s = r.values.shape();
            for (int n = 0; n < s.n; ++n)
                for (int c = 0; c < s.c; ++c) {
                    const ChannelStats found = r.stats[static_cast<std::size_t>(n * s.c + c)],
                                       plain = simd.plane_stats(r.values.plane(n, c));
                    EXPECT_EQ(found.min, plain.min);
                    EXPECT_EQ(found.max, plain.max);
                    EXPECT_NEAR(found.mean, plain.mean, 1e-5 * largest);
                    EXPECT_NEAR(found.mean_abs, plain.mean_abs, 1e-5 * largest);
                }
            ++done;
        }
    }
    EXPECT_GT(done, 40);
}

/// Inputs that lie around zero, beside it, or hardly vary; and kernels whose sums are random or zero.
TEST(Conv2dWinograd, ErrorsOfDeepLayersStayWithinTheBound) {
    std::mt19937 random(2);
    for (const int channels : {32, 256, 1024})
        for (const int kind : {0, 1, 2}) {
            Tensor input = normal_tensor({1, channels, 10, 10}, random),
                   weight = normal_tensor({8, channels, 3, 3}, random);
            for (float& v : input.values()) v = kind == 0 ? v : kind == 1 ? std::max(v, 0.0F) : 1 + 0.1F * v;
            for (int i = 0; kind == 2 && i < 8 * channels; ++i) {
                const auto kernel = weight.plane(i / channels, i % channels);
                const float mean = std::accumulate(kernel.begin(), kernel.end(), 0.0F) / 9;
                for (float& v : kernel) v -= mean;
            }
            Conv2d layer;
            layer.weight = std::make_shared<const Tensor>(std::move(weight));
            const auto expected = reference::reference_conv2d(layer, input);
            for (const Simd& simd : available_simd()) {
                const AlgorithmResult r =
                    computed(layer, input, tiles_of(layer, input.shape(), {2, 2}), simd, all_of(layer));
                const double error = reference::relative_error(r.values.values(), expected);
                EXPECT_LT(error, 1e-5) << simd.name << ", " << channels << " channels, kind " << kind;
                RecordProperty(fmt::format("error_{}_{}_{}", simd.name, channels, kind), fmt::format("{:.1e}", error));
            }
        }
}

TEST(Conv2dWinograd, BitsDependNeitherOnThreadsNorOnBlocksNorOnTheOtherChannels) {
    std::mt19937 random(3);
    const MoreThreadsThanCores more(4);
    const Tensor input = normal_tensor({2, 24, 30, 41}, random);
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(normal_tensor({70, 12, 3, 3}, random));
    layer.params.groups = 2;
    layer.params.padding = {1, 1};
    Arena one(1), four(4);
    for (const Simd& simd : available_simd()) {
        SCOPED_TRACE(simd.name);
        const WinogradTiles small = tiles_of(layer, input.shape(), {1, 3}),
                            large = tiles_of(layer, input.shape(), {8, 11});
        const AlgorithmResult a = one.execute([&] { return computed(layer, input, small, simd, all_of(layer)); }),
                              b = four.execute([&] { return computed(layer, input, small, simd, all_of(layer)); }),
                              c = four.execute([&] { return computed(layer, input, large, simd, all_of(layer)); }),
                              d = four.execute([&] {
                                  return computed(layer, input, small, simd, {1, 4, 69});
                              });
        EXPECT_TRUE(std::ranges::equal(a.values.values(), b.values.values()));
        EXPECT_TRUE(std::ranges::equal(a.values.values(), c.values.values()));
        for (int n = 0; n < 2; ++n)
            for (int channel = 0; channel < 70; ++channel) {
                const auto i = static_cast<std::size_t>(n * 70 + channel);
                EXPECT_EQ(a.stats[i].mean, b.stats[i].mean);
                if (channel != 1 && channel != 4 && channel != 69) {
                    EXPECT_EQ(d.values.at(n, channel, 3, 3), untouched) << "only the channels asked for are written";
                    continue;
                }
                EXPECT_TRUE(std::ranges::equal(a.values.plane(n, channel), d.values.plane(n, channel)));
                EXPECT_EQ(a.stats[i].mean, d.stats[i].mean);
            }
    }
}

TEST(Conv2dWinograd, IsChosenForDeepLayersOnly) {
    const auto chosen = [](int outputs, int inputs, int size, int kernel = 3, int stride = 1, int groups = 1) {
        ConvParams params;
        params.stride = {stride, stride};
        params.padding = {1, 1};
        params.groups = groups;
        for (const int lanes : {4, 8, 16})
            if (!winograd_tiles(params, {outputs, inputs / groups, kernel, kernel}, {1, inputs, size, size}, lanes))
                return false;
        return true;
    };
    EXPECT_TRUE(chosen(384, 192, 13));
    EXPECT_TRUE(chosen(256, 384, 13));
    EXPECT_TRUE(chosen(64, 64, 224));
    EXPECT_TRUE(chosen(512, 512, 14));
    EXPECT_TRUE(chosen(256, 256, 28, 3, 1, 4));
    EXPECT_FALSE(chosen(64, 3, 224)) << "transforms would take longer than the sums";
    EXPECT_FALSE(chosen(64, 64, 224, 5));
    EXPECT_FALSE(chosen(64, 64, 224, 3, 2));
    EXPECT_FALSE(chosen(256, 256, 28, 3, 1, 256)) << "each channel by itself";
    EXPECT_FALSE(chosen(128, 128, 7)) << "the kernels' numbers would take longer to read than the products";
    EXPECT_FALSE(chosen(32, 32, 13)) << "too little work for threads";
    EXPECT_FALSE(chosen(512, 512, 1)) << "most outputs of the only tile would be thrown away";
    EXPECT_FALSE(chosen(64, 2048, 28)) << "rounding errors";
    EXPECT_FALSE(chosen(4096, 1024, 28)) << "the kernels' numbers would take 600 MB";
}

TEST(Conv2dWinograd, PlansUseItAndCanBeCanceled) {
    std::mt19937 random(4);
    const Tensor input = normal_tensor({1, 64, 40, 44}, random);
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(normal_tensor({48, 64, 3, 3}, random));
    layer.params.same = true;
    const Simd& simd = available_simd().front();
    ASSERT_TRUE(winograd_tiles(layer.params, layer.weight->shape(), input.shape(), simd.lanes));
    Conv2dPlan plan(layer, input.shape(), simd, make_conv2d_memory());
    EXPECT_TRUE(plan.fits(layer, input.shape()));
    Tensor output(output_shape(layer, input.shape()).value());
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, {}, progress);
    EXPECT_FALSE(plan.run(input, stopped, output, {})) << "before the weights are there";
    EXPECT_TRUE(plan.run(input, Cancel(), output, {}));
    EXPECT_LT(reference::relative_error(output.values(), reference::reference_conv2d(layer, input)), 1e-5);
    EXPECT_FALSE(plan.run(input, stopped, output, {}));
    EXPECT_FALSE(Conv2dPlan(layer, input.shape(), simd, make_conv2d_memory(), {1}).fits(layer, input.shape()));
}

}  // namespace
}  // namespace convlens::test
