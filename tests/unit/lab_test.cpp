/// The weight-sharing lab: its counters, the tie, and what a shift does to each layer.
#include "engine/explain/lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/cpu/cpu_backend.h"
#include "engine/nn/layer_numbers.h"

namespace convlens {
namespace {

constexpr LabKernel lab_kernels[] = {LabKernel::edge, LabKernel::blur, LabKernel::random};

LabMaps run(const LabSetup& setup, const Tensor& image) {
    const auto backend = *make_cpu_backend({});
    auto maps = run_lab(make_lab_layers(setup), image, *backend, Cancel());
    EXPECT_TRUE(maps) << maps.error().message;
    return std::move(*maps);
}

bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::ranges::equal(a.values(), b.values());
}

/// A picture of many grays.
Image colorful(int width, int height) {
    Image image(width, height);
    for (std::size_t i = 0; i < image.rgba.size(); ++i)
        image.rgba[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13U);
    return image;
}

TEST(Lab, CountsTheLecturesExamplesExactly) {
    EXPECT_EQ(lab_costs(200 * 200, 500, 25).full.weights, 20'000'000U);
    const LabCosts small = lab_costs(32 * 32, 28 * 28, 25);
    EXPECT_EQ(small.full, (LayerCost{802'816, 802'816}));
    EXPECT_EQ(small.local, (LayerCost{19'600, 19'600}));
    EXPECT_EQ(small.conv, (LayerCost{25, 19'600}));
}

TEST(Lab, CountsWhatTheLayersReallyHaveAtEverySize) {
    for (const int side : {12, 20, 33})
        for (const int k : {1, 2, 5, 11}) {
            LabSetup setup;
            setup.side = side;
            setup.kernel_size = k;
            setup.pool = 1;
            const LabLayers layers = make_lab_layers(setup);
            const auto count = [](int n) { return static_cast<std::uint64_t>(n); };
            const LabCosts costs =
                lab_costs(count(side * side), count(setup.out_side() * setup.out_side()), count(k * k));
            const auto check = [&](const Operation& operation, const LayerCost& cost, std::size_t values) {
                EXPECT_EQ(values, cost.weights);
                const NetworkNumbers numbers = layer_numbers({{"layer", spec_of(operation)}}, {1, 1, side, side});
                EXPECT_EQ(numbers.multiply_accumulates(), cost.multiply_accumulates) << side << " " << k;
            };
            check(layers.full, costs.full, layers.full.weight->size());
            check(layers.local, costs.local, layers.local.weight->size());
            check(layers.conv, costs.conv, layers.conv.weight->size());
        }
}

TEST(Lab, TiedWeightsGiveTheConvolutionToTheBit) {
    for (const LabKernel kernel : lab_kernels)
        for (const int k : {1, 2, 3, 5, 8, 11}) {
            LabSetup setup;
            setup.kernel = kernel;
            setup.kernel_size = k;
            for (const Tensor& image : {lab_digit(32), lab_picture(colorful(90, 70), 32)}) {
                setup.tied = false;
                const LabMaps apart = run(setup, image);
                EXPECT_FALSE(same_bits(apart.local, apart.conv));
                setup.tied = true;
                const LabMaps tied = run(setup, image);
                EXPECT_TRUE(same_bits(tied.local, tied.conv)) << "kernel_size " << k;
                EXPECT_TRUE(same_bits(tied.conv, apart.conv)) << "tying must not change the convolution";
            }
        }
}

TEST(Lab, ResultsAreTheSameOnEveryInstructionSet) {
    LabSetup setup;
    setup.kernel = LabKernel::random;
    const Tensor image = lab_picture(colorful(64, 64), 32);
    const LabMaps best = run(setup, image);
    for (const char* isa : {"SSE2", "EMU128"}) {
        const auto backend = make_cpu_backend({0, isa});
        if (!backend) continue;
        const auto maps = run_lab(make_lab_layers(setup), image, **backend, Cancel());
        ASSERT_TRUE(maps);
        EXPECT_TRUE(same_bits(maps->conv, best.conv)) << isa;
    }
}

TEST(Lab, OutputsMoveAlongWithTheImageWhereWeightsAreShared) {
    const Tensor image = lab_picture(colorful(320, 200), 32);
    for (const Size2 shift : {Size2{0, 1}, Size2{3, -2}, Size2{-5, 0}, Size2{7, 7}, Size2{-1, -9}}) {
        LabSetup setup;
        const LabMaps before = run(setup, image), after = run(setup, shifted(image, shift));
        const LabDifference conv = after_shifting_back(before.conv, after.conv, shift);
        EXPECT_EQ(conv.places, (28 - std::abs(shift.h)) * (28 - std::abs(shift.w)));
        EXPECT_EQ(conv.equal, conv.places);
        EXPECT_EQ(conv.largest, 0);
        EXPECT_EQ(conv.mean, 0);
        EXPECT_GT(after_shifting_back(before.local, after.local, shift).largest, 0.05);
        EXPECT_GT(after_shifting_back(before.full, after.full, shift).largest, 0.05);
        setup.tied = true;
        const LabDifference tied =
            after_shifting_back(run(setup, image).local, run(setup, shifted(image, shift)).local, shift);
        EXPECT_EQ(tied.largest, 0);
        EXPECT_EQ(tied.equal, tied.places);
    }
}

TEST(Lab, MaxPoolingHidesPartOfASmallShift) {
    for (const Size2 shift : {Size2{0, 1}, Size2{0, -1}, Size2{1, 0}, Size2{-1, 0}}) {
        LabSetup setup;
        const LabMaps before = run(setup, lab_digit(32)), after = run(setup, shifted(lab_digit(32), shift));
        const LabDifference conv = in_place(before.conv, after.conv), pooled = in_place(before.pooled, after.pooled);
        EXPECT_GT(pooled.places, 40);
        EXPECT_GT(static_cast<double>(pooled.equal) / pooled.places, static_cast<double>(conv.equal) / conv.places)
            << pooled.equal << " of " << pooled.places << " pooled, " << conv.equal << " of " << conv.places;
    }
}

TEST(Lab, PooledValuesAreTheLargestOfTheConvolutions) {
    LabSetup setup;
    setup.pool = 3;
    const LabMaps maps = run(setup, lab_digit(32));
    ASSERT_EQ(maps.pooled.shape(), (Shape{1, 1, 9, 9}));
    float largest = maps.conv.at(0, 0, 12, 15);
    for (int y = 12; y < 15; ++y)
        for (int x = 15; x < 18; ++x) largest = std::max(largest, maps.conv.at(0, 0, y, x));
    EXPECT_EQ(maps.pooled.at(0, 0, 4, 5), largest);
}

TEST(Lab, AUnitOfTheFullyConnectedLayerIsItsRowOfWeights) {
    const LabSetup setup;
    const Tensor image = lab_digit(32);
    const LabLayers layers = make_lab_layers(setup);
    const LabMaps maps = run(setup, image);
    double sum = 0;
    for (std::size_t i = 0; i < image.size(); ++i)
        sum += static_cast<double>(image.values()[i]) *
               static_cast<double>(layers.full.weight->at(9 * 28 + 4, static_cast<int>(i), 0, 0));
    EXPECT_NEAR(maps.full.at(0, 0, 9, 4), sum, 1e-5);
}

TEST(Lab, ShiftingBringsInBlackAndLosesWhatMovesOut) {
    Tensor image({1, 1, 3, 3});
    for (int i = 0; i < 9; ++i) image.values()[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
    const Tensor moved = shifted(image, {1, -1});
    EXPECT_TRUE(std::ranges::equal(moved.values(), std::initializer_list<float>{0, 0, 0, 2, 3, 0, 5, 6, 0}));
    const Tensor gone = shifted(image, {5, 0});
    EXPECT_TRUE(std::ranges::all_of(gone.values(), [](float v) { return v == 0; }));
    EXPECT_EQ(after_shifting_back(image, gone, {5, 0}), LabDifference{}) << "nothing is left to compare";
}

TEST(Lab, ImagesAreWhole256ths) {
    for (const Tensor& image :
         {lab_digit(32), lab_digit(12), lab_picture(colorful(7, 9), 32), lab_picture(colorful(384, 100), 48)})
        for (const float v : image.values()) {
            EXPECT_EQ(v * 256, std::round(v * 256));
            EXPECT_GE(v, 0);
            EXPECT_LT(v, 1);
        }
    const Tensor digit = lab_digit(32);
    EXPECT_GT(std::ranges::count_if(digit.values(), [](float v) { return v > 0.9F; }), 60) << "there is a digit";
    EXPECT_EQ(digit.at(0, 0, 0, 0), 0);
}

TEST(Lab, APictureIsItsMiddleSquare) {
    Image image(8, 4, {0, 0, 0, 255});
    for (int y = 0; y < 4; ++y)
        for (int x = 2; x < 6; ++x) std::fill_n(image.pixel(x, y), 3, static_cast<std::uint8_t>(200));
    const Tensor gray = lab_picture(image, 12);
    EXPECT_TRUE(std::ranges::all_of(gray.values(), [](float v) { return v == 200.0F / 256; }));
}

}  // namespace
}  // namespace convlens
