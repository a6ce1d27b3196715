/// engine/document/plan.h and evaluate() with networks of several layers.
#include "engine/document/plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

Document with_network(LayeredNetwork network) {
    Document d;
    d.input.source = PatternInput{Pattern::noise, {40, 50}, 2};
    choose_network(d, std::move(network));
    return d;
}

Document random_largenet(std::uint32_t seed = 1) {
    return with_network(
        {KnownNetwork::largenet, std::make_shared<const Architecture>(largenet()), RandomWeights{seed}});
}

/// AlexNet with the first layer that comes with the program.
Document bundled_alexnet() {
    return with_network(open_network("alexnet", "convlens", {CONVLENS_SOURCE_ASSETS, {}}).value());
}

std::vector<std::string> names(const Network& network) {
    std::vector<std::string> result;
    for (const Layer& layer : network.layers) result.push_back(layer.name);
    return result;
}

TEST(PlanNetwork, IsOneConvolutionWithWhatMayFollowIt) {
    Document d;
    choose_kernels(d, RandomKernels{6, {3, 5}, 1});
    d.conv.groups = 3;
    choose_network(d, ConvChain{true, MaxPool2d{}});
    const NetworkPlan plan = plan_network(d, 3).value();
    ASSERT_EQ(plan.layers.size(), 3U);
    EXPECT_EQ(plan.layers[0].operation, OperationSpec(Conv2dSpec{3, 6, {3, 5}, d.conv, true}));
    EXPECT_EQ(plan.origins[0], WeightsOrigin::kernels);
    EXPECT_EQ(plan.layers[1].name, "relu1");
    EXPECT_EQ(plan.layers[2].name, "pool1");
    EXPECT_EQ(plan.layer, 2);
    const Network network = build_network(d, 3).value();
    EXPECT_EQ(names(network), (std::vector<std::string>{"conv1", "relu1", "pool1"}));
}

TEST(PlanNetwork, DescribesTheConvolutionThatIsBuilt) {
    std::vector<decltype(Kernels::bank)> banks{EdgeKernels{}, RandomKernels{4, {3, 3}, 1}};
    LoadedKernels gray, color;
    gray.weight = std::make_shared<const Tensor>(Shape{8, 1, 3, 2}, 1.0F);
    color.weight = std::make_shared<const Tensor>(Shape{8, 3, 3, 2}, 1.0F);
    color.bias = std::make_shared<const std::vector<float>>(8, 1.0F);
    banks.insert(banks.end(), {gray, color});
    for (const auto& bank : banks)
        for (const int channels : {1, 3})
            for (const bool bias : {true, false}) {
                Document d;
                choose_kernels(d, bank);
                d.kernels.bias = bias;
                const NetworkPlan plan = plan_network(d, channels).value();
                EXPECT_EQ(plan.layers[0].operation, spec_of(build_network(d, channels)->layers[0].operation))
                    << bank.index() << channels;
            }
}

TEST(PlanNetwork, KnowsWhereEachLayersWeightsAreFrom) {
    const NetworkPlan random = plan_network(random_largenet(), 3).value();
    EXPECT_EQ(random.runnable, 9U);
    EXPECT_EQ(random.layer, 8);
    EXPECT_EQ(random.origins[0], WeightsOrigin::random);
    EXPECT_EQ(random.origins[1], WeightsOrigin::none);

    const NetworkPlan alexnet = plan_network(bundled_alexnet(), 3).value();
    EXPECT_EQ(alexnet.layers.size(), 21U);
    EXPECT_EQ(alexnet.origins[0], WeightsOrigin::loaded);
    EXPECT_EQ(alexnet.origins[15], WeightsOrigin::missing);
    EXPECT_EQ(alexnet.runnable, 15U);
    EXPECT_EQ(alexnet.layer, 14);
    const auto built = names(build_network(bundled_alexnet(), 3).value());
    EXPECT_EQ(built.size(), 15U);
    EXPECT_EQ(built.back(), "classifier.0");
}

