/// engine/document/document.h: input_tensor(), from pictures and patterns to what enters the network.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "engine/document/document.h"

namespace convlens {
namespace {

/// A picture whose value at (c, y, x) is value(c, y, x).
template <class F>
std::shared_ptr<const Picture> picture(int width, int height, F value) {
    Picture result;
    result.info = {"PNG", width, height, 3, 8, 1};
    result.color = Tensor({1, 3, height, width});
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) result.color.at(0, c, y, x) = static_cast<float>(value(c, y, x));
    return std::make_shared<const Picture>(std::move(result));
}

/// Different in every value: 0.001 (100 c + 10 y + x).
float counted(int c, int y, int x) { return 0.001F * static_cast<float>(100 * c + 10 * y + x); }

Document of(std::vector<std::shared_ptr<const Picture>> pictures) {
    PictureInput input;
    for (auto& p : pictures)
        input.pictures.push_back({PictureOrigin::file(fmt::format("p{}.png", input.pictures.size())), std::move(p)});
    Document document;
    document.input.source = input;
    return document;
}

Tensor tensor_of(const Document& document) { return input_tensor(document, Cancel{}).value()->clone(); }

double mean_of(const Tensor& tensor) {
    double sum = 0;
    for (const float v : tensor.values()) sum += static_cast<double>(v);
    return sum / static_cast<double>(tensor.size());
}

TEST(InputTensor, IsThePictureItself) {
    const Tensor tensor = tensor_of(of({picture(9, 7, counted)}));
    ASSERT_EQ(tensor.shape(), (Shape{1, 3, 7, 9}));
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 7; ++y)
            for (int x = 0; x < 9; ++x) EXPECT_EQ(tensor.at(0, c, y, x), counted(c, y, x));
}

TEST(InputTensor, SharesTheMemoryOfAPictureThatNoStepChanges) {
    const auto p = picture(9, 7, counted);
    Document document = of({p});
    document.input.normalize = Normalize::none;
    EXPECT_EQ(input_tensor(document, Cancel{}).value().get(), &p->color);
    document.input.crop = Rect{1, 1, 5, 5};
    EXPECT_EQ(input_tensor(document, Cancel{}).value()->at(0, 2, 0, 0), counted(2, 1, 1));
    document.input.crop.reset();
    document.input.normalize = Normalize::imagenet;
    EXPECT_NE(input_tensor(document, Cancel{}).value()->at(0, 0, 3, 3), counted(0, 3, 3));
    EXPECT_EQ(p->color.at(0, 0, 3, 3), counted(0, 3, 3)) << "the picture itself was changed";
}

TEST(InputTensor, LetsTheBackgroundShineThroughTransparentPixels) {
    auto transparent = std::make_shared<Picture>();
    transparent->info = {"PNG", 3, 1, 4, 8, 1};
    transparent->color = Tensor({1, 3, 1, 3}, 0.2F);
    transparent->alpha = {1.0F, 0.0F, 0.25F};
    Document document = of({transparent});
    document.input.background = {255, 0, 51, 255};
    const Tensor tensor = tensor_of(document);
    constexpr std::array<float, 3> behind{1.0F, 0.0F, 0.2F};
    for (int c = 0; c < 3; ++c) {
        const float b = behind[static_cast<std::size_t>(c)];
        EXPECT_FLOAT_EQ(tensor.at(0, c, 0, 0), 0.2F);
        EXPECT_FLOAT_EQ(tensor.at(0, c, 0, 1), b);
        EXPECT_FLOAT_EQ(tensor.at(0, c, 0, 2), 0.25F * 0.2F + 0.75F * b);
    }
}

TEST(InputTensor, IsCroppedToTheAreaAskedFor) {
    Document document = of({picture(9, 7, counted)});
    document.input.crop = Rect{2, 3, 4, 4};
    const Tensor tensor = tensor_of(document);
    ASSERT_EQ(tensor.shape(), (Shape{1, 3, 4, 4}));
    EXPECT_EQ(tensor.at(0, 0, 0, 0), counted(0, 3, 2));
    EXPECT_EQ(tensor.at(0, 2, 3, 3), counted(2, 6, 5));
}

TEST(InputTensor, FailsForACropThatDoesNotLieInside) {
    for (const Rect& bad : {Rect{6, 0, 4, 4},
                            {0, 4, 4, 4},
                            {-1, 0, 4, 4},
                            {0, -1, 4, 4},
                            {0, 0, 0, 4},
                            {0, 0, 4, -1},
                            {2'000'000'000, 0, 2'000'000'000, 1}}) {
        Document document = of({picture(9, 7, counted)});
        document.input.crop = bad;
        const auto tensor = input_tensor(document, Cancel{});
        ASSERT_FALSE(tensor);
        EXPECT_EQ(tensor.error().message,
                  fmt::format("crop {}x{}+{}+{} does not lie inside p0.png, which is 9x7", bad.w, bad.h, bad.x, bad.y));
    }
}

