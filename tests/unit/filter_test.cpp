/// What is read off kernels as filters; see tests/golden/filters_golden_test.cpp for the numbers of NumPy and SciPy.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "engine/filter/filter_bank.h"
#include "engine/filter/separable.h"
#include "engine/filter/svd.h"

namespace convlens::test {
namespace {

Tensor kernel_of(int side, const std::vector<float>& values) {
    Tensor t({1, 1, side, side});
    std::ranges::copy(values, t.data());
    return t;
}

FilterNumbers numbers_of(int side, const std::vector<float>& values) {
    return read_off(magnitudes(ResponsePlan({side, side}, 128).response(values)));
}

Tensor random_kernels(const Shape& shape, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    Tensor t(shape);
    for (float& v : t.values()) v = normal(random);
    return t;
}

TEST(Filter, TellsWhatPasses) {
    const std::vector<float> identity{0, 0, 0, 0, 1, 0, 0, 0, 0}, box(9, 1.0F / 9),
        laplace{0, -1, 0, -1, 4, -1, 0, -1, 0}, sobel_x{-1, 0, 1, -2, 0, 2, -1, 0, 1};
    EXPECT_EQ(numbers_of(3, identity).kind, FilterKind::all_pass);
    EXPECT_EQ(numbers_of(3, box).kind, FilterKind::low_pass);
    EXPECT_EQ(numbers_of(3, laplace).kind, FilterKind::high_pass);
    EXPECT_EQ(numbers_of(3, sobel_x).kind, FilterKind::band_pass);
    EXPECT_EQ(numbers_of(3, std::vector<float>(9, 0.0F)).kind, FilterKind::none);
}

TEST(Filter, ReadsTheNumbersOfTextbookFilters) {
    const FilterNumbers sobel = numbers_of(3, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
    EXPECT_NEAR(sobel.peak, 8, 1e-3);
    EXPECT_NEAR(sobel.frequency, 0.25, 1e-4);
    EXPECT_NEAR(sobel.orientation, 0, 0.01);
    EXPECT_NEAR(sobel.dc, 0, 1e-6);
    // |sin(2 pi f)| is half at 1/12 and at 5/12.
    EXPECT_NEAR(sobel.bandwidth, std::log2(5.0), 0.01);
    const FilterNumbers sobel_y = numbers_of(3, {-1, -2, -1, 0, 0, 0, 1, 2, 1});
    EXPECT_NEAR(sobel_y.orientation, 90, 0.01);
    // 2 + 2 cos(2 pi f) is 4 / sqrt(2) at acos(sqrt(2) - 1) / (2 pi); horizontally averaged, too: between both.
    const FilterNumbers box = numbers_of(3, std::vector<float>(9, 1.0F / 9));
    EXPECT_TRUE(std::isnan(box.bandwidth));
    EXPECT_NEAR(box.dc, 1, 1e-6);
    EXPECT_NEAR(box.cutoff, 0.155, 0.01);
    EXPECT_LT(box.selectivity, 0.01);
    // A wave that rises to the right and upward changes at 45 degrees.
    std::vector<float> diagonal;
    for (int y = 0; y < 15; ++y)
        for (int x = 0; x < 15; ++x)
            diagonal.push_back(std::cos(static_cast<float>(2 * std::numbers::pi * 0.15 * (x - y))) *
                               std::exp(-static_cast<float>((x - 7) * (x - 7) + (y - 7) * (y - 7)) / 30.0F));
    const FilterNumbers wave = numbers_of(15, diagonal);
    EXPECT_NEAR(wave.orientation, 45, 0.5);
    EXPECT_NEAR(wave.frequency, 0.15 * std::numbers::sqrt2, 0.003);
    EXPECT_GT(wave.selectivity, 0.9);
    EXPECT_LT(wave.spread, 60);
}

TEST(Filter, WavesAreMultipliedByTheResponse) {
    const Tensor kernel = random_kernels({1, 1, 5, 4}, 3);
    constexpr int size = 32;
    const FrequencyResponse r = ResponsePlan({5, 4}, size).response(kernel.values());
    for (const auto& [row, column] : {std::pair(0, 0), {3, 5}, {29, 7}, {16, 16}, {31, 0}}) {
        // Correlates with the wave at (0, 0), as Conv2d does.
        std::complex<double> sum;
        for (int y = 0; y < 5; ++y)
            for (int x = 0; x < 4; ++x)
                sum += static_cast<double>(kernel.at(0, 0, y, x)) *
                       std::polar(1.0, 2 * std::numbers::pi * (row * (y - 2) + column * (x - 1)) / size);
        EXPECT_NEAR(std::abs(sum - std::complex<double>(r.at(row, column))), 0, 1e-5) << row << ", " << column;
    }
}

TEST(Filter, SvdGivesTheMatrixAndOrthonormalVectors) {
    for (const auto& [rows, columns] : {std::pair(1, 1), {7, 7}, {3, 9}, {11, 4}, {20, 20}}) {
        const Tensor t = random_kernels({1, 1, rows, columns}, 5);
        const std::vector<double> a(t.values().begin(), t.values().end());
        const Svd d = svd(a, rows, columns);
        ASSERT_EQ(d.rank, std::min(rows, columns));
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x) {
                double sum = 0;
                for (int i = 0; i < d.rank; ++i)
                    sum += d.s[static_cast<std::size_t>(i)] * d.u[static_cast<std::size_t>(i * rows + y)] *
                           d.v[static_cast<std::size_t>(i * columns + x)];
                EXPECT_NEAR(sum, a[static_cast<std::size_t>(y * columns + x)], 1e-13);
            }
        for (int i = 0; i < d.rank; ++i)
            for (int j = 0; j < d.rank; ++j) {
                double sum_u = 0, sum_v = 0;
                for (int k = 0; k < rows; ++k)
                    sum_u += d.u[static_cast<std::size_t>(i * rows + k)] * d.u[static_cast<std::size_t>(j * rows + k)];
                for (int k = 0; k < columns; ++k)
                    sum_v +=
                        d.v[static_cast<std::size_t>(i * columns + k)] * d.v[static_cast<std::size_t>(j * columns + k)];
                EXPECT_NEAR(sum_u, i == j ? 1 : 0, 1e-13);
                EXPECT_NEAR(sum_v, i == j ? 1 : 0, 1e-13);
            }
    }
}

TEST(Filter, BoxGaussAndSobelHaveRankOne) {
    const std::vector<std::vector<float>> kernels{
        std::vector<float>(9, 1.0F / 9), {1, 2, 1, 2, 4, 2, 1, 2, 1}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}};
    for (const auto& values : kernels) {
        const SeparableKernel k(kernel_of(3, values), 0, ChannelSplit::per_channel);
        EXPECT_LT(k.error(1), 1e-7);
        EXPECT_EQ(k.rank_for(1e-6), 1);
        EXPECT_EQ(k.multiply_adds(1), 6);
        EXPECT_EQ(k.direct_multiply_adds(), 9);
    }
    const SeparableKernel laplace(kernel_of(3, {0, -1, 0, -1, 4, -1, 0, -1, 0}), 0, ChannelSplit::per_channel);
    EXPECT_EQ(laplace.rank_for(1e-6), 2);
    const SeparableKernel zero(kernel_of(3, std::vector<float>(9, 0.0F)), 0, ChannelSplit::joint);
    EXPECT_EQ(zero.error(0), 0);
}

TEST(Filter, ErrorIsThatOfTheApproximation) {
    const Tensor weight = random_kernels({2, 3, 7, 5}, 9);
    for (const ChannelSplit split : {ChannelSplit::per_channel, ChannelSplit::joint}) {
        const SeparableKernel k(weight, 1, split);
        EXPECT_EQ(k.full_rank(), 5);
        for (int rank = 0; rank <= 5; ++rank) {
            const Tensor close = k.approximation(rank);
            double difference = 0, all = 0;
            for (std::size_t i = 0; i < close.size(); ++i) {
                const auto w = static_cast<double>(weight.plane(1, 0).data()[i]);
                difference += std::pow(w - static_cast<double>(close.values()[i]), 2);
                all += w * w;
            }
            EXPECT_NEAR(k.error(rank), std::sqrt(difference / all), 1e-6) << rank;
        }
    }
    EXPECT_EQ(SeparableKernel(weight, 0, ChannelSplit::per_channel).multiply_adds(2), 3 * 2 * (7 + 5));
    EXPECT_EQ(SeparableKernel(weight, 0, ChannelSplit::joint).multiply_adds(2), 2 * (3 * 7 + 5));
}

TEST(Filter, GaborOfFewValuesOrOfZerosIsNotFitted) {
    EXPECT_FALSE(fit_gabor(std::vector<float>(9, 1.0F), {3, 3}));
    EXPECT_FALSE(fit_gabor(std::vector<float>(25, 0.0F), {5, 5}));
    EXPECT_FALSE(fit_gabor(std::vector<float>(65 * 64, 1.0F), {65, 64}));
}

TEST(Filter, GaborValuesGiveTheirParametersBack) {
    const Gabor made{0.5, 5, 70, -40, 2.5, 1.8, 5.5, 4.5, 0};
    const std::vector<double> values = gabor_values(made, {11, 11});
    const auto found = fit_gabor(std::vector<float>(values.begin(), values.end()), {11, 11});
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->amplitude, 0.5, 1e-3);
    EXPECT_NEAR(found->wavelength, 5, 1e-2);
    EXPECT_NEAR(found->orientation, 70, 0.1);
    EXPECT_NEAR(found->phase, -40, 0.5);
    EXPECT_NEAR(found->sigma_u, 2.5, 1e-2);
    EXPECT_NEAR(found->sigma_v, 1.8, 1e-2);
    EXPECT_LT(found->residual, 1e-3);
}