TEST(PlanNetwork, SaysWhyALayerCannotBeShown) {
    Document d = bundled_alexnet();
    d.layer = "features.0";
    EXPECT_EQ(plan_network(d, 3)->layer, 0);
    d.layer = "classifier.1";
    const std::string title = "'AlexNet (trained by Convlens on Tiny ImageNet), up to classifier.0'";
    EXPECT_EQ(plan_network(d, 3).error().message,
              "classifier.1 has no weights in " + title + ", which goes up to classifier.0");
    d.layer = "20";
    EXPECT_EQ(plan_network(d, 3).error().message,
              "classifier.6 can't be shown: " + title + " has no weights for classifier.1 before it");
    d.layer = "conv1";
    EXPECT_NE(plan_network(d, 3).error().message.find("layer 'conv1' does not exist"), std::string::npos);
}

TEST(BuildNetwork, DrawsEachLayerFromTheSeed) {
    const auto weight = [](const Network& n, std::size_t i) { return std::get<Conv2d>(n.layers[i].operation).weight; };
    const Network a = build_network(random_largenet(1), 3).value(), b = build_network(random_largenet(1), 3).value(),
                  c = build_network(random_largenet(2), 3).value();
    EXPECT_NE(weight(a, 0), weight(b, 0));
    EXPECT_TRUE(std::ranges::equal(weight(a, 0)->values(), weight(b, 0)->values()));
    EXPECT_FALSE(std::ranges::equal(weight(a, 0)->values(), weight(c, 0)->values()));
}

TEST(BuildNetwork, SharesTheWeightsOfLayersThatDidNotChange) {
    const Document before = random_largenet();
    Document after = before;
    Architecture changed = largenet();
    std::get<Conv2dSpec>(changed.layers[3].operation).kernel_size = {3, 3};
    std::get<LayeredNetwork>(after.network).architecture = std::make_shared<const Architecture>(changed);
    const Network first = build_network(before, 3).value();
    const PreviousNetwork known{before, 3, first};
    const Network second = build_network(after, 3, &known).value();
    EXPECT_EQ(second.layers[0], first.layers[0]);
    EXPECT_NE(second.layers[3], first.layers[3]);
    EXPECT_EQ(second.layers[6], first.layers[6]);
    const Network other_seed = build_network(random_largenet(2), 3, &known).value();
    EXPECT_NE(other_seed.layers[0], first.layers[0]);
}

TEST(BuildNetwork, RefusesFreshWeightsThatWouldFillTheMemory) {
    Architecture huge{"Huge", {}, Normalize::none, {{"fc", LinearSpec{1 << 20, 1 << 20, true}}}};
    const auto network = build_network(
        with_network({NetworkOrigin::file("x"), std::make_shared<const Architecture>(huge), RandomWeights{}}), 3);
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().message,
              fmt::format("Huge would have {} or more weights: expected 268435456 at most",
                          std::min<std::uint64_t>(1099512676352, std::numeric_limits<std::size_t>::max())));
}

TEST(DocumentNetwork, ResizesAndNormalizesAsTheNetworkWasMeantToBeFed) {
    Document d = random_largenet();
    EXPECT_EQ(input_note(d), "resized to 32x32, normalized (x - 0.5) / 0.5");
    EXPECT_EQ(input_tensor(d, Cancel{}).value()->shape(), (Shape{2, 3, 32, 32}));
    d.input.resize = Size2{60, 80};
    d.input.normalize = Normalize::none;
    EXPECT_EQ(input_note(d), "resized to 80x60");
    d.input.gray = true;
    EXPECT_EQ(input_note(d), "resized to 80x60, gray in three equal channels");
    EXPECT_EQ(input_tensor(d, Cancel{}).value()->shape(), (Shape{2, 3, 60, 80}));
    Document alexnet = bundled_alexnet();
    EXPECT_EQ(input_note(alexnet), "normalized as for ImageNet");
    EXPECT_EQ(input_tensor(alexnet, Cancel{}).value()->shape(), (Shape{2, 3, 40, 50})) << "it takes any size";
    alexnet.input.source = TensorInput{"x.npy", std::make_shared<const Tensor>(Shape{1, 3, 70, 70}, 1.0F)};
    EXPECT_EQ(input_note(alexnet), "");
}