TEST(InputTensor, KeepsTheMeanAndTheRangeWhenItIsResized) {
    const auto waves = picture(64, 48, [](int c, int y, int x) { return 0.5 + 0.5 * std::sin(0.7 * x + 0.4 * y + c); });
    const double mean = mean_of(tensor_of(of({waves})));
    for (const Size2 size : {Size2{24, 32}, {12, 8}, {96, 128}, {48, 16}, {1, 1}}) {
        Document document = of({waves});
        document.input.resize = size;
        const Tensor tensor = tensor_of(document);
        ASSERT_EQ(tensor.shape(), (Shape{1, 3, size.h, size.w}));
        EXPECT_NEAR(mean_of(tensor), mean, 0.02) << to_string(size);
        for (const float v : tensor.values()) ASSERT_TRUE(v > -1e-5F && v < 1.00001F) << v;
    }
    Document flat = of({picture(10, 10, [](int, int, int) { return 0.25; })});
    flat.input.resize = Size2{23, 7};
    const Tensor resized = tensor_of(flat);
    for (const float v : resized.values()) EXPECT_NEAR(v, 0.25, 1e-6);
}

TEST(InputTensor, StaysFlatForEveryPairOfSizes) {
    for (int from = 1; from <= 40; ++from)
        for (int to = 1; to <= 40; ++to) {
            Document document = of({picture(from, 2, [](int, int, int) { return 0.25; })});
            document.input.resize = Size2{2, to};
            const Tensor resized = tensor_of(document);
            for (const float v : resized.values()) ASSERT_NEAR(v, 0.25, 1e-6) << from << " to " << to;
        }
}

TEST(InputTensor, KeepsUpUpAndLeftLeftWhenItIsResized) {
    Document document = of({picture(40, 40, [](int, int y, int x) { return (x + 2 * y) / 120.0; })});
    document.input.resize = Size2{10, 20};
    const Tensor tensor = tensor_of(document);
    EXPECT_LT(tensor.at(0, 0, 5, 1), tensor.at(0, 0, 5, 18));
    EXPECT_LT(tensor.at(0, 0, 1, 10), tensor.at(0, 0, 8, 10));
    EXPECT_NEAR(tensor.at(0, 0, 5, 10), (20.5 + 2 * 21.5) / 120, 0.01);
}

