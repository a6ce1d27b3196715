/// Gradients of random layers of every kind against finite differences in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "engine/cpu/simd.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/layer_reference.h"
#include "engine/train/backpropagation.h"
#include "engine/train/backward.h"
#include "engine/train/lane_net.h"

namespace convlens::test {
namespace {

using reference::Numbers;

constexpr float spacing = 0x1p-9F, step = 0x1p-12F;

/// Returns different multiples of `spacing` in random order, none of which is 0: a change by `step` is exact, and moves
/// no value over the kink of a ReLU or of a maximum.
Tensor far_from_kinks(const Shape& shape, Random& random) {
    Tensor t(shape);
    const int half = static_cast<int>(t.size() / 2);
    for (int i = 0; i < static_cast<int>(t.size()); ++i)
        t.data()[i] = spacing * static_cast<float>(i < half ? i - half : i - half + 1);
    for (int i = static_cast<int>(t.size()) - 1; i > 0; --i) std::swap(t.data()[i], t.data()[random.whole(0, i)]);
    return t;
}

double weighted_sum(const Operation& operation, const Tensor& input, const Shape& out, const Tensor& weights) {
    const auto* conv = std::get_if<Conv2d>(&operation);
    const reference::Reference y =
        conv ? reference::reference_conv2d(*conv, input) : reference::reference_layer(operation, input, out);
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += y.values[i] * static_cast<double>(weights.data()[i]);
    return sum;
}

/// Compares some values of the gradient by the input with central differences.
void expect_gradient(const Operation& operation, const Shape& in, Random& random) {
    const Shape out = output_shape(spec_of(operation), in).value();
    const auto input = std::make_shared<const Tensor>(far_from_kinks(in, random));
    const Tensor weights = reference::random_tensor(out, Numbers::reals, random);
    const Network network{{{"x", operation}}};
    const Simd& simd = available_simd().front();
    const Tensor lanes = backward(network, *input, weights, simd).value().input.clone();
    auto chain = Backpropagation::make(network, in, simd).value();
    ASSERT_TRUE(chain.forward(input, Cancel()));
    const Tensor single = chain.backward(0, weights.clone(), ReluRule::gradient, Cancel()).value();
    double largest = 1e-3;
    for (const float g : lanes.values()) largest = std::max(largest, static_cast<double>(std::abs(g)));
    for (int k = 0; k < 12; ++k) {
        const auto i = static_cast<std::size_t>(random.whole(0, static_cast<int>(input->size()) - 1));
        Tensor up = input->clone(), down = input->clone();
        up.data()[i] += step, down.data()[i] -= step;
        const double expected =
            (weighted_sum(operation, up, out, weights) - weighted_sum(operation, down, out, weights)) /
            (2 * static_cast<double>(step));
        EXPECT_NEAR(static_cast<double>(lanes.data()[i]), expected, 2e-5 * largest) << i;
        EXPECT_NEAR(static_cast<double>(single.data()[i]), expected, 2e-5 * largest) << i;
    }
}

TEST(GradientProperty, EveryKindOfLayerIsWhatFiniteDifferencesSay) {
    Random random(3);
    int cases = 0;
    for (const reference::LayerCase& c : reference::layer_cases()) {
        if (c.input.count() > 8192 || output_shape(c.spec, c.input).value().count() > 8192) continue;
        SCOPED_TRACE(reference::describe(c));
        // Those of layers that join values are computed by LaneNet and Backpropagation themselves.
        EXPECT_EQ(check_gradient({"x", c.spec}).has_value(), !is_join(c.spec));
        expect_gradient(reference::with_numbers(c.spec, Numbers::reals, random), c.input, random);
        ++cases;
    }
    EXPECT_GT(cases, 100);
}

TEST(GradientProperty, ConvolutionsAreWhatFiniteDifferencesSay) {
    Random random(4);
    for (int i = 0; i < 60; ++i) {
        const reference::ConvCase c = reference::random_case(random);
        SCOPED_TRACE(reference::describe(c));
        expect_gradient(reference::random_layer(c, Numbers::reals, random), c.input, random);
    }
}

}  // namespace
}  // namespace convlens::test
