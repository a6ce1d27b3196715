/// Explanations against the values that the backend computed.
#include "engine/explain/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/cpu/cpu_backend.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using reference::Numbers;
using reference::Random;

std::shared_ptr<const Tensor> shared(Tensor t) { return std::make_shared<const Tensor>(std::move(t)); }

/// A value anywhere, often at a corner or border.
PixelPosition random_position(const Shape& s, Random& random) {
    const auto index = [&](int size) {
        return random.coin() ? random.whole(0, size - 1) : random.coin() ? 0 : size - 1;
    };
    return {random.whole(0, s.c - 1), index(s.h), index(s.w)};
}

/// How large the numbers are that were added up: what rounding is in proportion to.
double magnitude(const Explanation& e) {
    double sum = std::abs(e.result) + (e.bias ? std::abs(static_cast<double>(*e.bias)) : 0.0);
    for (const Term& t : e.terms) sum += std::abs(t.product);
    return sum;
}

/// The terms as they are listed, added up again.
double added_up(const Explanation& e) {
    double sum = e.bias ? static_cast<double>(*e.bias) : 0.0;
    double largest = -HUGE_VAL, product = 1;
    for (const Term& t : e.terms) {
        product *= static_cast<double>(t.value);
        sum += static_cast<double>(t.value) * static_cast<double>(t.weight);
        if (!t.padding()) largest = std::max(largest, static_cast<double>(t.value));
    }
    return e.rule == TermRule::maximum ? largest : e.rule == TermRule::product ? product : sum;
}

void check(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int count, Random& random) {
    auto backend = *make_cpu_backend({});
    const auto output = backend->forward(network, input, layer, Cancel());
    ASSERT_TRUE(output) << output.error().message;
    const auto values = all_values(**output);
    for (int i = 0; i < count; ++i) {
        const PixelPosition position = random_position((*output)->shape(), random);
        const int item = random.whole(0, input->shape().n - 1);
        const auto e = explain(network, input, layer, item, position, *backend, Cancel());
        ASSERT_TRUE(e) << e.error().message;
        SCOPED_TRACE(to_text(*e));
        EXPECT_EQ(e->shown, values->at(item, position.channel, position.y, position.x));
        if (std::isinf(e->shown)) {
            EXPECT_EQ(e->result, static_cast<double>(e->shown));
            continue;
        }
        EXPECT_NEAR(e->result, static_cast<double>(e->shown), 1e-6 * magnitude(*e));
        if (e->rule != TermRule::softmax) {
            EXPECT_NEAR(added_up(*e), e->total, 1e-6 * magnitude(*e));
        }
        EXPECT_TRUE(std::ranges::none_of(e->terms, [](const Term& t) { return t.padding() && t.product != 0.0; }));
        EXPECT_EQ(e->terms.size(), static_cast<std::size_t>(e->channels * e->window.h * e->window.w));
        EXPECT_EQ(e->subtotals.size(), static_cast<std::size_t>(e->channels));
    }
}

TEST(Explain, TheTermsOfAnyConvolutionAddUpToTheGridsValue) {
    Random random(11);
    for (int i = 0; i < 100; ++i) {
        const auto c = reference::random_case(random);
        SCOPED_TRACE(describe(c));
        const Network network{{Layer{"conv", random_layer(c, Numbers::reals, random)}, Layer{"relu", ReLU{}}}};
        const auto input = shared(reference::random_tensor(c.input, Numbers::reals, random));
        check(network, input, 0, 2, random);
        check(network, input, 1, 2, random);
    }
}

TEST(Explain, TheTermsOfEveryKindOfLayerAddUpToTheGridsValue) {
    Random random(12);
    int kinds = 0;
    for (const auto& c : reference::layer_cases()) {
        if (c.input.count() > 100000) continue;
        SCOPED_TRACE(describe(c));
        ++kinds;
        check(Network{{Layer{"layer", with_numbers(c.spec, Numbers::reals, random)}}},
              shared(reference::random_tensor(c.input, Numbers::reals, random)), 0, 6, random);
    }
    EXPECT_GE(kinds, 14);
}

Network small_network(Random& random) {
    const auto conv = [&](int in, int out, ConvParams p) {
        return random_layer({{1, in, 9, 9}, out, {3, 3}, p, true}, Numbers::reals, random);
    };
    return {{{"conv1", conv(3, 4, {{1, 1}, {1, 1}, false, {1, 1}, 1, PaddingMode::circular, false})},
             {"norm1", with_numbers(BatchNorm2dSpec{4, 1e-5F, true}, Numbers::reals, random)},
             {"leaky1", LeakyReLU{0.1F}},
             {"pool1", MaxPool2d{}},
             {"flatten", Flatten{}},
             {"drop", Dropout{}},
             {"fc", with_numbers(LinearSpec{4 * 10 * 8, 5, true}, Numbers::reals, random)},
             {"sigmoid", Sigmoid{}},
             {"softmax", Softmax{}}}};
}