TEST(InputTensor, FailsForAResizeThatIsNothingOrTooLarge) {
    for (const Size2 bad : {Size2{0, 5}, {5, 0}, {-3, 5}, {40'000, 5}, {30'000, 30'000}}) {
        Document document = of({picture(9, 7, counted)});
        document.input.resize = bad;
        const auto tensor = input_tensor(document, Cancel{});
        ASSERT_FALSE(tensor);
        EXPECT_NE(tensor.error().message.find(fmt::format("resize to {}x{}", bad.w, bad.h)), std::string::npos);
    }
}

TEST(InputTensor, IsMovedDownAndRightAndBlackMovesIn) {
    for (const Size2 by : {Size2{2, 3}, {-2, 3}, {0, -4}, {7, 0}, {-100, 100}, {2'000'000'000, -2'000'000'000}}) {
        Document document = of({picture(9, 7, [](int c, int y, int x) { return 0.1F + counted(c, y, x); })});
        document.input.shift = by;
        const Tensor tensor = tensor_of(document);
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < 7; ++y)
                for (int x = 0; x < 9; ++x) {
                    const std::int64_t from_y = std::int64_t{y} - by.h, from_x = std::int64_t{x} - by.w;
                    const bool inside = from_y >= 0 && from_y < 7 && from_x >= 0 && from_x < 9;
                    EXPECT_EQ(tensor.at(0, c, y, x),
                              inside ? 0.1F + counted(c, static_cast<int>(from_y), static_cast<int>(from_x)) : 0.0F);
                }
    }
}

TEST(InputTensor, InGrayIsOneChannelOfLuminance) {
    Document document = of({picture(9, 7, counted)});
    document.input.gray = true;
    const Tensor tensor = tensor_of(document);
    ASSERT_EQ(tensor.shape(), (Shape{1, 1, 7, 9}));
    EXPECT_FLOAT_EQ(tensor.at(0, 0, 4, 5),
                    0.299F * counted(0, 4, 5) + 0.587F * counted(1, 4, 5) + 0.114F * counted(2, 4, 5));
}

/// Loaded kernels that take `channels` channels a group.
LoadedKernels kernels_of(int channels, Normalize trained_with = Normalize::none) {
    return {{}, "mine", std::make_shared<const Tensor>(Shape{6, channels, 1, 1}, 1.0F), nullptr, trained_with};
}

TEST(InputTensor, InGrayIsThreeEqualChannelsForKernelsOfThreeChannels) {
    Document gray = of({picture(9, 7, counted)});
    gray.input.gray = true;
    const Tensor one = tensor_of(gray);
    gray.kernels.bank = kernels_of(3);
    const Tensor three = tensor_of(gray);
    ASSERT_EQ(three.shape(), (Shape{1, 3, 7, 9}));
    for (int c = 0; c < 3; ++c)
        EXPECT_TRUE(std::equal(one.values().begin(), one.values().end(), three.plane(0, c).begin())) << c;
}

TEST(InputTensor, InGrayIsNormalizedChannelByChannelWhereItHasThree) {
    Document gray = of({picture(2, 2, [](int, int, int) { return 0.5; })});
    gray.input.gray = true;
    gray.kernels.bank = kernels_of(3, Normalize::imagenet);
    const Tensor three = tensor_of(gray);
    EXPECT_NEAR(three.at(0, 0, 1, 1), (0.5 - 0.485) / 0.229, 1e-5);
    EXPECT_NEAR(three.at(0, 1, 1, 1), (0.5 - 0.456) / 0.224, 1e-5);
    EXPECT_NEAR(three.at(0, 2, 1, 1), (0.5 - 0.406) / 0.225, 1e-5);
    gray.kernels.bank = kernels_of(1, Normalize::imagenet);
    EXPECT_NEAR(tensor_of(gray).at(0, 0, 1, 1), (0.5 - 0.449) / 0.226, 1e-5);
}

TEST(InputTensor, InGrayHasAsManyChannelsAsTheFirstWeightsAreMadeFor) {
    Document d = of({picture(9, 7, counted)});
    const auto network = [](OperationSpec first) {
        Architecture architecture{"Mine", {}, Normalize::none, {{"relu", ReLU{}}, {"first", first}}};
        return LayeredNetwork{NetworkOrigin::file("mine.json"), std::make_shared<const Architecture>(architecture),
                              RandomWeights{}};
    };
    struct Case {
        const char* name;
        decltype(Kernels::bank) bank;
        int groups;
        NetworkChoice network;
        int gray;
    };
    const std::vector<Case> cases{
        {"edges", EdgeKernels{}, 1, ConvChain{}, 1},
        {"random", RandomKernels{}, 1, ConvChain{}, 1},
        {"random in three groups", RandomKernels{6, {3, 3}, 1}, 3, ConvChain{}, 3},
        {"one channel", kernels_of(1), 1, ConvChain{}, 1},
        {"one channel in three groups", kernels_of(1), 3, ConvChain{}, 3},
        {"three channels", kernels_of(3), 1, ConvChain{}, 3},
        {"two channels", kernels_of(2), 1, ConvChain{}, 1},
        {"any groups", kernels_of(3), 1 << 30, ConvChain{}, 1},
        {"three channels behind a network of one", kernels_of(3), 1, network(Conv2dSpec{1, 2, {3, 3}, {}, true}), 1},
        {"Conv2d", EdgeKernels{}, 1, network(Conv2dSpec{3, 2, {3, 3}, {}, true}), 3},
        {"LocallyConnected2d", EdgeKernels{}, 1, network(LocallyConnected2dSpec{3, 2, {5, 7}, {3, 3}, {1, 1}, true}),
         3},
        {"no weights", kernels_of(3), 1, network(MaxPool2d{}), 1},
    };
    for (const Case& c : cases) {
        d.kernels.bank = c.bank, d.conv.groups = c.groups, d.network = c.network;
        for (const bool gray : {false, true}) {
            d.input.gray = gray;
            EXPECT_EQ(effective_channels(d), gray ? c.gray : 3) << c.name;
            EXPECT_EQ(tensor_of(d).shape().c, effective_channels(d)) << c.name;
        }
    }
    d.input.source = TensorInput{"x.npy", std::make_shared<const Tensor>(Shape{1, 5, 3, 3}, 1.0F)};
    EXPECT_EQ(effective_channels(d), 5);
}

TEST(InputTensor, IsNormalizedWithTorchvisionsConstants) {
    Document document = of({picture(2, 2, [](int c, int, int) { return c == 0 ? 0.485 : c == 1 ? 1.0 : 0.0; })});
    document.input.normalize = Normalize::imagenet;
    const Tensor imagenet = tensor_of(document);
    EXPECT_NEAR(imagenet.at(0, 0, 1, 1), 0, 1e-6);
    EXPECT_NEAR(imagenet.at(0, 1, 1, 1), (1 - 0.456) / 0.224, 1e-5);
    EXPECT_NEAR(imagenet.at(0, 2, 1, 1), -0.406 / 0.225, 1e-5);
    document.input.normalize = Normalize::half;
    const Tensor half = tensor_of(document);
    EXPECT_NEAR(half.at(0, 1, 0, 0), 1, 1e-6);
    EXPECT_NEAR(half.at(0, 2, 0, 0), -1, 1e-6);
}

TEST(InputTensor, NormalizesBlackThatMovedIn) {
    Document document = of({picture(2, 2, [](int, int, int) { return 1.0; })});
    document.input.shift = {1, 0};
    document.input.normalize = Normalize::half;
    const Tensor tensor = tensor_of(document);
    EXPECT_EQ(tensor.at(0, 0, 0, 0), -1.0F);
    EXPECT_EQ(tensor.at(0, 0, 1, 0), 1.0F);
}

TEST(InputTensor, OfSeveralPicturesIsABatchInTheirOrder) {
    const auto dark = picture(4, 3, [](int, int, int) { return 0.1; });
    const auto bright = picture(4, 3, [](int, int, int) { return 0.9; });
    const Tensor tensor = tensor_of(of({bright, dark, bright}));
    ASSERT_EQ(tensor.shape(), (Shape{3, 3, 3, 4}));
    EXPECT_EQ(tensor.at(0, 2, 2, 3), 0.9F);
    EXPECT_EQ(tensor.at(1, 0, 0, 0), 0.1F);
    EXPECT_EQ(tensor.at(2, 1, 1, 1), 0.9F);
}

TEST(InputTensor, FailsForABatchOfDifferentSizesUnlessTheyAreResized) {
    Document document = of({picture(9, 7, counted), picture(9, 7, counted), picture(8, 7, counted)});
    const auto tensor = input_tensor(document, Cancel{});
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().message,
              "p0.png is 9x7 and p2.png is 8x7: the pictures of a batch must have the same size: set one with resize");
    document.input.resize = Size2{5, 6};
    EXPECT_EQ(tensor_of(document).shape(), (Shape{3, 3, 5, 6}));
}

