/// The document to compare with, and the difference of the results.
#include "engine/explain/compare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

const Assets assets = CONVLENS_SOURCE_ASSETS;

class Compare : public ::testing::Test {
  protected:
    Output run(const Document& d) {
        auto output = evaluate(d, *backend, Cancel());
        if (!output) throw std::runtime_error(output.error().message);
        return std::move(*output);
    }
    Document against(CompareTarget kind) {
        auto made = make_comparison_document(a, {kind, 7, {}, ""}, assets);
        if (!made) throw std::runtime_error(made.error().message);
        return std::move(*made);
    }

    Document a = [] {
        Document d;
        d.input.source = PatternInput{Pattern::noise, {60, 47}, 2};
        choose_kernels(d, RandomKernels{5, {3, 3}, 1});
        return d;
    }();
    std::unique_ptr<Backend> backend = make_cpu_backend({2, ""}).value();
};

TEST_F(Compare, RandomOpponentsHaveTheSameShapesAndOtherNumbers) {
    const Document b = against(CompareTarget::random);
    EXPECT_EQ(std::get<RandomKernels>(b.kernels.bank), (RandomKernels{5, {3, 3}, 7}));
    EXPECT_EQ(b.conv, a.conv);
    const Output one = run(a), other = run(b);
    const auto d = difference_of(*one.activations, *other.activations, 1);
    ASSERT_TRUE(d);
    EXPECT_GT(d->largest, 0.1);
}

TEST_F(Compare, BanksOfOtherKernelSizesGiveMapsOfTheSameSize) {
    a.conv.stride = {4, 4};
    a.conv.padding = {3, 3};
    for (const CompareTarget kind : {CompareTarget::edges, CompareTarget::alexnet}) {
        const Shape one = run(a).activations->shape(), other = run(against(kind)).activations->shape();
        EXPECT_EQ(other.c, 64);
        EXPECT_EQ(other.h, one.h);
        EXPECT_EQ(other.w, one.w);
    }
}

TEST_F(Compare, KeepsTheBanksOwnPaddingWhereNoneFits) {
    a.conv.padding = {0, 0};  // 7 x 7 without padding leaves fewer values than 3 x 3, but padding 2 makes up for it
    EXPECT_EQ(against(CompareTarget::edges).conv.padding, (Size2{2, 2}));
    choose_kernels(a, RandomKernels{5, {4, 4}, 1});
    EXPECT_EQ(against(CompareTarget::edges).conv.padding, (Size2{3, 3})) << "half a pixel can't be padded";
}

TEST_F(Compare, TheSameNumbersEnterBothSides) {
    auto alexnet = open_kernels("alexnet", assets);
    ASSERT_TRUE(alexnet);
    choose_kernels(a, alexnet->bank);
    ASSERT_NE(effective_normalize(a), Normalize::none);
    const Output one = run(a), other = run(against(CompareTarget::edges));
    EXPECT_TRUE(std::ranges::equal(one.input->values(), other.input->values()));
}

TEST_F(Compare, AnotherLayerIsOfTheSameNetwork) {
    NetworkPlaces places;
    places.assets = assets;
    auto network = open_network("largenet", "", places);
    ASSERT_TRUE(network) << network.error().message;
    choose_network(a, *network);
    const auto b = make_comparison_document(a, {CompareTarget::layer, 1, {}, "conv1"}, assets);
    ASSERT_TRUE(b);
    EXPECT_EQ(b->network, a.network);
    EXPECT_EQ(run(*b).plan.layer, 0);
    const auto random = make_comparison_document(a, {CompareTarget::random, 9, {}, ""}, assets);
    EXPECT_EQ(std::get<RandomWeights>(std::get<LayeredNetwork>(random->network).weights).seed, 9U);
}

TEST_F(Compare, AKeptDocumentGetsThePictureOfTheOneOnScreen) {
    Document kept = a;
    kept.conv.stride = {2, 2};
    a.input.source = PatternInput{Pattern::bars, {20, 20}, 1};
    const auto b = make_comparison_document(a, {CompareTarget::kept, 1, kept, ""}, assets);
    ASSERT_TRUE(b);
    EXPECT_EQ(b->conv.stride, (Size2{2, 2}));
    EXPECT_EQ(b->input.source, a.input.source);
    const auto none = make_comparison_document(a, {CompareTarget::kept, 1, {}, ""}, assets);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().message, "no view is kept as B: press 'Keep as B' first");
}

TEST_F(Compare, TheDifferenceIsAMinusB) {
    const Output one = run(a), other = run(against(CompareTarget::random));
    const auto d = difference_of(*one.activations, *other.activations, 0);
    ASSERT_TRUE(d);
    const Tensor x = all_values(*one.activations).value(), y = all_values(*other.activations).value();
    double largest = 0, sum = 0;
    for (std::size_t i = 0; i < d->values.size(); ++i) {
        EXPECT_EQ(d->values.values()[i], x.values()[i] - y.values()[i]);
        largest = std::max(largest, std::abs(static_cast<double>(d->values.values()[i])));
        sum += std::abs(static_cast<double>(d->values.values()[i]));
    }
    EXPECT_EQ(d->largest, largest);
    EXPECT_NEAR(d->mean, sum / static_cast<double>(d->values.size()), 1e-9);
    const auto none = difference_of(*one.activations, *one.activations, 0);
    EXPECT_EQ(none->largest, 0);
    EXPECT_EQ(none->equal, none->values.size());
}

TEST_F(Compare, ShapesThatDifferHaveNoDifference) {
    const Output one = run(a), other = run(against(CompareTarget::edges));
    const auto d = difference_of(*one.activations, *other.activations, 0);
    ASSERT_FALSE(d);
    EXPECT_NE(d.error().message.find("A has 5 channels of 60 x 47 values, B has 64 of 60 x 47"), std::string::npos)
        << d.error().message;
}

}  // namespace
}  // namespace convlens