TEST(Explain, EveryLayerOfAChainIsExplained) {
    Random random(13);
    const Network network = small_network(random);
    const auto input = shared(reference::random_tensor({2, 3, 20, 17}, Numbers::reals, random));
    for (int layer = 0; layer < 9; ++layer) {
        SCOPED_TRACE(layer);
        check(network, input, layer, 10, random);
    }
}

TEST(Explain, PointwiseLayersAreStepsOfTheLayerBeforeThem) {
    Random random(14);
    const Network network = small_network(random);
    const auto input = shared(reference::random_tensor({1, 3, 20, 17}, Numbers::reals, random));
    auto backend = *make_cpu_backend({});
    const auto e = explain(network, input, 2, 0, {1, 2, 3}, *backend, Cancel());
    ASSERT_TRUE(e);
    EXPECT_EQ(e->layer, "conv1");
    EXPECT_EQ(e->asked_layer, "leaky1");
    ASSERT_EQ(e->steps.size(), 2U);
    EXPECT_EQ(e->steps[0].layer, "norm1");
    const auto flat = explain(network, input, 5, 0, {83, 0, 0}, *backend, Cancel());
    ASSERT_TRUE(flat);
    EXPECT_EQ(flat->layer, "pool1");
    ASSERT_EQ(flat->terms.size(), 4U);
    EXPECT_EQ(flat->terms[0].from, (PixelPosition{1, 0, 6}));  // 83 = 1 * 80 + 0 * 8 + 3, and a pool of 2
}

TEST(Explain, AGroupNormIsAStepOfTheWindowBeforeIt) {
    Random random(16);
    const Network network{
        {{"conv1", random_layer({{1, 3, 9, 9}, 6, {3, 3}, {{1, 1}, {1, 1}}, true}, Numbers::reals, random)},
         {"gn1", with_numbers(GroupNormSpec{2, 6}, Numbers::reals, random)},
         {"relu1", ReLU{}}}};
    const auto input = shared(reference::random_tensor({2, 3, 12, 14}, Numbers::reals, random));
    check(network, input, 1, 10, random);
    check(network, input, 2, 10, random);
    auto backend = *make_cpu_backend({});
    const auto e = explain(network, input, 1, 1, {4, 5, 6}, *backend, Cancel());
    ASSERT_TRUE(e);
    EXPECT_EQ(e->layer, "conv1");
    ASSERT_EQ(e->steps.size(), 2U);
    EXPECT_TRUE(e->steps[0].formula.ends_with(", mean and variance of channels 3 to 5")) << e->steps[0].formula;
    ASSERT_EQ(e->boxes.size(), 2U);
    EXPECT_EQ(e->boxes[0], (Rect{5, 4, 3, 3})) << "the kernel's window, not all that the mean is made of";
    EXPECT_EQ(e->boxes[1], (Rect{6, 5, 1, 1}));
    EXPECT_EQ(receptive_boxes(network, input->shape(), 1, {4, 5, 6})[0], (Rect{0, 0, 14, 12}));
}

TEST(Explain, SobelOnAStepGivesFourFourZeroAndItsFlipTheNegative) {
    Tensor step({1, 1, 5, 5});
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 5; ++x) step.at(0, 0, y, x) = x >= 2 ? 1.0F : 0.0F;
    Tensor sobel({1, 1, 3, 3});
    std::ranges::copy(std::array{-1.0F, 0.0F, 1.0F, -2.0F, 0.0F, 2.0F, -1.0F, 0.0F, 1.0F}, sobel.data());
    const auto input = shared(std::move(step));
    auto backend = *make_cpu_backend({});
    for (const bool flip : {false, true}) {
        ConvParams params;
        params.flip = flip;
        const Network network{{Layer{"conv", Conv2d{params, shared(sobel.clone()), nullptr}}}};
        const double expected[] = {4, 4, 0};
        for (int x = 0; x < 3; ++x) {
            const auto e = explain(network, input, 0, 0, {0, 1, x}, *backend, Cancel());
            ASSERT_TRUE(e);
            EXPECT_EQ(e->total, flip ? -expected[x] : expected[x]);
            EXPECT_EQ(e->terms[2].weight, flip ? -1.0F : 1.0F) << "the kernel is listed as it is applied";
        }
    }
}

TEST(Explain, TheWinnerOfAMaximumIsNamed) {
    Tensor values({1, 1, 2, 2}, 1.0F);
    values.at(0, 0, 1, 0) = 5.0F;
    auto backend = *make_cpu_backend({});
    const auto e =
        explain(Network{{Layer{"pool", MaxPool2d{}}}}, shared(std::move(values)), 0, 0, {0, 0, 0}, *backend, Cancel());
    ASSERT_TRUE(e);
    EXPECT_EQ(e->winner, 2);
    EXPECT_EQ(e->total, 5.0);
}

TEST(Explain, ASpotOutsideIsRefused) {
    auto backend = *make_cpu_backend({});
    const auto e = explain(Network{{Layer{"pool", MaxPool2d{}}}}, shared(Tensor({1, 1, 4, 4}, 0.0F)), 0, 0, {0, 2, 0},
                           *backend, Cancel());
    ASSERT_FALSE(e);
    EXPECT_NE(e.error().message.find("y 2"), std::string::npos);
}

