/// engine/nn/layer_numbers.h and the networks of engine/nn/architecture.h
#include "engine/nn/layer_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace convlens {
namespace {

const LayerNumbers& of(const NetworkNumbers& numbers, const std::string& name) {
    const auto it =
        std::find_if(numbers.layers.begin(), numbers.layers.end(), [&](const auto& l) { return l.name == name; });
    if (it == numbers.layers.end()) throw std::runtime_error("no layer " + name + ": " + numbers.stopped);
    return *it;
}

TEST(LayerNumbers, AreTheNotebooksForLargeNet) {
    const NetworkNumbers n = layer_numbers(largenet().layers, {1, 3, 32, 32});
    EXPECT_EQ(n.stopped, "");
    ASSERT_EQ(n.layers.size(), 9U);
    EXPECT_EQ(of(n, "conv1").output, (Shape{1, 5, 28, 28}));
    EXPECT_EQ(of(n, "relu1").output, (Shape{1, 5, 28, 28}));
    EXPECT_EQ(of(n, "pool1").output, (Shape{1, 5, 14, 14}));
    EXPECT_EQ(of(n, "pool1").output.count(), 980U);
    EXPECT_EQ(of(n, "conv2").output, (Shape{1, 10, 10, 10}));
    EXPECT_EQ(of(n, "pool2").output, (Shape{1, 10, 5, 5}));
    EXPECT_EQ(of(n, "pool2").output.count(), 250U);
    EXPECT_EQ(of(n, "fc1").output, (Shape{1, 32, 1, 1}));
    EXPECT_EQ(of(n, "fc2").output, (Shape{1, 1, 1, 1}));
    EXPECT_EQ(n.parameters(), 9705U);
    EXPECT_EQ(of(n, "conv1").parameters, 380U);
    EXPECT_EQ(of(n, "conv2").parameters, 1260U);
    EXPECT_EQ(of(n, "fc1").parameters, 8032U);
    EXPECT_EQ(of(n, "fc2").parameters, 33U);
    EXPECT_EQ(n.multiply_accumulates(), 294'000U + 125'000 + 8'000 + 32);
    EXPECT_EQ(of(n, "conv1").bytes, 5U * 28 * 28 * 4);
}

TEST(LayerNumbers, KnowLargeNetsReceptiveFields) {
    const NetworkNumbers n = layer_numbers(largenet().layers, {64, 3, 32, 32});
    const auto field = [&](const char* name) { return of(n, name).receptive_field; };
    EXPECT_EQ(field("conv1"), (Size2{5, 5}));
    EXPECT_EQ(field("relu1"), (Size2{5, 5}));
    EXPECT_EQ(field("pool1"), (Size2{6, 6}));
    EXPECT_EQ(field("conv2"), (Size2{14, 14}));
    EXPECT_EQ(field("pool2"), (Size2{16, 16}));
    EXPECT_EQ(field("fc1"), (Size2{32, 32})) << "all of the picture";
    EXPECT_EQ(field("fc2"), (Size2{32, 32}));
    EXPECT_EQ(of(n, "pool1").jump, (Size2{2, 2}));
    EXPECT_EQ(of(n, "pool2").jump, (Size2{4, 4}));
}

TEST(LayerNumbers, AreTorchvisionsForAlexNet) {
    const NetworkNumbers n = layer_numbers(alexnet().layers, {1, 3, 224, 224});
    EXPECT_EQ(n.stopped, "");
    EXPECT_EQ(n.parameters(), 61'100'840U);
    std::size_t features = 0;
    for (const auto& l : n.layers)
        if (l.name.starts_with("features.")) features += l.parameters;
    EXPECT_EQ(features, 2'469'696U);
    EXPECT_EQ(of(n, "features.0").output, (Shape{1, 64, 55, 55}));
    EXPECT_EQ(of(n, "features.12").output, (Shape{1, 256, 6, 6}));
    EXPECT_EQ(of(n, "avgpool").output, (Shape{1, 256, 6, 6}));
    EXPECT_EQ(of(n, "classifier.6").output, (Shape{1, 1000, 1, 1}));
    EXPECT_EQ(n.multiply_accumulates(), 714'188'480U);
}

TEST(LayerNumbers, KnowAlexNetsReceptiveFields) {
    const NetworkNumbers n = layer_numbers(alexnet().layers, {1, 3, 224, 224});
    const std::vector<std::pair<const char*, int>> expected{
        {"features.0", 11}, {"features.2", 19},  {"features.3", 51},   {"features.5", 67},
        {"features.6", 99}, {"features.8", 131}, {"features.10", 163}, {"features.12", 195}};
    for (const auto& [name, size] : expected) EXPECT_EQ(of(n, name).receptive_field, (Size2{size, size})) << name;
    EXPECT_EQ(of(n, "features.0").jump, (Size2{4, 4}));
    EXPECT_EQ(of(n, "features.12").jump, (Size2{32, 32}));
    EXPECT_EQ(of(n, "avgpool").receptive_field, (Size2{195, 195})) << "each bin is one value";
    EXPECT_EQ(of(n, "classifier.1").receptive_field, (Size2{195 + 5 * 32, 195 + 5 * 32})) << "with its padding";
}

TEST(LayerNumbers, GoThroughAlexNetAtAnySize) {
    const NetworkNumbers n = layer_numbers(alexnet().layers, {1, 3, 350, 210});
    EXPECT_EQ(n.stopped, "");
    EXPECT_EQ(of(n, "features.0").output, (Shape{1, 64, 86, 51}));
    EXPECT_EQ(of(n, "features.12").output, (Shape{1, 256, 9, 5}));
    EXPECT_EQ(of(n, "avgpool").output, (Shape{1, 256, 6, 6}));
    EXPECT_NE(layer_numbers(alexnet().layers, {1, 3, 62, 62}).stopped, "");
    EXPECT_EQ(layer_numbers(alexnet().layers, {1, 3, 63, 63}).stopped, "");
}

TEST(LayerNumbers, StopWithTheSentenceOfTheLayerThatCannotRun) {
    const NetworkNumbers n = layer_numbers(largenet().layers, {1, 3, 36, 36});
    EXPECT_EQ(n.layers.size(), 6U);
    EXPECT_EQ(n.layers.back().name, "pool2");
    EXPECT_EQ(n.stopped, "fc1: Linear expects 250 inputs, gets 360: 10 x 6 x 6");
}

TEST(LayerNumbers, SeeThroughAFlatten) {
    std::vector<LayerSpec> layers = largenet().layers;
    layers.insert(layers.begin() + 6, LayerSpec{"flatten", Flatten{}});
    const NetworkNumbers n = layer_numbers(layers, {1, 3, 32, 32});
    EXPECT_EQ(of(n, "flatten").receptive_field, (Size2{16, 16}));
    EXPECT_EQ(of(n, "fc1").receptive_field, (Size2{32, 32}));
}

TEST(LayerNumbers, SeeAllOfTheMapBehindAGroupNorm) {
    const NetworkNumbers n =
        layer_numbers({{"conv", Conv2dSpec{3, 4, {3, 3}, {}, true}}, {"gn", GroupNormSpec{2, 4}}}, {1, 3, 20, 30});
    EXPECT_EQ(of(n, "conv").receptive_field, (Size2{3, 3}));
    EXPECT_EQ(of(n, "gn").receptive_field, (Size2{20, 30}));
    EXPECT_EQ(of(n, "gn").jump, (Size2{1, 1}));
    EXPECT_EQ(of(n, "gn").parameters, 8U);
    EXPECT_EQ(of(n, "gn").multiply_accumulates, 0U);
}

TEST(LayerNumbers, CountDilationAndOtherShapesAlongEachAxis) {
    Conv2dSpec conv{1, 1, {3, 5}, {}, false};
    conv.params.dilation = {4, 2};
    conv.params.stride = {2, 3};
    const std::vector<LayerSpec> layers{{"a", conv}, {"b", AvgPool2d{{2, 3}, {1, 2}, {0, 0}, false, true, {}}}};
    const NetworkNumbers n = layer_numbers(layers, {1, 1, 60, 60});
    EXPECT_EQ(n.layers[0].receptive_field, (Size2{9, 9}));
    EXPECT_EQ(n.layers[0].jump, (Size2{2, 3}));
    EXPECT_EQ(n.layers[1].receptive_field, (Size2{9 + 2, 9 + 6}));
    EXPECT_EQ(n.layers[1].jump, (Size2{2, 6}));
    EXPECT_EQ(n.layers[0].parameters, 15U) << "no bias";
}

TEST(LayerNumbers, KnowTheLargestBinOfAnAdaptivePool) {
    for (int in = 1; in <= 24; ++in)
        for (int out = 1; out <= 24; ++out) {
            int largest = 0;
            for (int i = 0; i < out; ++i) largest = std::max(largest, ((i + 1) * in + out - 1) / out - i * in / out);
            const NetworkNumbers n = layer_numbers({{"pool", AdaptiveAvgPool2d{{out, 1}}}}, {1, 1, in, 5});
            ASSERT_EQ(n.layers[0].receptive_field, (Size2{largest, 5})) << in << " to " << out;
        }
}

TEST(LayerNumbers, EndAtTheLargestThatTheyHold) {
    std::vector<LayerSpec> layers;
    for (int i = 0; i < 30; ++i) {
        Conv2dSpec conv{1, 1, {1 << 19, 1 << 19}, {}, true};
        conv.params.padding = conv.params.stride = {1 << 19, 1 << 19};
        layers.push_back({fmt::format("conv{}", i), conv});
    }
    const NetworkNumbers n = layer_numbers(layers, {1, 1, 9, 9});
    ASSERT_EQ(n.layers.size(), 30U) << n.stopped;
    EXPECT_EQ(n.layers.back().receptive_field, (Size2{1 << 30, 1 << 30}));
    EXPECT_EQ(n.layers.back().jump, (Size2{1 << 30, 1 << 30}));
    EXPECT_GT(n.multiply_accumulates(), std::uint64_t{1} << 40U);
}

TEST(Architecture, HasUniqueNames) {
    for (const Architecture& a : {largenet(), alexnet()}) {
        std::set<std::string> names;
        for (const LayerSpec& l : a.layers) EXPECT_TRUE(names.insert(l.name).second) << l.name;
    }
}

TEST(FindLayer, TakesANameAnIndexOrNothingForTheLast) {
    const auto layers = alexnet().layers;
    EXPECT_EQ(find_layer(layers, "features.3").value(), 3);
    EXPECT_EQ(find_layer(layers, "avgpool").value(), 13);
    EXPECT_EQ(find_layer(layers, "20").value(), 20);
    EXPECT_EQ(find_layer(layers, "").value(), 20);
    const std::vector<LayerSpec> numbered{{"1", ReLU{}}, {"0", Tanh{}}};
    EXPECT_EQ(find_layer(numbered, "0").value(), 1) << "a name comes before an index";
    for (const char* wrong : {"21", "-1", "features", "conv1 ", "99999999999"})
        EXPECT_FALSE(find_layer(layers, wrong)) << wrong;
    EXPECT_EQ(find_layer(numbered, "conv1").error().message,
              "layer 'conv1' does not exist: expected an index from 0 to 1 or one of 1, 0");
}

}  // namespace
}  // namespace convlens