TEST(InputTensor, OfNoiseDrawsAnewForEachItem) {
    Document document;
    document.input.source = PatternInput{Pattern::noise, {6, 8}, 3};
    const Tensor tensor = tensor_of(document);
    ASSERT_EQ(tensor.shape(), (Shape{3, 3, 6, 8}));
    for (int n = 0; n < 3; ++n) {
        const Tensor expected = make_pattern(Pattern::noise, {6, 8}, static_cast<std::uint32_t>(n + 1));
        EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), tensor.plane(n, 0).data())) << n;
    }
}

TEST(InputTensor, FailsForPatternsThatAreNothingOrTooLargeWithoutAllocatingThem) {
    Document document;
    for (const PatternInput& bad : {PatternInput{Pattern::noise, {0, 8}, 1},
                                    {Pattern::noise, {8, -8}, 1},
                                    {Pattern::noise, {100'000, 2}, 1},
                                    {Pattern::zone, {30'000, 30'000}, 1},
                                    {Pattern::noise, {8, 8}, 0},
                                    {Pattern::noise, {8, 8}, 100'000}}) {
        document.input.source = bad;
        EXPECT_FALSE(input_tensor(document, Cancel{}));
    }
    document.input.source = PatternInput{Pattern::noise, {200, 300}, 60'000};
    const auto tensor = input_tensor(document, Cancel{});
    ASSERT_FALSE(tensor);
    EXPECT_NE(tensor.error().message.find("60000x3x200x300"), std::string::npos) << tensor.error().message;
}

TEST(InputTensor, OfATensorIsThatVeryTensorWithNothingDoneToIt) {
    const auto values = std::make_shared<const Tensor>(Shape{2, 5, 3, 3}, 7.0F);
    Document document;
    document.input.source = TensorInput{"x.npy", values};
    document.input.gray = true;
    document.kernels.bank = kernels_of(3);
    document.input.crop = Rect{100, 100, 1, 1};
    document.input.normalize = Normalize::imagenet;
    EXPECT_EQ(input_tensor(document, Cancel{}).value(), values);
}

TEST(InputTensor, StopsWhenAskedTo) {
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const auto tensor = input_tensor(Document{}, Cancel(quit, newer, Cancel::Clock::now(), progress));
    ASSERT_FALSE(tensor);
    EXPECT_TRUE(tensor.error().canceled);
}

}  // namespace
}  // namespace convlens