TEST(Explain, TheTextHasEveryProductAndThePadding) {
    Random random(15);
    const Network network{{Layer{
        "conv", random_layer({{1, 2, 4, 4}, 1, {3, 3}, {{1, 1}, {1, 1}}, true}, Numbers::small_integers, random)}}};
    auto backend = *make_cpu_backend({});
    const auto e = explain(network, shared(Tensor({1, 2, 4, 4}, 1.0F)), 0, 0, {0, 0, 0}, *backend, Cancel());
    ASSERT_TRUE(e);
    const std::string text = to_text(*e);
    EXPECT_NE(text.find("input channel 1:"), std::string::npos);
    EXPECT_NE(text.find("(padding 0) x"), std::string::npos);
    EXPECT_NE(text.find("bias"), std::string::npos);
}

/// conv1 and relu1, a skip around them, their sum, a gate for each channel, and the channels of three of these.
Network branches(Random& random) {
    const auto conv = [&](int in, int kernel, int padding) {
        reference::ConvCase c{{1, in, 1, 1}, 4, {kernel, kernel}, {}, true};
        c.params.padding = {padding, padding};
        return random_layer(c, Numbers::reals, random);
    };
    return {{{"conv1", conv(2, 3, 1)},
             {"relu1", ReLU{}},
             {"skip", conv(2, 1, 0), {-1}},
             {"add", Add{}, {1, 2}},
             {"mean", AdaptiveAvgPool2d{{1, 1}}},
             {"gate", Multiply{}, {4, 3}},
             {"tanh", Tanh{}},
             {"concat", Concat{}, {3, -1, 6}},
             {"relu2", ReLU{}}}};
}

TEST(Explain, EveryValueOfANetworkWithBranchesAddsUp) {
    Random random(21);
    const Network network = branches(random);
    const auto input = shared(reference::random_tensor({2, 2, 9, 7}, Numbers::reals, random));
    for (int layer = 0; layer < 9; ++layer) {
        SCOPED_TRACE(network.layers[static_cast<std::size_t>(layer)].name);
        check(network, input, layer, 20, random);
    }
}

TEST(Explain, ASumAndAProductNameTheirInputs) {
    Random random(22);
    const Network network = branches(random);
    const auto input = shared(reference::random_tensor({1, 2, 9, 7}, Numbers::reals, random));
    auto backend = *make_cpu_backend({});
    const auto sum = explain(network, input, 3, 0, {1, 4, 5}, *backend, Cancel());
    ASSERT_TRUE(sum) << sum.error().message;
    EXPECT_EQ(sum->inputs, (std::vector<std::string>{"relu1", "skip"}));
    EXPECT_EQ(sum->rule, TermRule::sum);
    EXPECT_FALSE(sum->has_weights());
    EXPECT_EQ(sum->terms[1].from, (PixelPosition{1, 4, 5}));
    EXPECT_NE(to_text(*sum).find("relu1:"), std::string::npos) << to_text(*sum);
    EXPECT_EQ(sum->boxes[0], (Rect{4, 3, 3, 3})) << "both paths together";
    EXPECT_EQ(sum->boxes[2], (Rect{5, 4, 1, 1})) << "the output of relu1";
    const auto product = explain(network, input, 6, 0, {1, 4, 5}, *backend, Cancel());
    ASSERT_TRUE(product) << product.error().message;
    EXPECT_EQ(product->layer, "gate");
    EXPECT_EQ(product->rule, TermRule::product);
    EXPECT_EQ(product->terms[0].from, (PixelPosition{1, 0, 0})) << "the gate of the channel";
    ASSERT_EQ(product->steps.size(), 1U);
    EXPECT_EQ(product->steps[0].layer, "tanh");
    EXPECT_EQ(product->boxes[0], (Rect{0, 0, 7, 9})) << "the mean sees everything";
}

TEST(Explain, AConcatForwardsToTheInputThatHasTheChannel) {
    Random random(23);
    const Network network = branches(random);
    const auto input = shared(reference::random_tensor({1, 2, 9, 7}, Numbers::reals, random));
    auto backend = *make_cpu_backend({});
    const auto last = explain(network, input, 8, 0, {7, 2, 3}, *backend, Cancel());  // channel 1 of tanh
    ASSERT_TRUE(last) << last.error().message;
    EXPECT_EQ(last->layer, "gate");
    ASSERT_EQ(last->steps.size(), 3U);
    EXPECT_EQ(last->steps[1].formula, "x (channel 1 of tanh)");
    const auto picture = explain(network, input, 7, 0, {5, 2, 3}, *backend, Cancel());  // channel 1 of the input
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(picture->layer, "concat");
    EXPECT_EQ(picture->rule, TermRule::value);
    EXPECT_EQ(picture->terms[0].from, (PixelPosition{1, 2, 3}));
    EXPECT_EQ(picture->boxes[0], (Rect{3, 2, 1, 1}));
    EXPECT_EQ(picture->boxes[1], Rect{}) << "conv1 does not matter";
}

}  // namespace
}  // namespace convlens
