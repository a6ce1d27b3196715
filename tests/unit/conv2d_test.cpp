/// engine/nn/conv2d.h and engine/nn/network.h
#include "engine/nn/layers/conv2d.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "engine/nn/network.h"
#include "engine/reference/reference.h"

namespace convlens {
namespace {

Conv2d layer_with_weight(Shape weight) {
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(weight, 1.0F);
    return layer;
}

/// A layer that takes 1x4x20x30: 6 kernels of 4x3x5.
Conv2d usual() { return layer_with_weight({6, 4, 3, 5}); }
constexpr Shape usual_input{1, 4, 20, 30};

Shape shape_of(const Conv2d& layer, const Shape& input) { return output_shape(layer, input).value(); }

TEST(OutputShape, IsPyTorchsForTheNotebooksLayers) {
    Conv2d alexnet = layer_with_weight({64, 3, 11, 11});
    alexnet.params.stride = {4, 4};
    alexnet.params.padding = {2, 2};
    EXPECT_EQ(shape_of(alexnet, {1, 3, 350, 210}), (Shape{1, 64, 86, 51}));
    EXPECT_EQ(shape_of(alexnet, {1, 3, 224, 224}), (Shape{1, 64, 55, 55}));
    Conv2d notebook = layer_with_weight({7, 3, 5, 5});
    notebook.params.padding = {2, 2};
    EXPECT_EQ(shape_of(notebook, {32, 3, 32, 32}), (Shape{32, 7, 32, 32}));
}

TEST(OutputShape, RoundsDown) {
    Conv2d layer = layer_with_weight({1, 1, 3, 3});
    layer.params.stride = {2, 3};
    EXPECT_EQ(shape_of(layer, {1, 1, 9, 9}), (Shape{1, 1, 4, 3}));
    EXPECT_EQ(shape_of(layer, {1, 1, 10, 11}), (Shape{1, 1, 4, 3}));
    EXPECT_EQ(shape_of(layer, {1, 1, 11, 12}), (Shape{1, 1, 5, 4}));
}

TEST(OutputShape, KnowsPyTorchsExampleOfEverythingAtOnce) {
    // torch.nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1)) of 20x16x50x100, from
    // its manual.
    Conv2d layer = layer_with_weight({33, 16, 3, 5});
    layer.params.stride = {2, 1};
    layer.params.padding = {4, 2};
    layer.params.dilation = {3, 1};
    EXPECT_EQ(shape_of(layer, {20, 16, 50, 100}), (Shape{20, 33, 26, 100}));
}

TEST(OutputShape, IsTheInputsWithPaddingSame) {
    for (int h = 1; h <= 6; ++h)
        for (int dilation = 1; dilation <= 3; ++dilation) {
            Conv2d layer = layer_with_weight({2, 1, h, 7 - h});
            layer.params.same = true;
            layer.params.dilation = {dilation, dilation};
            layer.params.padding = {5, 99};  // not used
            EXPECT_EQ(shape_of(layer, {3, 1, 1, 40}), (Shape{3, 2, 1, 40}));
        }
}

TEST(OutputShape, FailsInASentenceThatNamesTheValue) {
    struct Bad {
        std::function<void(Conv2d&)> change;
        const char* message;
        Shape input = usual_input;
    };
    const std::vector<Bad> all{
        {[](Conv2d& l) {
             l.params.stride = {0, 1};
         },
         "stride is 0x1: expected 1 or more in both directions"},
        {[](Conv2d& l) {
             l.params.stride = {1, -2};
         },
         "stride is 1x-2: expected 1 or more in both directions"},
        {[](Conv2d& l) {
             l.params.dilation = {1, 0};
         },
         "dilation is 1x0: expected 1 or more in both directions"},
        {[](Conv2d& l) {
             l.params.padding = {-1, 0};
         },
         "padding is -1x0: expected 0 or more in both directions"},
        {[](Conv2d& l) {
             l.params.padding = {2'000'000, 0};
         },
         "padding is 2000000x0: expected 1048576 at most"},
        {[](Conv2d& l) {
             l.params.stride = {1, 2'000'000};
         },
         "stride is 1x2000000: expected 1048576 at most"},
        {[](Conv2d& l) { l.params.groups = 0; }, "groups is 0: expected 1 or more"},
        {[](Conv2d& l) { l.params.groups = -3; }, "groups is -3: expected 1 or more"},
        {[](Conv2d& l) { l.params.groups = 3; }, "groups is 3: it must divide the 4 input channels"},
        {[](Conv2d& l) { l.params.groups = 4; }, "groups is 4: it must divide the 6 output channels"},
        {[](Conv2d& l) { l.params.groups = 2; },
         "the kernels take 8 input channels (4 in each of 2 groups), but the input has 4"},
        {[](Conv2d&) {}, "the kernels take 4 input channels, but the input has 3", {1, 3, 20, 30}},
        {[](Conv2d& l) {
             l = layer_with_weight({2, 1, 3, 3});
         },
         "the kernels take 1 input channel, but the input has 3",
         {1, 3, 9, 9}},
        {[](Conv2d& l) {
             l.params.same = true, l.params.stride = {1, 2};
         },
         "padding 'same' needs stride 1, but stride is 1x2"},
        {[](Conv2d& l) { l.bias = std::make_shared<const std::vector<float>>(5); },
         "the bias has 5 values: expected 6, one per output channel"},
        {[](Conv2d& l) {
             l.params.padding_mode = PaddingMode::reflect, l.params.padding = {20, 3};
         },
         "reflect padding 20x3 must be smaller than the input 20x30 in both directions"},
        {[](Conv2d& l) {
             l.params.padding_mode = PaddingMode::circular, l.params.padding = {1, 31};
         },
         "circular padding 1x31 must not be larger than the input 20x30 in either direction"},
        {[](Conv2d&) {},
         "kernel 3x5 is larger than the padded input 2x30: use a larger image, more padding or a smaller "
         "kernel",
         {1, 4, 2, 30}},
        {[](Conv2d& l) {
             l.params.dilation = {1, 10}, l.params.padding = {0, 1};
         },
         "kernel 3x5 with dilation 1x10 (it spans 3x41) is larger than the padded input 20x32"},
        {[](Conv2d& l) {
             l.params.dilation = {1'000'000, 1'000'000};
         },
         "far larger than any image"},
        {[](Conv2d& l) {
             l = layer_with_weight({2, 0, 3, 3});
         },
         "the kernels are 2x0x3x3: expected at least one value"},
        {[](Conv2d&) {}, "the input is 1x4x0x30: expected at least one value", {1, 4, 0, 30}},
    };
    for (const Bad& bad : all) {
        Conv2d layer = usual();
        bad.change(layer);
        const auto shape = output_shape(layer, bad.input);
        ASSERT_FALSE(shape) << bad.message;
        EXPECT_NE(shape.error().message.find(bad.message), std::string::npos) << shape.error().message << "\n"
                                                                              << bad.message;
        EXPECT_EQ(shape.error().message.find('\n'), std::string::npos);
    }
    EXPECT_EQ(shape_of(usual(), usual_input), (Shape{1, 6, 18, 26})) << "the layer that they spoil is good";
}

TEST(OutputShape, AllowsPaddingUpToItsModesLimit) {
    Conv2d layer = layer_with_weight({1, 1, 1, 1});
    layer.params.padding = {3, 4};
    layer.params.padding_mode = PaddingMode::reflect;
    EXPECT_EQ(shape_of(layer, {1, 1, 4, 5}), (Shape{1, 1, 10, 13}));
    layer.params.padding = {4, 5};
    EXPECT_FALSE(output_shape(layer, {1, 1, 4, 5}));
    layer.params.padding_mode = PaddingMode::circular;
    EXPECT_EQ(shape_of(layer, {1, 1, 4, 5}), (Shape{1, 1, 12, 15}));
    layer.params.padding = {4, 6};
    EXPECT_FALSE(output_shape(layer, {1, 1, 4, 5}));
    layer.params.padding_mode = PaddingMode::replicate;
    layer.params.padding = {100, 200};
    EXPECT_EQ(shape_of(layer, {1, 1, 4, 5}), (Shape{1, 1, 204, 405}));
}

TEST(OutputShape, AppliesTheModesLimitToTheLargerSideOfSame) {
    Conv2d layer = layer_with_weight({1, 1, 4, 1});  // 1 above, 2 below
    layer.params.same = true;
    layer.params.padding_mode = PaddingMode::reflect;
    EXPECT_TRUE(output_shape(layer, {1, 1, 3, 3}));
    EXPECT_FALSE(output_shape(layer, {1, 1, 2, 3}));
}

TEST(ResolvePadding, IsWhatWasAskedForOrHalfTheKernelsSpan) {
    ConvParams p;
    p.padding = {3, 1};
    const Padding asked = resolve_padding(p, {9, 9});
    EXPECT_EQ(asked.top, 3);
    EXPECT_EQ(asked.bottom, 3);
    EXPECT_EQ(asked.left, 1);
    EXPECT_EQ(asked.right, 1);
    p.same = true;
    p.dilation = {1, 3};
    const Padding same = resolve_padding(p, {4, 4});
    EXPECT_EQ(same.top, 1);
    EXPECT_EQ(same.bottom, 2);
    EXPECT_EQ(same.left, 4);
    EXPECT_EQ(same.right, 5);
}

TEST(PaddedSource, IsPyTorchsPadInEveryMode) {
    // torch.nn.functional.pad of 0 1 2 3 by three on both sides
    const auto row = [](PaddingMode mode) {
        std::vector<int> sources;
        for (int i = -3; i < 7; ++i) sources.push_back(padded_source(mode, i, 4));
        return sources;
    };
    EXPECT_EQ(row(PaddingMode::zeros), (std::vector<int>{-1, -1, -1, 0, 1, 2, 3, -1, -1, -1}));
    EXPECT_EQ(row(PaddingMode::reflect), (std::vector<int>{3, 2, 1, 0, 1, 2, 3, 2, 1, 0}));
    EXPECT_EQ(row(PaddingMode::replicate), (std::vector<int>{0, 0, 0, 0, 1, 2, 3, 3, 3, 3}));
    EXPECT_EQ(row(PaddingMode::circular), (std::vector<int>{1, 2, 3, 0, 1, 2, 3, 0, 1, 2}));
}

TEST(PaddedSource, AgreesWithTheEndlessPatternAsFarAsOutputShapeAllows) {
    for (int size = 1; size < 12; ++size)
        for (int m = 0; m < 4; ++m) {
            const auto mode = static_cast<PaddingMode>(m);
            const int reach = mode == PaddingMode::reflect ? size - 1 : mode == PaddingMode::circular ? size : 50;
            for (int i = -reach; i < size + reach; ++i)
                EXPECT_EQ(padded_source(mode, i, size), reference::reference_source(mode, i, size))
                    << to_string(mode) << i;
        }
}

TEST(PaddingMode, IsFoundByPyTorchsName) {
    EXPECT_EQ(padding_mode_names().size(), 4U);
    for (const auto name : padding_mode_names()) EXPECT_EQ(to_string(padding_mode_from(name).value()), name);
    EXPECT_EQ(padding_mode_from("reflect"), PaddingMode::reflect);
    for (const char* bad : {"", "Zeros", "constant"}) EXPECT_FALSE(padding_mode_from(bad));
}

TEST(Layer, NamesItselfWhenItCannotRun) {
    EXPECT_EQ(output_shape(Layer{"conv1", usual()}, usual_input).value(), (Shape{1, 6, 18, 26}));
    const auto bad = output_shape(Layer{"conv1", usual()}, {1, 3, 20, 30});
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "conv1: the kernels take 4 input channels, but the input has 3");
}

TEST(Layer, IsEqualToOneOfTheSameParametersAndTheVerySameWeights) {
    const Layer one{"conv1", usual()};
    Layer other = one;
    EXPECT_EQ(one, other);
    std::get<Conv2d>(other.operation).params.flip = true;
    EXPECT_NE(one, other);
    EXPECT_NE(one, (Layer{"conv1", usual()})) << "equal values in other memory";
    other = one;
    other.name = "conv2";
    EXPECT_NE(one, other);
}

}  // namespace
}  // namespace convlens
