/// engine/document/document.h and engine/document/plan.h: kernels, titles, the network.
#include "engine/document/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace convlens {
namespace {

LoadedKernels loaded(Shape weight, const std::string& spec = "weights.npy") {
    LoadedKernels kernels;
    kernels.origin = KernelsOrigin::parse(spec);
    kernels.title = "my kernels";
    Tensor values(weight);
    float next = 1;
    for (float& v : values.values()) v = next++;
    kernels.weight = std::make_shared<const Tensor>(std::move(values));
    kernels.bias = std::make_shared<const std::vector<float>>(static_cast<std::size_t>(weight.n), 0.5F);
    return kernels;
}

Conv2d conv1(const Document& document, int channels) {
    const Network network = build_network(document, channels).value();
    EXPECT_EQ(network.layers.size(), 1U);
    EXPECT_EQ(network.layers[0].name, "conv1");
    return std::get<Conv2d>(network.layers[0].operation);
}

TEST(Normalize, IsFoundByItsName) {
    EXPECT_EQ(normalize_names().size(), 3U);
    for (const auto name : normalize_names()) EXPECT_EQ(to_string(normalize_from(name).value()), name);
    EXPECT_FALSE(normalize_from("Imagenet"));
}

TEST(Document, IsByDefaultTheNotebooksRandomLayerOnNoise) {
    const Document document;
    EXPECT_EQ(kernels_title(document.kernels), "7 random kernels 5x5, seed 1");
    EXPECT_EQ(input_title(document.input), "noise 128x128");
    const Conv2d layer = conv1(document, 3);
    EXPECT_EQ(layer.weight->shape(), (Shape{7, 3, 5, 5}));
    EXPECT_EQ(layer.bias->size(), 7U);
}

TEST(Document, IsEqualToItsCopyAndNotToOneThatShowsSomethingElse) {
    Document a;
    a.kernels.bank = loaded({2, 1, 3, 3});
    Document b = a;
    EXPECT_EQ(a, b);
    b.display.gap = 7;
    EXPECT_NE(a, b);
    b = a;
    b.conv.flip = true;
    EXPECT_NE(a, b);
    b = a;
    b.input.shift = {0, 1};
    EXPECT_NE(a, b);
    b = a;
    b.kernels.bank = loaded({2, 1, 3, 3});
    EXPECT_NE(a, b) << "equal weights that were loaded again";
}

TEST(ChooseKernels, SetsTheHyperParametersThatTheyAreMeantFor) {
    Document document;
    document.conv.groups = 5;
    document.conv.flip = true;
    document.kernels.bias = false;
    choose_kernels(document, EdgeKernels{});
    ConvParams expected;
    expected.padding = {3, 3};
    expected.padding_mode = PaddingMode::replicate;
    EXPECT_EQ(document.conv, expected);
    EXPECT_TRUE(document.kernels.bias);
    EXPECT_EQ(kernels_title(document.kernels), "64 edge filters");

    choose_kernels(document, RandomKernels{12, {4, 7}, 3});
    expected.padding = {2, 3};
    expected.padding_mode = PaddingMode::zeros;
    EXPECT_EQ(document.conv, expected);
    EXPECT_EQ(kernels_title(document.kernels), "12 random kernels 4x7, seed 3");

    choose_kernels(document, loaded({2, 3, 5, 3}));
    expected.padding = {2, 1};
    EXPECT_EQ(document.conv, expected);
    EXPECT_EQ(kernels_title(document.kernels), "my kernels");

    choose_kernels(document, loaded({64, 3, 11, 11}, "alexnet"));
    expected.padding = {2, 2};
    expected.stride = {4, 4};
    EXPECT_EQ(document.conv, expected);
}

TEST(InputTitle, NamesTheFileAndCountsTheOthers) {
    Input input;
    PictureInput pictures;
    pictures.pictures.push_back({PictureOrigin::file("/some/where/cat.png"), nullptr});
    input.source = pictures;
    EXPECT_EQ(input_title(input), "cat.png");
    pictures.pictures.push_back({PictureOrigin::file("dog.png"), nullptr});
    pictures.pictures.push_back({PictureOrigin::file("cow.png"), nullptr});
    input.source = pictures;
    EXPECT_EQ(input_title(input), "cat.png and 2 more");
    input.source = TensorInput{"/some/where/x.npy", nullptr};
    EXPECT_EQ(input_title(input), "x.npy");
    input.source = PatternInput{Pattern::zone, {40, 50}, 1};
    EXPECT_EQ(input_title(input), "zone 50x40") << "width x height, as in --image";
}

TEST(EffectiveNormalize, IsTheOneAskedForOrTheOneTheKernelsWereTrainedWith) {
    Document document;
    EXPECT_EQ(effective_normalize(document), Normalize::none);
    LoadedKernels kernels = loaded({2, 3, 3, 3});
    kernels.trained_with = Normalize::imagenet;
    document.kernels.bank = kernels;
    EXPECT_EQ(effective_normalize(document), Normalize::imagenet);
    document.input.normalize = Normalize::half;
    EXPECT_EQ(effective_normalize(document), Normalize::half);
    document.input.normalize = Normalize::none;
    EXPECT_EQ(effective_normalize(document), Normalize::none);
    document.input.normalize = Normalize::half;
    document.input.source = TensorInput{"x.npy", nullptr};
    EXPECT_EQ(effective_normalize(document), Normalize::none) << "values of a tensor are taken as they are";
}

TEST(BuildNetwork, SpreadsEdgeFiltersOverAColorImageByLuminanceOrByTheSum) {
    Document document;
    choose_kernels(document, EdgeKernels{});
    const Tensor gray = edge_weights();
    const Conv2d luminance = conv1(document, 3);
    ASSERT_EQ(luminance.weight->shape(), (Shape{64, 3, 7, 7}));
    EXPECT_EQ(luminance.bias, nullptr);
    document.kernels.gray = GrayKernels::channel_sum;
    const Conv2d sum = conv1(document, 3);
    constexpr std::array<float, 3> factors{0.299F, 0.587F, 0.114F};
    for (int o = 0; o < 64; ++o)
        for (int c = 0; c < 3; ++c)
            for (int i = 0; i < 49; ++i) {
                const float value = gray.at(o, 0, i / 7, i % 7);
                EXPECT_EQ(luminance.weight->at(o, c, i / 7, i % 7), value * factors[static_cast<std::size_t>(c)]);
                EXPECT_EQ(sum.weight->at(o, c, i / 7, i % 7), value);
            }
}

TEST(BuildNetwork, LeavesEdgeFiltersAsTheyAreForAGrayImageAndForGroups) {
    Document document;
    choose_kernels(document, EdgeKernels{});
    EXPECT_EQ(conv1(document, 1).weight->shape(), (Shape{64, 1, 7, 7}));
    EXPECT_EQ(conv1(document, 2).weight->shape(), (Shape{64, 2, 7, 7}));
    document.conv.groups = 2;
    EXPECT_EQ(conv1(document, 2).weight->shape(), (Shape{64, 1, 7, 7})) << "32 of them a channel";
}

TEST(BuildNetwork, TakesLoadedKernelsAndTheirBiasWithoutCopyingThem) {
    Document document;
    const LoadedKernels kernels = loaded({4, 3, 5, 5});
    document.kernels.bank = kernels;
    document.conv.stride = {2, 2};
    const Conv2d layer = conv1(document, 3);
    EXPECT_EQ(layer.weight, kernels.weight);
    EXPECT_EQ(layer.bias, kernels.bias);
    EXPECT_EQ(layer.params, document.conv);
    document.kernels.bias = false;
    EXPECT_EQ(conv1(document, 3).bias, nullptr);
}

TEST(BuildNetwork, GivesRandomKernelsTheChannelsOfAGroup) {
    Document document;
    document.kernels.bank = RandomKernels{6, {3, 4}, 9};
    EXPECT_EQ(conv1(document, 1).weight->shape(), (Shape{6, 1, 3, 4}));
    document.conv.groups = 3;
    EXPECT_EQ(conv1(document, 3).weight->shape(), (Shape{6, 1, 3, 4}));
    const Tensor expected = random_weights(6, 1, {3, 4}, 9).weight;
    const Conv2d layer = conv1(document, 3);
    EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), layer.weight->values().begin()));
}

TEST(BuildNetwork, RefusesRandomKernelsThatAreNoneOrTooMany) {
    Document document;
    for (const RandomKernels& bad : {RandomKernels{0, {3, 3}, 1}, {-2, {3, 3}, 1}, {3, {0, 3}, 1}, {3, {3, -1}, 1}}) {
        document.kernels.bank = bad;
        const auto network = build_network(document, 3);
        ASSERT_FALSE(network);
        EXPECT_NE(network.error().message.find("expected at least 1 kernel of at least 1x1"), std::string::npos);
    }
    document.kernels.bank = RandomKernels{2'000'000'000, {1000, 1000}, 1};
    const auto network = build_network(document, 3);
    ASSERT_FALSE(network);
    EXPECT_NE(network.error().message.find("2000000000x3x1000x1000"), std::string::npos) << network.error().message;
}

}  // namespace
}  // namespace convlens