TEST(EvaluateNetwork, ShowsEveryLayerWithoutRunningAnyAgain) {
    const auto backend = make_cpu_backend({2, ""}).value();
    Document d = random_largenet();
    const Output last = evaluate(d, *backend, Cancel{}).value();
    EXPECT_EQ(last.activations->shape(), (Shape{2, 1, 1, 1}));
    EXPECT_EQ(last.plan.layer, 8);
    EXPECT_EQ(last.numbers.layers.size(), 9U);
    EXPECT_EQ(last.multiply_accumulates, 2U * (294'000 + 125'000 + 8'000 + 32));
    d.layer = "conv1";
    const Output first = evaluate(d, *backend, Cancel{}, &last).value();
    EXPECT_EQ(first.activations->shape(), (Shape{2, 5, 28, 28}));
    EXPECT_EQ(first.multiply_accumulates, 2U * 294'000);
    EXPECT_EQ(first.network, last.network);
    d.layer.clear();
    EXPECT_EQ(evaluate(d, *backend, Cancel{}, &first).value().activations, last.activations);
}

TEST(EvaluateNetwork, KeepsTheLayersBeforeAChangedOne) {
    const auto backend = make_cpu_backend({2, ""}).value();
    Document d = random_largenet();
    d.layer = "pool1";
    const Output before = evaluate(d, *backend, Cancel{}).value();
    Architecture changed = largenet();
    changed.layers.resize(6);
    std::get<Conv2dSpec>(changed.layers[3].operation).params.padding = {2, 2};
    std::get<LayeredNetwork>(d.network).architecture = std::make_shared<const Architecture>(changed);
    const Output after = evaluate(d, *backend, Cancel{}, &before).value();
    EXPECT_EQ(after.activations, before.activations);
    d.layer = "pool2";
    EXPECT_EQ(evaluate(d, *backend, Cancel{}, &after)->activations->shape(), (Shape{2, 10, 7, 7}));

    Document chain;
    chain.input.source = PatternInput{Pattern::noise, {24, 30}, 1};
    choose_network(chain, ConvChain{false, {}});
    const Output conv = evaluate(chain, *backend, Cancel{}).value();
    choose_network(chain, ConvChain{true, MaxPool2d{}});
    chain.layer = "conv1";
    EXPECT_EQ(evaluate(chain, *backend, Cancel{}, &conv)->activations, conv.activations)
        << "a ReLU behind it changes nothing in it";
}

TEST(EvaluateNetwork, ShowsTheLayersBeforeOneThatDoesNotFitTheInput) {
    const auto backend = make_cpu_backend({2, ""}).value();
    Document d = random_largenet();
    d.input.resize = Size2{36, 36};
    d.layer = "pool2";
    const Output output = evaluate(d, *backend, Cancel{}).value();
    EXPECT_EQ(output.activations->shape(), (Shape{2, 10, 6, 6}));
    EXPECT_EQ(output.numbers.stopped, "fc1: Linear expects 250 inputs, gets 360: 10 x 6 x 6");
    d.layer.clear();
    EXPECT_EQ(evaluate(d, *backend, Cancel{}).error().message, output.numbers.stopped);
    d.input.source = TensorInput{"x.npy", std::make_shared<const Tensor>(Shape{1, 1, 36, 36}, 1.0F)};
    EXPECT_EQ(evaluate(d, *backend, Cancel{}).error().message,
              "conv1: the kernels take 3 input channels, but the input has 1");
}

}  // namespace
}  // namespace convlens
