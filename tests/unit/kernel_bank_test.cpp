/// engine/nn/kernel_bank.h
#include "engine/nn/kernel_bank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <set>

#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

const NamedKernel& named(const std::string& name) {
    for (const NamedKernel& k : edge_kernels())
        if (k.name == name) return k;
    throw std::runtime_error("no kernel named " + name);
}

bool starts_with(const std::string& text, std::string_view word) { return text.substr(0, word.size()) == word; }

bool is_smoothing(const NamedKernel& k) {
    const auto words = {"Identity", "Box", "Gaussian", "Motion", "Sharpen", "Unsharp", "Emboss"};
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return starts_with(k.name, word); });
}

double sum_of(const std::vector<float>& values) {
    double sum = 0;
    for (const float v : values) sum += static_cast<double>(v);
    return sum;
}

/// A kernel's output at the valid positions of an image whose rows are all `row`.
std::vector<float> on_rows(const NamedKernel& kernel, const std::vector<float>& row) {
    Tensor image({1, 1, kernel.size.h, static_cast<int>(row.size())});
    for (int y = 0; y < kernel.size.h; ++y) std::copy(row.begin(), row.end(), &image.at(0, 0, y, 0));
    Tensor weight({1, 1, kernel.size.h, kernel.size.w});
    std::copy(kernel.values.begin(), kernel.values.end(), weight.data());
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(std::move(weight));
    const Tensor output = run(*every_backend(1).front(), layer, image).value();
    return {output.values().begin(), output.values().end()};
}

TEST(EdgeKernels, AreSixtyFourWithNamesAndMeaningsOfTheirOwn) {
    EXPECT_EQ(edge_kernels().size(), 64U);
    std::set<std::string> names;
    for (const NamedKernel& k : edge_kernels()) {
        EXPECT_TRUE(names.insert(k.name).second) << k.name << " is there twice";
        EXPECT_FALSE(k.tooltip_text.empty());
        EXPECT_NE(k.tooltip_text.back(), '.') << k.name;
    }
}

TEST(EdgeKernels, FitIntoTheSizeThatTheyShareAndAreFinite) {
    for (const NamedKernel& k : edge_kernels()) {
        SCOPED_TRACE(k.name);
        EXPECT_TRUE(k.size.h >= 1 && k.size.h <= edge_kernel_size.h && k.size.w >= 1 && k.size.w <= edge_kernel_size.w);
        ASSERT_EQ(k.values.size(), static_cast<std::size_t>(k.size.h * k.size.w));
        EXPECT_TRUE(std::all_of(k.values.begin(), k.values.end(), [](float v) { return std::isfinite(v); }));
        EXPECT_TRUE(std::any_of(k.values.begin(), k.values.end(), [](float v) { return v != 0; }));
    }
}

TEST(EdgeKernels, SumToOneWhenTheyKeepFlatRegionsAndToZeroWhenTheyFindEdges) {
    int smoothing = 0;
    for (const NamedKernel& k : edge_kernels()) {
        smoothing += is_smoothing(k);
        EXPECT_NEAR(sum_of(k.values), is_smoothing(k) ? 1 : 0, 1e-5) << k.name;
    }
    EXPECT_EQ(smoothing, 11);
}

TEST(EdgeKernels, AreAllDifferentButForTheTwoOfRobinsonsThatAreSobels) {
    const Tensor weights = edge_weights();
    std::set<std::string> twins;
    for (std::size_t a = 0; a < edge_kernels().size(); ++a)
        for (std::size_t b = 0; b < a; ++b) {
            const auto one = weights.plane(static_cast<int>(a), 0), other = weights.plane(static_cast<int>(b), 0);
            if (std::equal(one.begin(), one.end(), other.begin()))
                twins.insert(edge_kernels()[b].name + " = " + edge_kernels()[a].name);
        }
    EXPECT_EQ(twins, (std::set<std::string>{"Sobel x = Robinson E", "Sobel y = Robinson S"}));
}

