/// The algebra of convolutions, as properties of random layers, and kernels fitted to painted pixels.
#include "engine/filter/algebra.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/filter/painted_filter.h"

namespace convlens::test {
namespace {

class FilterAlgebra : public testing::Test {
  protected:
    int whole(int lo, int hi) { return std::uniform_int_distribution(lo, hi)(random_); }

    Tensor noise(const Shape& shape) {
        std::normal_distribution<float> normal;
        Tensor t(shape);
        for (float& v : t.values()) v = normal(random_);
        return t;
    }

    Tensor output(const Conv2d& conv, const Tensor& input) {
        Tensor made(output_shape(conv, input.shape()).value());
        EXPECT_TRUE(conv2d_forward(conv, input, simd_, Cancel(), made));
        return made;
    }

    static Conv2d conv_of(Tensor weight) {
        Conv2d conv;
        conv.weight = std::make_shared<const Tensor>(std::move(weight));
        return conv;
    }

    std::mt19937 random_{7};
    const Simd& simd_ = available_simd().front();
};

TEST_F(FilterAlgebra, TwoConvolutionsInARowAreOne) {
    for (int round = 0; round < 30; ++round) {
        const int c0 = whole(1, 3), c1 = whole(1, 4), c2 = whole(1, 3);
        const Tensor first = noise({c1, c0, whole(1, 5), whole(1, 5)}),
                     second = noise({c2, c1, whole(1, 4), whole(1, 4)}),
                     input = noise({2, c0, whole(9, 20), whole(9, 20)});
        const Tensor in_a_row = output(conv_of(second.clone()), output(conv_of(first.clone()), input)),
                     at_once = output(conv_of(composed_kernels(first, second)), input);
        ASSERT_EQ(in_a_row.shape(), at_once.shape());
        EXPECT_LT(relative_difference(in_a_row, at_once), 1e-5);
    }
}

TEST_F(FilterAlgebra, TheAdjointMovesToTheOtherSideOfAScalarProduct) {
    for (int round = 0; round < 40; ++round) {
        Conv2d conv = conv_of(noise({whole(1, 4), whole(1, 3), whole(1, 5), whole(1, 5)}));
        conv.params.dilation = {whole(1, 2), whole(1, 2)};
        conv.params.padding = {whole(0, conv.params.dilation.h * (conv.kernel_size().h - 1)),
                               whole(0, conv.params.dilation.w * (conv.kernel_size().w - 1))};
        conv.params.flip = whole(0, 1) == 1;
        const Tensor x = noise({1, conv.weight->shape().c, whole(10, 20), whole(10, 20)});
        const Tensor ax = output(conv, x), y = noise(ax.shape());
        const auto transposed = adjoint(conv);
        ASSERT_TRUE(transposed) << transposed.error().message;
        const Tensor back = output(*transposed, y);
        ASSERT_EQ(back.shape(), x.shape());
        const double scale = std::sqrt(scalar_product(ax, ax) * scalar_product(y, y));
        EXPECT_NEAR(scalar_product(ax, y) / scale, scalar_product(x, back) / scale, 1e-6);
    }
}

TEST_F(FilterAlgebra, OtherConvolutionsHaveNoSuchAdjoint) {
    Conv2d strided = conv_of(noise({2, 2, 3, 3}));
    strided.params.stride = {2, 2};
    EXPECT_FALSE(adjoint(strided));
    Conv2d padded = conv_of(noise({2, 2, 3, 3}));
    padded.params.padding = {3, 3};
    EXPECT_FALSE(adjoint(padded));
}

TEST_F(FilterAlgebra, DepthwiseAndPointwiseKernelsAreFound) {
    // Products of a kernel per input channel and a matrix are found exactly; other kernels are not.
    const Tensor depthwise = noise({1, 3, 5, 4}), pointwise = noise({8, 3, 1, 1});
    Tensor product({8, 3, 5, 4});
    for (int o = 0; o < 8; ++o)
        for (int c = 0; c < 3; ++c)
            for (std::size_t i = 0; i < 20; ++i)
                product.plane(o, c)[i] = pointwise.at(o, c, 0, 0) * depthwise.plane(0, c)[i];
    const DepthwiseFit exact = depthwise_fit(product);
    EXPECT_LT(exact.error, 1e-6);
    EXPECT_EQ(exact.macs, 3 * 20 + 3 * 8);
    EXPECT_EQ(exact.full_macs, 3 * 8 * 20);
    const double other = depthwise_fit(noise({8, 3, 5, 4})).error;
    EXPECT_GT(other, 0.5);
    EXPECT_LT(other, 1);
    EXPECT_LT(depthwise_fit(noise({1, 3, 5, 4})).error, 1e-6) << "one kernel is its own depthwise part";
}

TEST_F(FilterAlgebra, NumbersShowWhatHoldsAndWhatAReluBreaks) {
    const Tensor kernel = noise({1, 3, 5, 5}), second = noise({1, 1, 3, 3}), input = noise({1, 3, 30, 40});
    const auto made = algebra_numbers(kernel, second, input, simd_, Cancel());
    ASSERT_TRUE(made && *made);
    const AlgebraNumbers& n = **made;
    EXPECT_EQ(n.composed.shape(), (Shape{1, 3, 7, 7}));
    EXPECT_LT(n.composition, 1e-5);
    EXPECT_GT(n.relu, 0.1);
    EXPECT_NEAR(n.forward, n.backward, 1e-4 * std::abs(n.forward) + 1e-3);
    EXPECT_GT(n.rotation, 0.1);
    EXPECT_LT(n.dilation, 1e-6);
    EXPECT_EQ(n.macs_in_a_row, 75 + 9);
    EXPECT_EQ(n.macs_at_once, 147);
    const auto small = algebra_numbers(kernel, second, noise({1, 3, 6, 40}), simd_, Cancel());
    ASSERT_TRUE(small);
    EXPECT_FALSE(*small);
}

TEST_F(FilterAlgebra, PaintedPixelsGiveTheKernelThatPaintsThem) {
    // Paint by the sign of a planted kernel's answer: a fit answers with the same sign nearly everywhere.
    const Tensor kernel = noise({1, 2, 3, 3}), input = noise({1, 2, 60, 70});
    Conv2d conv = conv_of(kernel.clone());
    conv.params.padding = {1, 1};
    const Tensor answers = output(conv, input);
    PaintedImage paint{60, 70, std::vector<Paint>(60 * 70, Paint::none)};
    for (std::size_t i = 0; i < paint.pixels.size(); ++i) {
        const bool yes = answers.data()[i] > 0;
        if (i % 3 == 0) paint.pixels[i] = yes ? Paint::yes : Paint::no;
        if (i % 7 == 1 && paint.pixels[i] == Paint::none) paint.pixels[i] = yes ? Paint::test_yes : Paint::test_no;
    }
    const auto fit = fit_painted(input, paint, 3, 1e-6);
    ASSERT_TRUE(fit) << fit.error().message;
    EXPECT_GT(fit->right, 0.95);
    EXPECT_GT(fit->test_right, 0.95);
    EXPECT_EQ(fit->samples, 1400);
    const double cosine = scalar_product(kernel, fit->kernel) /
                          std::sqrt(scalar_product(kernel, kernel) * scalar_product(fit->kernel, fit->kernel));
    EXPECT_GT(cosine, 0.98);
    // The same bits on any number of threads.
    const MoreThreadsThanCores more(4);
    Arena four(4);
    const auto again = four.execute([&] { return fit_painted(input, paint, 3, 1e-6); });
    EXPECT_TRUE(std::ranges::equal(fit->kernel.values(), again->kernel.values()));
}

TEST_F(FilterAlgebra, LinearPaintIsFittedExactlyAndRegularizationShrinks) {
    // Two pixels and one value: kernel * x + bias = paint has one solution.
    Tensor input({1, 1, 1, 2});
    input.at(0, 0, 0, 0) = 3;
    input.at(0, 0, 0, 1) = 1;
    const PaintedImage paint{1, 2, {Paint::yes, Paint::no}};
    const auto fit = fit_painted(input, paint, 1, 0);
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->kernel.data()[0], 1, 1e-5);
    EXPECT_NEAR(fit->bias, -2, 1e-5);
    EXPECT_LT(fit->error, 1e-5);
    // With the regularization as large as the variance, half of it is left.
    const auto shrunk = fit_painted(input, paint, 1, 1);
    EXPECT_NEAR(shrunk->kernel.data()[0], 0.5, 1e-5);
}

TEST_F(FilterAlgebra, PaintIsRefusedWithASentence) {
    const Tensor input = noise({1, 1, 8, 8});
    PaintedImage paint{8, 8, std::vector<Paint>(64, Paint::yes)};
    EXPECT_EQ(fit_painted(input, paint, 3, 0.1).error().message, "paint some pixels with yes and some with no");
    EXPECT_FALSE(fit_painted(input, {8, 7, std::vector<Paint>(56)}, 3, 0.1));
    EXPECT_FALSE(fit_painted(noise({1, 30, 8, 8}), paint, 9, 0.1));
}

}  // namespace
}  // namespace convlens::test
