/// Kernels for bands of frequencies, and spectra before and after a kernel.
#include "engine/filter/band_filter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "engine/cpu/simd.h"
#include "engine/filter/filtered_spectra.h"

namespace convlens::test {
namespace {

/// The weighted error of any kernel for a band, summed in double precision.
double error_of(const Tensor& kernel, const Band& band, double outside) {
    const int side = kernel.shape().h, reach = side / 2;
    double squares = 0, wanted = 0;
    for (int v = 0; v < band_samples; v += 2)
        for (int u = 0; u < band_samples; u += 2) {
            const double fy = (v - band_samples / 2) / static_cast<double>(band_samples),
                         fx = (u - band_samples / 2) / static_cast<double>(band_samples);
            double re = 0, im = 0;
            for (int y = 0; y < side; ++y)
                for (int x = 0; x < side; ++x) {
                    const double a = 2 * std::numbers::pi * (fy * (y - reach) + fx * (x - reach)),
                                 w = static_cast<double>(kernel.at(0, 0, y, x));
                    re += w * std::cos(a), im += w * std::sin(a);
                }
            const bool in = band.contains(fy, fx);
            squares += (in ? 1 : outside) * (std::pow(re - in, 2) + im * im);
            wanted += in;
        }
    return std::sqrt(squares / wanted);
}

TEST(BandFilter, NoOtherKernelComesCloser) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    for (const auto& [band, outside] : {std::pair(Band{0.1, 0.25, 0, 180}, 1.0), {Band{0.2, 0.4, 30, 50}, 3.0}}) {
        const auto made = band_filter(band, 7, outside);
        ASSERT_TRUE(made);
        // Every second sample: a coarser grid, on which the minimum is nearly the same.
        const double least = error_of(made->kernel, band, outside);
        EXPECT_NEAR(made->error, least, 0.05 * least);
        for (int round = 0; round < 10; ++round) {
            Tensor other = made->kernel.clone();
            for (float& v : other.values()) v += 0.02F * normal(random);
            EXPECT_GT(error_of(other, band, outside), least);
        }
    }
}

TEST(BandFilter, LargerKernelsComeCloserAndWeightsDecideWhere) {
    const Band band{0.1, 0.3, 60, 40};
    double before = 2;
    for (const int side : {1, 3, 7, 15, 31}) {
        const auto made = band_filter(band, side, 1);
        ASSERT_TRUE(made);
        EXPECT_EQ(made->kernel.shape(), (Shape{1, 1, side, side}));
        EXPECT_LT(made->error, before);
        before = made->error;
    }
    const auto even = band_filter(band, 11, 1), strict = band_filter(band, 11, 10);
    EXPECT_LT(strict->leaked, even->leaked);
    EXPECT_LT(strict->passed, even->passed);
    // All frequencies: the identity.
    const auto all = band_filter({0, 1, 0, 180}, 5, 1);
    ASSERT_TRUE(all);
    for (int i = 0; i < 25; ++i) EXPECT_NEAR(all->kernel.data()[i], i == 12 ? 1 : 0, 1e-6) << i;
    EXPECT_LT(all->error, 1e-6);
}

TEST(BandFilter, IsTheSameInBothDirectionsOfAWave) {
    const auto made = band_filter({0.05, 0.2, 20, 30}, 9, 2);
    ASSERT_TRUE(made);
    for (int y = 0; y < 9; ++y)
        for (int x = 0; x < 9; ++x) EXPECT_EQ(made->kernel.at(0, 0, y, x), made->kernel.at(0, 0, 8 - y, 8 - x));
    EXPECT_FALSE(band_filter({0.3, 0.2, 0, 180}, 9, 1)) << "no frequency is at least 0.3 and at most 0.2";
    EXPECT_TRUE((Band{0.1, 0.3, 170, 40}).contains(0, 0.2)) << "directions begin again at 180 degrees";
    EXPECT_FALSE((Band{0.1, 0.3, 90, 40}).contains(0, 0.2));
}

TEST(FilteredSpectra, OfAWaveHaveItsAmplitudeTimesTheResponse) {
    const int n = 64;
    Tensor wave({1, 1, n + 2, n + 2});
    for (int y = 0; y < n + 2; ++y)
        for (int x = 0; x < n + 2; ++x)
            wave.at(0, 0, y, x) = static_cast<float>(3 + 2 * std::cos(2 * std::numbers::pi * 12 * x / n));
    Tensor sobel({1, 1, 3, 3});
    const float values[] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    std::ranges::copy(values, sobel.data());
    const auto made = filtered_spectra(wave, sobel, available_simd().front(), Cancel());
    ASSERT_TRUE(made && *made);
    const FilteredSpectra& s = **made;
    EXPECT_EQ(s.side, n);
    const double gain = 8 * std::sin(2 * std::numbers::pi * 12 / n);
    EXPECT_NEAR(static_cast<double>(s.input.sample(0, 12)), 1, 0.02);
    EXPECT_NEAR(static_cast<double>(s.output.sample(0, 12)), gain, 0.02 * gain);
    EXPECT_NEAR(static_cast<double>(s.product.sample(0, 12)), gain, 0.02 * gain);
    EXPECT_LT(s.difference, 0.05);
    const Chart chart = spectra_chart(s, magnitudes(ResponsePlan({3, 3}, 128).response(sobel.values())));
    ASSERT_EQ(chart.curves.size(), 4U);
    EXPECT_NEAR(chart.curves[0].x[11], 12.0 / n, 1e-12);
    EXPECT_GT(chart.curves[3].y[11], chart.curves[3].y[20] + 20) << "the wave stands out";
    EXPECT_FALSE(*filtered_spectra(Tensor({1, 1, 9, 40}), sobel, available_simd().front(), Cancel()));
}

}  // namespace
}  // namespace convlens::test