TEST(FilterBank, ComputesOnlyChangedKernelsAgain) {
    auto weight = std::make_shared<const Tensor>(random_kernels({4, 3, 5, 5}, 1));
    FilterBankCache cache;
    const auto first = cache.filters(weight, {0, 1, 2, 3}, 64, Cancel());
    ASSERT_TRUE(first);
    Tensor changed = weight->clone();
    changed.at(2, 1, 0, 0) += 1;
    const auto second = cache.filters(std::make_shared<const Tensor>(std::move(changed)), {3, 2, 1}, 64, Cancel());
    ASSERT_TRUE(second);
    EXPECT_EQ((*second)[0], (*first)[3]);
    EXPECT_NE((*second)[1], (*first)[2]);
    EXPECT_EQ((*second)[2], (*first)[1]);
}

TEST(FilterBank, OrdersByDirectionAndFrequency) {
    FilterBank bank;
    for (const auto& [orientation, frequency, selectivity] :
         {std::array{90.0F, 0.1F, 1.0F}, {10.0F, 0.3F, 0.0F}, {20.0F, 0.2F, 0.9F}}) {
        KernelFilter f;
        f.of_all.orientation = orientation;
        f.of_all.frequency = frequency;
        f.of_all.selectivity = selectivity;
        bank.push_back(std::make_shared<const KernelFilter>(f));
    }
    EXPECT_EQ(ordered(bank, FilterOrder::index, ResponseOf::all), (std::vector{0, 1, 2}));
    EXPECT_EQ(ordered(bank, FilterOrder::orientation, ResponseOf::all), (std::vector{2, 0, 1}));
    EXPECT_EQ(ordered(bank, FilterOrder::frequency, ResponseOf::all), (std::vector{0, 2, 1}));
}

