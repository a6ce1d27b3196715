/// engine/nn/parameters.h
#include "engine/nn/parameters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace convlens {
namespace {

const std::vector<LayerSpec> every_kind{{"conv", Conv2dSpec{4, 6, {3, 2}, ConvParams{.groups = 2}, true}},
                                        {"plain", Conv2dSpec{4, 6, {3, 2}, {}, false}},
                                        {"local", LocallyConnected2dSpec{2, 3, {4, 5}, {2, 3}, {1, 1}, true}},
                                        {"norm", BatchNorm2dSpec{7, 1e-5F, true}},
                                        {"fixed", BatchNorm2dSpec{7, 1e-5F, false}},
                                        {"fc", LinearSpec{10, 4, true}},
                                        {"relu", ReLU{}},
                                        {"groups", GroupNormSpec{2, 6}}};

ParameterMap fresh(const std::vector<LayerSpec>& layers, std::uint32_t seed) {
    ParameterMap all;
    for (const LayerSpec& layer : layers) all.merge(initial_parameters(layer, seed));
    return all;
}

TEST(Parameters, BearTheNamesAndShapesOfStateDict) {
    using Axes = std::vector<std::int64_t>;
    const ParameterMap all = fresh(every_kind, 1);
    const std::vector<std::pair<const char*, Axes>> expected{{"conv.weight", {6, 2, 3, 2}},
                                                             {"conv.bias", {6}},
                                                             {"plain.weight", {6, 4, 3, 2}},
                                                             {"local.weight", {3, 2, 4, 5, 2, 3}},
                                                             {"local.bias", {3, 4, 5}},
                                                             {"norm.weight", {7}},
                                                             {"norm.bias", {7}},
                                                             {"norm.running_mean", {7}},
                                                             {"norm.running_var", {7}},
                                                             {"fixed.running_mean", {7}},
                                                             {"fixed.running_var", {7}},
                                                             {"fc.weight", {4, 10}},
                                                             {"fc.bias", {4}},
                                                             {"groups.weight", {6}},
                                                             {"groups.bias", {6}}};
    EXPECT_EQ(all.size(), expected.size());
    for (const auto& [key, shape] : expected) {
        ASSERT_TRUE(all.contains(key)) << key;
        EXPECT_EQ(all.at(key).shape, shape) << key;
        EXPECT_EQ(all.at(key).data().size(), static_cast<std::size_t>(std::accumulate(
                                                 shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>())));
    }
    EXPECT_EQ(all.at("local.weight").tensor->shape(), (Shape{3, 2, 20, 6}));
    EXPECT_EQ(all.at("local.bias").tensor->shape(), (Shape{1, 3, 4, 5}));
    EXPECT_EQ(all.at("fc.weight").tensor->shape(), (Shape{4, 10, 1, 1}));
}

TEST(Parameters, AreCountedWithoutTheStatisticsOfABatchNorm) {
    EXPECT_EQ(parameter_count(BatchNorm2dSpec{7, 1e-5F, true}), 14U);
    EXPECT_EQ(parameter_count(BatchNorm2dSpec{7, 1e-5F, false}), 0U);
    EXPECT_EQ(parameter_count(ReLU{}), 0U);
    constexpr int big = 1 << 20;
    EXPECT_EQ(parameter_count(LocallyConnected2dSpec{big, big, {big, big}, {big, big}, {1, 1}, true}),
              std::numeric_limits<std::size_t>::max());
}

TEST(InitialParameters, AreUniformWithinOneOverTheRootOfTheFanIn) {
    const LayerSpec fc{"fc1", LinearSpec{250, 320, true}};
    const ParameterMap p = initial_parameters(fc, 3);
    const double bound = 1 / std::sqrt(250.0);
    double sum = 0, squares = 0, largest = 0;
    const auto weight = p.at("fc1.weight").data();
    for (const float v : weight) {
        sum += static_cast<double>(v), squares += static_cast<double>(v) * static_cast<double>(v);
        largest = std::max(largest, std::abs(static_cast<double>(v)));
    }
    const auto count = static_cast<double>(weight.size());
    EXPECT_LE(largest, bound * 1.000001);
    EXPECT_GT(largest, 0.999 * bound);
    EXPECT_NEAR(sum / count / bound, 0, 0.01);
    EXPECT_NEAR(squares / count / (bound * bound), 1.0 / 3, 0.01);
    for (const float v : p.at("fc1.bias").data()) EXPECT_LE(std::abs(static_cast<double>(v)), bound * 1.000001);
    const ParameterMap local = initial_parameters(every_kind[2], 3);
    for (const float v : local.at("local.weight").data()) EXPECT_LE(std::abs(v), 1 / std::sqrt(12.0F));
}

TEST(InitialParameters, ChangeNothingInANormalization) {
    const ParameterMap p = initial_parameters(every_kind[3], 3);
    for (const float v : p.at("norm.weight").data()) EXPECT_EQ(v, 1.0F);
    for (const float v : p.at("norm.running_var").data()) EXPECT_EQ(v, 1.0F);
    for (const float v : p.at("norm.bias").data()) EXPECT_EQ(v, 0.0F);
    for (const float v : p.at("norm.running_mean").data()) EXPECT_EQ(v, 0.0F);
    const ParameterMap groups = initial_parameters(every_kind[7], 3);
    for (const float v : groups.at("groups.weight").data()) EXPECT_EQ(v, 1.0F);
    for (const float v : groups.at("groups.bias").data()) EXPECT_EQ(v, 0.0F);
}

TEST(InitialParameters, DependOnTheSeedAndTheLayersName) {
    const auto first = [](const char* name, std::uint32_t seed) {
        return initial_parameters({name, LinearSpec{10, 4, true}}, seed).begin()->second.data()[0];
    };
    EXPECT_EQ(first("a", 1), first("a", 1));
    EXPECT_NE(first("a", 1), first("a", 2));
    EXPECT_NE(first("a", 1), first("b", 1));
}

TEST(WithParameters, PutsEachArrayInItsPlaceAndBack) {
    const ParameterMap all = fresh(every_kind, 5);
    Network network;
    for (const LayerSpec& spec : every_kind) {
        const auto layer = with_parameters(spec, all);
        ASSERT_TRUE(layer) << spec.name;
        EXPECT_EQ(layer->name, spec.name);
        EXPECT_EQ(spec_of(layer->operation), spec.operation) << spec.name;
        network.layers.push_back(*layer);
    }
    const ParameterMap back = parameters_of(network);
    ASSERT_EQ(back.size(), all.size());
    for (const auto& [key, parameter] : all) {
        ASSERT_TRUE(back.contains(key)) << key;
        EXPECT_EQ(back.at(key).shape, parameter.shape) << key;
        EXPECT_EQ(back.at(key).data().data(), parameter.data().data()) << key << " is shared, not copied";
    }
    EXPECT_EQ(std::get<BatchNorm2d>(network.layers[4].operation).weight, nullptr);
}

TEST(WithParameters, GivesNoneWhereAnArrayIsMissingOrOfAnotherShape) {
    ParameterMap all = fresh(every_kind, 5);
    LayerSpec other = every_kind[0];
    std::get<Conv2dSpec>(other.operation).kernel_size = {2, 3};
    EXPECT_FALSE(with_parameters(other, all));
    all.erase("fc.bias");
    EXPECT_FALSE(with_parameters(every_kind[5], all));
    EXPECT_TRUE(with_parameters(LayerSpec{"fc", LinearSpec{10, 4, false}}, all));
    EXPECT_TRUE(with_parameters(every_kind[6], {}));
}

}  // namespace
}  // namespace convlens
