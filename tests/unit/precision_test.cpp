/// Numbers with fewer bits, and borders of networks.
#include "engine/filter/precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/filter/borders.h"

namespace convlens::test {
namespace {

Tensor noise(Shape shape, unsigned seed) {
    std::mt19937 random(seed);
    Tensor made(shape);
    for (float& v : made.values()) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return made;
}

Layer conv(const std::string& name, int from, int to, int side) {
    Conv2d made;
    made.weight = std::make_shared<const Tensor>(noise({to, from, side, side}, static_cast<unsigned>(to)));
    made.params.padding = {side / 2, side / 2};
    return {name, made};
}

Tensor line(std::initializer_list<float> values) {
    Tensor made({1, 1, 1, static_cast<int>(values.size())});
    std::ranges::copy(values, made.data());
    return made;
}

void expect_values(const Tensor& found, const Tensor& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found.data()[i], expected.data()[i]) << i;
}

TEST(Precision, RoundsToTheNearestNumberTiesToEven) {
    expect_values(rounded(line({1 + 0x1p-8F, 1 + 0x3p-8F, -1 - 0x1p-9F, 3e38F}), NumberFormat::bfloat16),
                  line({1, 1 + 0x1p-6F, -1, 0x1.c4p127F}));
    expect_values(rounded(line({1 + 0x1p-11F, 65519, 65520, -1e30F, 0x1p-24F, 0x1p-26F}), NumberFormat::float16),
                  line({1, 65504, INFINITY, -INFINITY, 0x1p-24F, 0}));
    expect_values(rounded(line({127, 0.5F, 1.5F, -2.4F}), NumberFormat::int8_tensor), line({127, 0, 2, -2}));
    expect_values(rounded(line({0, 0}), NumberFormat::int8_tensor), line({0, 0}));
}

TEST(Precision, ScalesPerChannelKeepSmallChannels) {
    Tensor weight({2, 1, 1, 2});
    weight.data()[0] = 127, weight.data()[1] = 63, weight.data()[2] = 0.127F, weight.data()[3] = 0.05F;
    const Tensor together = rounded(weight, NumberFormat::int8_tensor),
                 apart = rounded(weight, NumberFormat::int8_channel);
    EXPECT_EQ(together.data()[2], 0);
    EXPECT_NEAR(apart.data()[2], 0.127F, 1e-6F);
    EXPECT_NEAR(apart.data()[3], 0.05F, 1e-6F);
}

TEST(Precision, MoreBitsGiveLessNoise) {
    const Network network{{conv("conv1", 3, 8, 3), {"relu1", ReLU{}}, conv("conv2", 8, 4, 3)}};
    const auto found = precision(network, noise({1, 3, 20, 24}, 2), 3, {}, Cancel());
    ASSERT_TRUE(found && *found);
    const auto& formats = (*found)->formats;
    EXPECT_TRUE(std::isinf(formats[0].layers.back().snr));
    const double bf16 = formats[1].layers.back().snr, fp16 = formats[2].layers.back().snr,
                 int8 = formats[3].layers.back().snr;
    EXPECT_GT(fp16, bf16 + 12) << "three bits are 18 dB";
    EXPECT_GT(bf16, int8);
    EXPECT_GT(int8, 25);
    for (const RoundedNetwork& made : formats) {
        EXPECT_EQ(made.layers.size(), 3U);
        EXPECT_LE(made.layers.back().worst_snr, made.layers.back().snr);
        EXPECT_EQ(made.channel_error.size(), 4U);
        EXPECT_TRUE(made.classes.empty());
    }
    PrecisionOptions none;
    none.weights = none.activations = false;
    const auto same = precision(network, noise({1, 3, 20, 24}, 2), 3, none, Cancel());
    EXPECT_TRUE(std::isinf((*same)->formats[3].layers.back().snr));
}

TEST(Precision, ClassifiersAnswer) {
    Linear linear{{12, 5, false}, std::make_shared<const Tensor>(noise({5, 12, 1, 1}, 4)), nullptr};
    const Network network{{{"flatten", Flatten{}}, {"fc", linear}}};
    const auto found = precision(network, noise({1, 3, 2, 2}, 2), 0, {}, Cancel());
    ASSERT_TRUE(found && *found);
    double sum = 0;
    for (const double p : (*found)->formats[4].classes) sum += p;
    EXPECT_EQ((*found)->formats[4].classes.size(), 5U);
    EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Borders, ReachOneMoreRingWithEveryLayer) {
    const Network network{{conv("conv1", 3, 4, 3), {"relu1", ReLU{}}, conv("conv2", 4, 2, 3)}};
    const auto found = border_effects(network, noise({1, 3, 20, 30}, 3), 1, Cancel());
    ASSERT_TRUE(found && *found);
    const auto& layers = (*found)->layers;
    ASSERT_EQ(layers.size(), 3U);
    EXPECT_NEAR(layers[0].reached, 1 - 18.0 * 28 / 600, 1e-12);
    EXPECT_NEAR(layers[2].reached, 1 - 16.0 * 26 / 600, 1e-12);
    for (const BorderedLayer& layer : layers) {
        EXPECT_EQ(layer.changed[0], 0);
        for (int m = 1; m < padding_modes; ++m) {
            EXPECT_GT(layer.changed[static_cast<std::size_t>(m)], 0.02);
            EXPECT_LE(layer.changed[static_cast<std::size_t>(m)], layer.reached);
        }
    }
    EXPECT_EQ((*found)->mask.at(0, 0, 1, 15), 1);
    EXPECT_EQ((*found)->mask.at(0, 0, 2, 15), 0);
    // Far from the border, all paddings give the same bits.
    for (const Tensor& map : (*found)->maps) EXPECT_EQ(map.at(0, 0, 9, 9), (*found)->maps[0].at(0, 0, 9, 9));
}

TEST(Borders, SaysWhyAPaddingDoesNotFit) {
    const Network network{{conv("conv1", 1, 1, 9)}};
    const auto found = border_effects(network, noise({1, 1, 4, 4}, 3), 0, Cancel());
    ASSERT_TRUE(found && *found);
    EXPECT_NE((*found)->errors[1], "");
    EXPECT_EQ((*found)->errors[2], "");
    EXPECT_TRUE(std::isnan((*found)->layers[0].changed[1]));
}

}  // namespace
}  // namespace convlens::test
