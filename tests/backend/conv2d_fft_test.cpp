/// Convolutions with large kernels, by Fourier transforms, against the reference in double precision.
#include "engine/cpu/conv2d_fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <random>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/reference/reference.h"
#include "tests/backend/algorithm_run.h"

namespace convlens::test {
namespace {

/// Tiles of a size, whether they are the fastest or not.
FftTiles tiles_of(const Conv2d& layer, const Shape& input, Size2 size) {
    const Shape out = output_shape(layer, input).value();
    const Size2 valid{size.h - (layer.weight->shape().h - 1) * layer.params.dilation.h,
                      size.w - (layer.weight->shape().w - 1) * layer.params.dilation.w};
    return {size, valid, {(out.h + valid.h - 1) / valid.h, (out.w + valid.w - 1) / valid.w}};
}

AlgorithmResult computed(const Conv2d& layer, const Tensor& input, const FftTiles& tiles, const Simd& simd,
                         std::vector<int> channels) {
    Conv2dFft fft(layer, input.shape(), tiles, simd, std::make_shared<Conv2dFftMemory>(), std::move(channels));
    return run(fft, layer, input);
}

Conv2d random_layer(std::mt19937& random, int inputs) {
    const auto whole = [&](int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random); };
    Conv2d layer;
    layer.params.groups = inputs % 2 == 0 ? whole(1, 2) : 1;
    layer.params.padding_mode = static_cast<PaddingMode>(whole(0, 3));
    layer.params.padding = {whole(0, 6), whole(0, 6)};
    layer.params.dilation = {whole(1, 2), whole(1, 2)};
    layer.params.flip = whole(0, 2) == 0;
    layer.weight = std::make_shared<const Tensor>(normal_tensor(
        {layer.params.groups * whole(1, 3), inputs / layer.params.groups, whole(1, 13), whole(1, 13)}, random));
    if (whole(0, 1) == 1) {
        const Tensor bias = normal_tensor({1, 1, 1, layer.weight->shape().n}, random);
        layer.bias = std::make_shared<const std::vector<float>>(bias.values().begin(), bias.values().end());
    }
    return layer;
}

TEST(FftSteps, TransformsAreSumsOfWaves) {
    std::mt19937 random(2);
    for (const Simd& simd : available_simd())
        for (const int length : {4, 8, 12, 32, 48, 96, 256}) {
            SCOPED_TRACE(fmt::format("{} {}", simd.name, length));
            const FftSteps steps(length);
            Tensor strip = normal_tensor({1, length, 2, simd.lanes}, random);
            const Tensor before = strip.clone();
            for (const bool swapped : {false, true}) {
                simd.fft.forward(steps, strip.data(), swapped);
                for (int position = 0; position < length; ++position) {
                    const int frequency = steps.frequencies()[static_cast<std::size_t>(position)];
                    EXPECT_EQ(steps.positions()[static_cast<std::size_t>(frequency)], position);
                    for (int lane = 0; lane < simd.lanes; ++lane) {
                        std::complex<double> sum;
                        for (int i = 0; i < length; ++i)
                            sum += std::complex(static_cast<double>(before.at(0, i, 0, lane)),
                                                static_cast<double>(before.at(0, i, 1, lane))) *
                                   std::polar(1.0, (swapped ? 2 : -2) * std::numbers::pi * frequency * i / length);
                        EXPECT_NEAR(strip.at(0, position, 0, lane), sum.real(), 2e-5 * std::sqrt(length));
                        EXPECT_NEAR(strip.at(0, position, 1, lane), sum.imag(), 2e-5 * std::sqrt(length));
                    }
                }
                simd.fft.backward(steps, strip.data(), swapped);
                for (std::size_t i = 0; i < strip.size(); ++i) {
                    EXPECT_NEAR(strip.data()[i] / static_cast<float>(length), before.data()[i], 1e-5);
                    strip.data()[i] = before.data()[i];
                }
            }
        }
}

TEST(Conv2dFft, IsTheReferenceForRandomShapes) {
    std::mt19937 random(1);
    const auto whole = [&](int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random); };
    int done = 0;
    for (int round = 0; round < 60; ++round) {
        const Tensor input = normal_tensor({whole(1, 3), whole(1, 4), whole(7, 60), whole(7, 60)}, random);
        const Conv2d layer = random_layer(random, input.shape().c);
        if (!output_shape(layer, input.shape())) continue;
        const auto expected = reference::reference_conv2d(layer, input);
        const double largest = expected.largest();
        for (const Simd& simd : available_simd()) {
            const Size2 size{whole(0, 1) ? 32 : 96, whole(0, 1) ? 64 : 48};
            SCOPED_TRACE(fmt::format("{} round {}: {} in tiles of {}", simd.name, round, to_string(input.shape()),
                                     to_string(size)));
            const AlgorithmResult r = computed(layer, input, tiles_of(layer, input.shape(), size), simd, all_of(layer));
            EXPECT_LT(reference::relative_error(r.values.values(), expected), 1e-5);
            for (std::size_t i = 0; i < r.values.size(); ++i)
                EXPECT_EQ(r.rectified.data()[i], std::max(r.values.data()[i], 0.0F));
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

TEST(Conv2dFft, BitsDependNeitherOnThreadsNorOnTheOtherChannels) {
    std::mt19937 random(3);
    const MoreThreadsThanCores more(4);
    const Tensor input = normal_tensor({2, 3, 90, 110}, random);
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(normal_tensor({5, 3, 15, 15}, random));
    layer.params.padding = {7, 7};
    const Simd& simd = available_simd().front();
    const FftTiles tiles = tiles_of(layer, input.shape(), {32, 64});
    Arena one(1), four(4);
    const AlgorithmResult a = one.execute([&] { return computed(layer, input, tiles, simd, all_of(layer)); }),
                          b = four.execute([&] { return computed(layer, input, tiles, simd, all_of(layer)); }),
                          c = four.execute([&] {
                              return computed(layer, input, tiles, simd, {1, 4});
                          });
    EXPECT_TRUE(std::ranges::equal(a.values.values(), b.values.values()));
    for (int n = 0; n < 2; ++n)
        for (const int channel : {1, 4}) {
            EXPECT_TRUE(std::ranges::equal(a.values.plane(n, channel), c.values.plane(n, channel)));
            const auto i = static_cast<std::size_t>(n * 5 + channel);
            EXPECT_EQ(a.stats[i].mean, b.stats[i].mean);
            EXPECT_EQ(a.stats[i].mean, c.stats[i].mean);
        }
}

TEST(Conv2dFft, IsChosenForLargeKernelsOnly) {
    const auto chosen = [](int outputs, int inputs, int kernel, Size2 size, int stride = 1) {
        ConvParams params;
        params.stride = {stride, stride};
        return fft_tiles(params, {outputs, inputs, kernel, kernel}, {1, inputs, size.h, size.w}, 8).has_value();
    };
    EXPECT_TRUE(chosen(8, 1, 101, {1080, 1920}));
    EXPECT_TRUE(chosen(64, 3, 31, {1080, 1920}));
    EXPECT_TRUE(chosen(1, 1, 255, {1080, 1920}));
    EXPECT_FALSE(chosen(64, 3, 11, {224, 224}, 4)) << "a stride throws most of the result away";
    EXPECT_FALSE(chosen(64, 3, 3, {1080, 1920}));
    EXPECT_FALSE(chosen(64, 3, 7, {300, 451}));
    EXPECT_FALSE(chosen(256, 256, 3, {13, 13}));
    EXPECT_FALSE(chosen(4096, 512, 31, {64, 64})) << "the spectra of the kernels would take 80 GB";
}

TEST(Conv2dFft, PlansUseItAndCanBeCanceled) {
    std::mt19937 random(4);
    const Tensor input = normal_tensor({1, 1, 120, 150}, random);
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(normal_tensor({2, 1, 31, 31}, random));
    layer.params.same = true;
    const Simd& simd = available_simd().front();
    ASSERT_TRUE(fft_tiles(layer.params, layer.weight->shape(), input.shape(), simd.lanes));
    Conv2dPlan plan(layer, input.shape(), simd, make_conv2d_memory());
    EXPECT_TRUE(plan.fits(layer, input.shape()));
    Tensor output(output_shape(layer, input.shape()).value());
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    EXPECT_FALSE(plan.run(input, Cancel(quit, newer, {}, progress), output, {}));
    EXPECT_TRUE(plan.run(input, Cancel(), output, {}));
    EXPECT_LT(reference::relative_error(output.values(), reference::reference_conv2d(layer, input)), 1e-5);
    EXPECT_FALSE(Conv2dPlan(layer, input.shape(), simd, make_conv2d_memory(), {1}).fits(layer, input.shape()));
}

}  // namespace
}  // namespace convlens::test
