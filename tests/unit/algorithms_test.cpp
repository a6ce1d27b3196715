/// The algorithms of a convolution against sums in double precision on random shapes.
#include "engine/filter/algorithms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace convlens::test {
namespace {

Tensor noise(Shape shape, std::mt19937& random) {
    Tensor made(shape);
    for (float& v : made.values()) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return made;
}

double exact(const Tensor& input, const Tensor& weight, int k, int y, int x) {
    double sum = 0;
    for (int c = 0; c < weight.shape().c; ++c)
        for (int i = 0; i < weight.shape().h; ++i)
            for (int j = 0; j < weight.shape().w; ++j)
                sum += static_cast<double>(weight.at(k, c, i, j)) * static_cast<double>(input.at(0, c, y + i, x + j));
    return sum;
}

TEST(Algorithms, AllComputeTheSameOnRandomShapes) {
    std::mt19937 random(5);
    const auto whole = [&](int lo, int hi) {
        return lo + static_cast<int>(random() % static_cast<unsigned>(hi - lo + 1));
    };
    int winograd = 0;
    for (int round = 0; round < 40; ++round) {
        const ConvSizes p{whole(1, 6), whole(1, 7), round % 2 ? 3 : 2 * whole(0, 5) + 1, whole(1, 21), whole(1, 30)};
        const Tensor input = noise({1, p.channels, p.height + p.kernel - 1, p.width + p.kernel - 1}, random);
        const Tensor weight = noise({p.kernels, p.channels, p.kernel, p.kernel}, random);
        for (int a = 0; a < conv_algorithms; ++a) {
            const auto algorithm = static_cast<ConvAlgorithm>(a);
            if (!can_compute(algorithm, p)) continue;
            winograd += algorithm == ConvAlgorithm::winograd4;
            const auto found = convolve(algorithm, input, weight, Cancel());
            ASSERT_TRUE(found);
            ASSERT_EQ(found->shape(), (Shape{1, p.kernels, p.height, p.width}));
            double largest = 0, most = 0;
            for (int k = 0; k < p.kernels; ++k)
                for (int y = 0; y < p.height; ++y)
                    for (int x = 0; x < p.width; ++x) {
                        const double v = exact(input, weight, k, y, x);
                        most = std::max(most, std::abs(v));
                        largest = std::max(largest, std::abs(v - static_cast<double>(found->at(0, k, y, x))));
                    }
            EXPECT_LT(largest, 2e-5 * std::max(most, 0.1)) << conv_algorithm_names()[static_cast<std::size_t>(a)];
        }
    }
    EXPECT_GE(winograd, 20);
}

TEST(Algorithms, StepsEndWithTheOutput) {
    std::vector<double> input, kernel;
    for (int i = 0; i < 36; ++i) input.push_back((i * 7) % 11 - 4);
    for (int i = 0; i < 9; ++i) kernel.push_back((i * 5) % 7 - 3);
    for (int a = 0; a < conv_algorithms; ++a) {
        const auto steps = algorithm_steps(static_cast<ConvAlgorithm>(a), input, kernel);
        ASSERT_GE(steps.size(), 3U);
        for (const ConvStep& step : steps)
            for (const StepMatrix& m : step.matrices) {
                ASSERT_EQ(m.values.size(), static_cast<std::size_t>(m.rows * m.columns));
                ASSERT_EQ(m.lit.size(), m.values.size());
            }
        const StepMatrix& output = steps.back().matrices.back();
        ASSERT_EQ(output.values.size(), 16U);
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 4; ++x) {
                double sum = 0;
                for (int i = 0; i < 9; ++i)
                    sum += kernel[static_cast<std::size_t>(i)] *
                           input[static_cast<std::size_t>((y + i / 3) * 6 + x + i % 3)];
                EXPECT_NEAR(output.values[static_cast<std::size_t>(y * 4 + x)], sum, 1e-9) << a;
            }
    }
}

TEST(Algorithms, CostsAreThoseOfTheFormulas) {
    const ConvSizes p{64, 64, 3, 56, 56};
    const double direct = conv_cost(ConvAlgorithm::direct, p).multiplications;
    EXPECT_EQ(direct, 64.0 * 64 * 9 * 56 * 56);
    EXPECT_EQ(direct / conv_cost(ConvAlgorithm::winograd2, p).multiplications, 2.25);
    EXPECT_EQ(direct / conv_cost(ConvAlgorithm::winograd4, p).multiplications, 4);
    EXPECT_EQ(conv_cost(ConvAlgorithm::im2col, p).memory, 64.0 * 9 * 56 * 56);
    EXPECT_EQ(conv_cost(ConvAlgorithm::direct, p).multiplications_formula, "C K k^2 H W = 64 * 64 * 3^2 * 56 * 56");
}

TEST(Algorithms, MeasuresTimesAndErrors) {
    const auto found = measure_algorithms({2, 3, 3, 20, 20}, Cancel());
    ASSERT_TRUE(found && *found);
    ASSERT_EQ((*found)->size(), 6U);
    for (const MeasuredAlgorithm& made : **found) {
        EXPECT_TRUE(made.possible);
        EXPECT_GT(made.milliseconds, 0) << made.name;
        EXPECT_LT(made.error, 1e-5) << made.name;
    }
    EXPECT_GT((**found)[4].error, (**found)[0].error / 2) << "Winograd's large tiles are not more exact";
    const auto five = measure_algorithms({2, 3, 5, 20, 20}, Cancel());
    EXPECT_FALSE((**five)[3].possible);
    EXPECT_FALSE(*measure_algorithms({2000, 3000, 31, 512, 512}, Cancel()));
}

TEST(Algorithms, BreakEvenHasACurveForEach) {
    const auto found = break_even({1, 1, 3, 16, 16}, 5, Cancel());
    ASSERT_TRUE(found && *found);
    ASSERT_EQ((*found)->curves.size(), 6U);
    EXPECT_EQ((*found)->curves[0].x, (std::vector<double>{1, 3, 5}));
    EXPECT_TRUE(std::isnan((*found)->curves[3].y[0]));
    EXPECT_GT((*found)->curves[3].y[1], 0);
}

}  // namespace
}  // namespace convlens::test
