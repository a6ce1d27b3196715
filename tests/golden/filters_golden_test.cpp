/// Filters against NumPy and SciPy (tests/golden/make_filters.py).
#include <gtest/gtest.h>

#include <cmath>

#include "engine/filter/gabor.h"
#include "engine/filter/response.h"
#include "engine/filter/separable.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

Size2 plane_of(const Tensor& t) { return {t.shape().h, t.shape().w}; }

double largest_difference(std::span<const float> a, std::span<const float> b) {
    double largest = a.size() == b.size() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
    return largest;
}

/// The distance between two directions in degrees.
double between(double a, double b) {
    const double d = std::fmod(std::abs(a - b), 180.0);
    return std::min(d, 180 - d);
}

TEST(FiltersGolden, ResponsesAreThoseOfNumpy) {
    const TensorFile file = TensorFile::open(golden("filters.npz")).value();
    int count = 0;
    const auto cases = cases_of("filters");
    for (const auto& c : cases.at("responses")) {
        const std::string name = c.at("name");
        SCOPED_TRACE(name);
        const Tensor kernel = tensor_of(file, name + "/kernel");
        const FrequencyResponse r = ResponsePlan(plane_of(kernel), c.at("size")).response(kernel.values());
        double sum = 0;
        for (const float w : kernel.values()) sum += static_cast<double>(std::abs(w));
        EXPECT_LT(largest_difference(r.re, tensor_of(file, name + "/re").values()), 1e-6 * sum);
        EXPECT_LT(largest_difference(r.im, tensor_of(file, name + "/im").values()), 1e-6 * sum);
        ++count;
        if (name == "large") continue;  // its peaks are narrower than the distance of the samples
        const FilterNumbers n = read_off(magnitudes(ResponsePlan(plane_of(kernel), 128).response(kernel.values())));
        EXPECT_NEAR(n.dc, c.at("dc"), 1e-6 * sum);
        EXPECT_NEAR(n.peak, c.at("gain"), 2e-3 * c.at("gain").get<double>());
        EXPECT_NEAR(n.frequency, c.at("frequency"), 1.0 / 1024);
        // The Laplacian has four equal peaks in the corners.
        const bool directed = c.at("frequency") > 0 && name != "laplace";
        EXPECT_LT(directed ? between(static_cast<double>(n.orientation), c.at("orientation")) : 0, 1);
    }
    EXPECT_EQ(count, 9);
}

TEST(FiltersGolden, RanksAreThoseOfNumpy) {
    const TensorFile file = TensorFile::open(golden("filters.npz")).value();
    const auto cases = cases_of("filters");
    for (const auto& c : cases.at("svd")) {
        const std::string name = c.at("name");
        SCOPED_TRACE(name);
        const Tensor kernel = tensor_of(file, name + "/kernel");
        const SeparableKernel separable(kernel, 0, ChannelSplit::per_channel);
        const auto values = c.at("values").get<std::vector<double>>();
        ASSERT_EQ(separable.singular_values().size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            EXPECT_NEAR(separable.singular_values()[i], values[i], 1e-13 * values[0] * 10);
        for (const int rank : c.at("ranks").get<std::vector<int>>())
            EXPECT_LT(largest_difference(separable.approximation(rank).values(),
                                         tensor_of(file, fmt::format("{}/rank{}", name, rank)).values()),
                      1e-6 * values[0]);
    }
    const Tensor rows = tensor_of(file, "joint/kernel");
    Tensor bank({1, 3, 5, 6});
    std::ranges::copy(rows.values(), bank.data());
    for (const auto& [split, key] :
         {std::pair(ChannelSplit::joint, "joint"), {ChannelSplit::per_channel, "per_channel"}}) {
        const auto expected = cases.at(key).get<std::vector<double>>();
        const auto found = SeparableKernel(bank, 0, split).singular_values();
        ASSERT_EQ(found.size(), expected.size()) << key;
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-13 * expected[0] * 10);
    }
}

TEST(FiltersGolden, GaborFunctionsFitAsWellAsThoseOfScipy) {
    const TensorFile file = TensorFile::open(golden("filters.npz")).value();
    const auto cases = cases_of("filters");
    for (const auto& c : cases.at("gabor")) {
        const std::string name = c.at("name");
        SCOPED_TRACE(name);
        const Tensor kernel = tensor_of(file, name + "/kernel");
        const auto fit = fit_gabor(kernel.values(), plane_of(kernel));
        ASSERT_TRUE(fit);
        EXPECT_LT(fit->residual, c.at("residual").get<double>() * 1.001 + 1e-3);
        EXPECT_LT(between(fit->orientation, c.at("orientation")), c.at("noise") > 0 ? 1.0 : 0.1);
        EXPECT_NEAR(1 / fit->wavelength, 1 / c.at("wavelength").get<double>(), c.at("noise") > 0 ? 0.01 : 1e-3);
    }
    EXPECT_EQ(cases.at("gabor").size(), 12U);
}

}  // namespace
}  // namespace convlens::test