TEST(EdgeKernels, HaveASobelXThatAnswersFourToAStepUpwards) {
    EXPECT_EQ(on_rows(named("Sobel x"), {0, 0, 1, 1, 1}), (std::vector<float>{4, 4, 0}));
    EXPECT_EQ(on_rows(named("Sobel x"), {1, 1, 0, 0, 0}), (std::vector<float>{-4, -4, 0}));
    EXPECT_EQ(on_rows(named("Prewitt x"), {0, 0, 1, 1, 1}), (std::vector<float>{3, 3, 0}));
    EXPECT_EQ(on_rows(named("Scharr x"), {0, 0, 1, 1, 1}), (std::vector<float>{16, 16, 0}));
    EXPECT_EQ(on_rows(named("Sobel y"), {0, 0, 1, 1, 1}), (std::vector<float>{0, 0, 0}));
    EXPECT_EQ(on_rows(named("Identity"), {3, 1, 2}), (std::vector<float>{3, 1, 2}));
}

TEST(EdgeKernels, HaveTheTextbooksSobelAndLaplacian) {
    EXPECT_EQ(named("Sobel x").values, (std::vector<float>{-1, 0, 1, -2, 0, 2, -1, 0, 1}));
    EXPECT_EQ(named("Sobel y").values, (std::vector<float>{-1, -2, -1, 0, 0, 0, 1, 2, 1}));
    EXPECT_EQ(named("Laplacian 4").values, (std::vector<float>{0, 1, 0, 1, -4, 1, 0, 1, 0}));
}

TEST(EdgeKernels, TurnTheCompassFamiliesThroughEightDirections) {
    struct Direction {
        const char* name;
        int x, y;  // y downwards
    };
    const std::vector<Direction> directions{{"E", 1, 0},  {"NE", 1, -1}, {"N", 0, -1}, {"NW", -1, -1},
                                            {"W", -1, 0}, {"SW", -1, 1}, {"S", 0, 1},  {"SE", 1, 1}};
    for (const std::string family : {"Kirsch", "Robinson"}) {
        std::set<std::vector<float>> seen;
        for (const auto& [name, x, y] : directions) {
            const NamedKernel& k = named(family + " " + name);
            SCOPED_TRACE(k.name);
            EXPECT_TRUE(seen.insert(k.values).second);
            std::vector<float> sorted = k.values, first = named(family + " E").values;
            std::sort(sorted.begin(), sorted.end());
            std::sort(first.begin(), first.end());
            EXPECT_EQ(sorted, first) << "the same values, moved";
            const auto at = [&k](int dx, int dy) { return k.values[static_cast<std::size_t>((1 + dy) * 3 + 1 + dx)]; };
            EXPECT_EQ(at(x, y), *std::max_element(k.values.begin(), k.values.end()));
            EXPECT_LT(at(-x, -y), 0);
            double along = 0, across = 0;  // the kernel's answer to ramps
            for (int dy = -1; dy <= 1; ++dy)
                for (int dx = -1; dx <= 1; ++dx) {
                    along += static_cast<double>(at(dx, dy)) * (dx * x + dy * y);
                    across += static_cast<double>(at(dx, dy)) * (dx * -y + dy * x);
                }
            EXPECT_GT(along, 0);
            EXPECT_NEAR(across, 0, 1e-9);
        }
    }
}

TEST(EdgeKernels, StandInTheMiddleOfZerosAsWeights) {
    const Tensor weights = edge_weights();
    ASSERT_EQ(weights.shape(), (Shape{64, 1, 7, 7}));
    for (int o = 0; o < 64; ++o) {
        const NamedKernel& k = edge_kernels()[static_cast<std::size_t>(o)];
        const int top = (7 - k.size.h + 1) / 2, left = (7 - k.size.w + 1) / 2;
        for (int y = 0; y < 7; ++y)
            for (int x = 0; x < 7; ++x) {
                const bool inside = y >= top && y < top + k.size.h && x >= left && x < left + k.size.w;
                const float expected =
                    inside ? k.values[static_cast<std::size_t>((y - top) * k.size.w + x - left)] : 0.0F;
                EXPECT_EQ(weights.at(o, 0, y, x), expected) << k.name;
            }
    }
}