TEST(FilterBank, PlanesOfOneColorAreOnePlane) {
    const Tensor gray = random_kernels({1, 1, 5, 5}, 2);
    Tensor color({1, 3, 5, 5});
    for (int c = 0; c < 3; ++c)
        for (std::size_t i = 0; i < 25; ++i)
            color.plane(0, c)[i] = gray.values()[i] * (c == 0 ? 0.299F : c == 1 ? 0.587F : 0.114F);
    const KernelFilter f = kernel_filter(color, 0, ResponsePlan({5, 5}, 32));
    EXPECT_NEAR(f.plane_share, 1, 1e-6);
    float sum = 0;
    for (const float v : gray.values()) sum += v;
    EXPECT_NEAR(f.gray_dc, sum, 1e-4);
    EXPECT_NEAR(f.of_gray.orientation, f.of_all.orientation, 0.1);
}

TEST(FilterPictures, HaveZeroInTheMiddle) {
    const FrequencyResponse box = ResponsePlan({5, 5}, 32).response(std::vector<float>(25, 0.04F));
    const Image picture = response_picture(magnitudes(box), 1, false, Colormap::gray);
    EXPECT_EQ(picture.width, 32);
    EXPECT_EQ(picture.pixel(16, 16)[0], 255);
    EXPECT_LT(picture.pixel(0, 0)[0], 30);
    const Image decibels = response_picture(magnitudes(box), 1, true, Colormap::gray);
    EXPECT_GT(decibels.pixel(0, 0)[0], picture.pixel(0, 0)[0]) << "what is weak can be seen";
    const Image phase = phase_picture(box);
    EXPECT_EQ(phase.pixel(16, 16)[0], 255) << "0 degrees is red";
    EXPECT_EQ(phase.pixel(16, 16)[1], 0);
    // A shift to the right by one pixel turns the phase: by 90 degrees at fx = 0.25, of which the hue is a mix.
    const FrequencyResponse shifted = ResponsePlan({1, 3}, 32).response(std::vector<float>{0, 0, 1});
    const Image turned = phase_picture(shifted);
    EXPECT_GT(turned.pixel(24, 16)[1], turned.pixel(24, 16)[0]) << "90 degrees is green-yellow";
    EXPECT_GT(turned.pixel(8, 16)[2], turned.pixel(8, 16)[1]) << "-90 degrees is violet";
}

}  // namespace
}  // namespace convlens::test
