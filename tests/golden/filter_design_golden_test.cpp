/// Kernels for bands, spectra, composition and paint against NumPy and SciPy (tests/golden/make_filter_design.py).
#include <gtest/gtest.h>

#include <cmath>

#include "engine/cpu/simd.h"
#include "engine/filter/algebra.h"
#include "engine/filter/band_filter.h"
#include "engine/filter/filtered_spectra.h"
#include "engine/filter/painted_filter.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

double largest(std::span<const float> values) {
    double most = 0;
    for (const float v : values) most = std::max(most, static_cast<double>(std::abs(v)));
    return most;
}

TEST(FilterDesignGolden, BandsAreThoseOfLeastSquares) {
    const TensorFile file = TensorFile::open(golden("filter_design.npz")).value();
    int i = 0;
    const auto cases = cases_of("filter_design");
    for (const auto& c : cases.at("bands")) {
        SCOPED_TRACE(i);
        const auto made = band_filter({c.at("lowest"), c.at("highest"), c.at("orientation"), c.at("spread")},
                                      c.at("side"), c.at("outside"));
        ASSERT_TRUE(made) << made.error().message;
        const Tensor expected = tensor_of(file, fmt::format("band{}", i++));
        EXPECT_LT(largest_difference(made->kernel.values(), expected.values()), 1e-5 * largest(expected.values()));
        EXPECT_NEAR(made->error, c.at("error"), 1e-5);
        EXPECT_NEAR(made->passed, c.at("passed"), 1e-5);
        EXPECT_NEAR(made->leaked, c.at("leaked"), 1e-5);
    }
    EXPECT_EQ(i, 6);
}

TEST(FilterDesignGolden, SpectraAreThoseOfNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_design.npz")).value();
    int i = 0;
    const auto cases = cases_of("filter_design");
    for (const auto& c : cases.at("spectra")) {
        const std::string name = fmt::format("spectra{}/", i++);
        SCOPED_TRACE(name);
        const auto made = filtered_spectra(item_of(file, name + "input"), item_of(file, name + "kernel"),
                                           available_simd().front(), Cancel());
        ASSERT_TRUE(made && *made);
        const FilteredSpectra& s = **made;
        EXPECT_EQ(s.side, c.at("side"));
        EXPECT_NEAR(s.difference, c.at("difference"), 1e-4 * c.at("difference").get<double>() + 1e-6);
        const Tensor after = tensor_of(file, name + "after");
        EXPECT_LT(largest_difference(s.after.values().first(after.size()), after.values()),
                  1e-5 * largest(after.values()));
        for (const auto& [key, m] : {std::pair("before", &s.input), {"product", &s.product}, {"output", &s.output}}) {
            const Tensor expected = tensor_of(file, name + key);
            EXPECT_LT(largest_difference(std::span(m->values).first(expected.size()), expected.values()),
                      2e-6 * largest(expected.values()))
                << key;
        }
    }
    EXPECT_EQ(i, 3);
}

TEST(FilterDesignGolden, TwoKernelsAreTheirFullConvolutionByScipy) {
    const TensorFile file = TensorFile::open(golden("filter_design.npz")).value();
    for (int i = 0; i < 3; ++i) {
        const std::string name = fmt::format("algebra{}/", i);
        const Tensor expected = tensor_of(file, name + "composed"),
                     made = composed_kernels(tensor_of(file, name + "first"), tensor_of(file, name + "second"));
        ASSERT_EQ(made.shape(), expected.shape());
        EXPECT_LT(largest_difference(made.values(), expected.values()), 1e-6 * largest(expected.values()));
    }
}

TEST(FilterDesignGolden, PaintIsFittedAsByNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_design.npz")).value();
    int i = 0;
    const auto cases = cases_of("filter_design");
    for (const auto& c : cases.at("paint")) {
        const std::string name = fmt::format("paint{}/", i++);
        SCOPED_TRACE(name);
        const Tensor marks = tensor_of(file, name + "marks");
        PaintedImage paint{marks.shape().h, marks.shape().w, {}};
        for (const float v : marks.values()) paint.pixels.push_back(static_cast<Paint>(static_cast<int>(v)));
        const auto made = fit_painted(item_of(file, name + "input"), paint, c.at("side"), c.at("regularization"));
        ASSERT_TRUE(made) << made.error().message;
        const Tensor expected = item_of(file, name + "kernel");
        EXPECT_LT(largest_difference(made->kernel.values(), expected.values()), 1e-5 * largest(expected.values()));
        EXPECT_NEAR(static_cast<double>(made->bias), c.at("bias"), 1e-5);
        EXPECT_NEAR(made->error, c.at("error"), 1e-5);
        EXPECT_NEAR(made->right, c.at("right"), 1e-9);
    }
    EXPECT_EQ(i, 3);
}

}  // namespace
}  // namespace convlens::test