TEST(SpreadOverChannels, WeighsTheColorsByLuminanceOrAddsThemUp) {
    Tensor gray({2, 1, 1, 2});
    std::copy_n(std::array<float, 4>{1, -2, 10, 0.5F}.begin(), 4, gray.data());
    const Tensor luminance = spread_over_channels(gray, 3, GrayKernels::luminance);
    ASSERT_EQ(luminance.shape(), (Shape{2, 3, 1, 2}));
    EXPECT_FLOAT_EQ(luminance.at(0, 0, 0, 0), 0.299F);
    EXPECT_FLOAT_EQ(luminance.at(0, 1, 0, 1), -2 * 0.587F);
    EXPECT_FLOAT_EQ(luminance.at(1, 2, 0, 0), 1.14F);
    const Tensor sum = spread_over_channels(gray, 3, GrayKernels::channel_sum);
    for (int c = 0; c < 3; ++c)
        for (int o = 0; o < 2; ++o)
            for (int x = 0; x < 2; ++x) EXPECT_EQ(sum.at(o, c, 0, x), gray.at(o, 0, 0, x));
    EXPECT_EQ(spread_over_channels(gray, 1, GrayKernels::luminance).at(0, 0, 0, 1), -2.0F);
    EXPECT_EQ(spread_over_channels(gray, 4, GrayKernels::luminance).at(0, 3, 0, 1), -2.0F);
}

TEST(RandomWeights, AreTheStandardsMersenneTwister) {
    std::mt19937 default_value;  // the C++ standard pins this one: [rand.predef]
    default_value.discard(9999);
    EXPECT_EQ(default_value(), 4123659995U);
    // Outputs of MT19937 seeded with 1: 1791095845 4282876139 3093770124 4005303368, over 2^8 and scaled to
    // [-1, 1).
    const InitialWeights initial = random_weights(1, 1, {1, 3}, 1);
    const auto bound = static_cast<float>(1 / std::sqrt(3.0));
    EXPECT_FLOAT_EQ(initial.weight.data()[0], bound * -0.16595602F);
    EXPECT_FLOAT_EQ(initial.weight.data()[1], bound * 0.99436951F);
    EXPECT_FLOAT_EQ(initial.weight.data()[2], bound * 0.44064891F);
    EXPECT_FLOAT_EQ(initial.bias[0], bound * 0.86511469F) << "the bias is drawn after the weights";
    EXPECT_FLOAT_EQ(random_weights(1, 1, {1, 1}, 7).weight.data()[0], -0.84738350F);
}

TEST(RandomWeights, AreUniformWithinOneOverTheRootOfTheFanIn) {
    const InitialWeights initial = random_weights(64, 3, {11, 11}, 5);
    ASSERT_EQ(initial.weight.shape(), (Shape{64, 3, 11, 11}));
    ASSERT_EQ(initial.bias.size(), 64U);
    const double bound = 1 / std::sqrt(363.0);
    double sum = 0, squares = 0, most = 0;
    for (const float v : initial.weight.values()) {
        sum += static_cast<double>(v);
        squares += static_cast<double>(v) * static_cast<double>(v);
        most = std::max(most, std::abs(static_cast<double>(v)));
    }
    const auto count = static_cast<double>(initial.weight.size());
    EXPECT_LE(most, bound * 1.000001);
    EXPECT_GT(most, bound * 0.999);
    EXPECT_NEAR(sum / count, 0, bound * 0.02);
    EXPECT_NEAR(squares / count, bound * bound / 3, bound * bound * 0.01);
    for (const float v : initial.bias) EXPECT_LE(std::abs(static_cast<double>(v)), bound * 1.000001);
}

TEST(RandomWeights, AreTheSameForASeedAndOthersForAnother) {
    const InitialWeights a = random_weights(7, 3, {5, 5}, 1), b = random_weights(7, 3, {5, 5}, 1),
                         c = random_weights(7, 3, {5, 5}, 2);
    EXPECT_TRUE(std::equal(a.weight.values().begin(), a.weight.values().end(), b.weight.values().begin()));
    EXPECT_EQ(a.bias, b.bias);
    EXPECT_FALSE(std::equal(a.weight.values().begin(), a.weight.values().end(), c.weight.values().begin()));
    EXPECT_NE(a.bias, c.bias);
}

}  // namespace
}  // namespace convlens::test
