/// engine/nn/layers.h: shapes, costs and sentences of the layers besides Conv2d.
#include "engine/nn/layers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/nn/network.h"

namespace convlens {
namespace {

Shape shape_of(const OperationSpec& spec, const Shape& input) { return output_shape(spec, input).value(); }

std::string sentence(const OperationSpec& spec, const Shape& input) {
    const auto output = output_shape(spec, input);
    return output ? "it runs and gives " + to_string(*output) : output.error().message;
}

TEST(Layers, OfOneValueEachKeepTheShape) {
    const Shape input{2, 3, 5, 7};
    for (const OperationSpec& spec :
         {OperationSpec(ReLU{}), OperationSpec(LeakyReLU{}), OperationSpec(Sigmoid{}), OperationSpec(Tanh{}),
          OperationSpec(Dropout{}), OperationSpec(Softmax{}), OperationSpec(BatchNorm2dSpec{3, 1e-5F, true})})
        EXPECT_EQ(shape_of(spec, input), input) << type_name(spec);
}

TEST(Layers, BearTheNamesOfTorchNn) {
    EXPECT_EQ(type_name(Conv2dSpec{}), "Conv2d");
    EXPECT_EQ(type_name(LocallyConnected2dSpec{}), "LocallyConnected2d");
    EXPECT_EQ(type_name(AdaptiveAvgPool2d{}), "AdaptiveAvgPool2d");
    EXPECT_EQ(type_name(BatchNorm2dSpec{}), "BatchNorm2d");
    EXPECT_EQ(type_name(LinearSpec{}), "Linear");
    EXPECT_EQ(type_name(Softmax{}), "Softmax");
}

TEST(Layers, HaveTheDefaultsOfTorchNn) {
    EXPECT_EQ(LeakyReLU{}.negative_slope, 0.01F);
    EXPECT_EQ(BatchNorm2dSpec{}.eps, 1e-5F);
    EXPECT_EQ(Dropout{}.p, 0.5F);
    EXPECT_TRUE(AvgPool2d{}.count_include_pad);
    EXPECT_FALSE(MaxPool2d{}.ceil_mode);
}

TEST(MaxPool2d, RoundsDownOrUpAsPyTorchDoes) {
    MaxPool2d pool{{3, 3}, {2, 2}, {0, 0}, {1, 1}, false};
    EXPECT_EQ(shape_of(pool, {1, 64, 55, 55}), (Shape{1, 64, 27, 27}));
    EXPECT_EQ(shape_of(pool, {1, 1, 6, 7}), (Shape{1, 1, 2, 3}));
    pool.ceil_mode = true;
    EXPECT_EQ(shape_of(pool, {1, 1, 6, 7}), (Shape{1, 1, 3, 3}));
    EXPECT_EQ(shape_of(pool, {1, 1, 2, 2}), (Shape{1, 1, 1, 1})) << "the window hangs over";
    // A window that would begin in the padding behind the input is left out.
    const MaxPool2d behind{{2, 2}, {2, 2}, {1, 1}, {1, 1}, true};
    EXPECT_EQ(shape_of(behind, {1, 1, 3, 4}), (Shape{1, 1, 2, 3}));
    const MaxPool2d dilated{{3, 2}, {1, 1}, {1, 0}, {2, 4}, false};
    EXPECT_EQ(shape_of(dilated, {1, 1, 9, 9}), (Shape{1, 1, 7, 5}));
}

TEST(MaxPool2d, SaysWhyItCannotRun) {
    EXPECT_EQ(sentence(MaxPool2d{{2, 2}, {2, 2}, {2, 0}, {1, 1}, false}, {1, 1, 9, 9}),
              "padding is 2x0: expected at most half of kernel_size 2x2");
    EXPECT_EQ(sentence(MaxPool2d{{3, 3}, {3, 3}, {0, 0}, {1, 1}, false}, {1, 1, 2, 9}),
              "kernel 3x3 is larger than the padded input 2x9");
    EXPECT_EQ(sentence(MaxPool2d{{2, 2}, {0, 2}, {0, 0}, {1, 1}, false}, {1, 1, 9, 9}),
              "stride is 0x2: expected 1 or more in both directions");
    EXPECT_EQ(sentence(MaxPool2d{{2, 2}, {2, 2}, {0, 0}, {0, 1}, false}, {1, 1, 9, 9}),
              "dilation is 0x1: expected 1 or more in both directions");
    EXPECT_EQ(sentence(MaxPool2d{{1 << 21, 2}, {2, 2}, {0, 0}, {1, 1}, false}, {1, 1, 9, 9}),
              "kernel_size is 2097152x2: expected 1048576 at most");
    AvgPool2d nothing;
    nothing.divisor_override = 0;
    EXPECT_EQ(sentence(nothing, {1, 1, 9, 9}), "divisor_override is 0: expected any other number");
}

TEST(AdaptiveAvgPool2d, GivesTheSizeAskedForFromAnyInput) {
    for (int h = 1; h < 20; ++h) EXPECT_EQ(shape_of(AdaptiveAvgPool2d{{6, 4}}, {2, 5, h, 21 - h}), (Shape{2, 5, 6, 4}));
    EXPECT_EQ(sentence(AdaptiveAvgPool2d{{0, 4}}, {1, 1, 3, 3}),
              "output_size is 0x4: expected 1 or more in both directions");
    EXPECT_NE(sentence(AdaptiveAvgPool2d{{1 << 20, 1 << 20}}, {1 << 20, 2, 1, 1}).find("too large"), std::string::npos);
}

TEST(Linear, FlattensItsInputAndSaysWhatDoesNotFit) {
    const LinearSpec fc1{250, 32, true};
    EXPECT_EQ(shape_of(fc1, {4, 10, 5, 5}), (Shape{4, 32, 1, 1}));
    EXPECT_EQ(shape_of(fc1, {4, 250, 1, 1}), (Shape{4, 32, 1, 1}));
    EXPECT_EQ(sentence(fc1, {1, 10, 6, 6}), "Linear expects 250 inputs, gets 360: 10 x 6 x 6");
    EXPECT_EQ(sentence(fc1, {1, 360, 1, 1}), "Linear expects 250 inputs, gets 360");
    EXPECT_EQ(sentence(LinearSpec{0, 3, true}, {1, 1, 1, 1}),
              "features are 0 in and 3 out: expected 1 or more of both");
}

TEST(Flatten, MakesChannelsOfAllValues) {
    EXPECT_EQ(shape_of(Flatten{}, {3, 10, 6, 7}), (Shape{3, 420, 1, 1}));
    EXPECT_EQ(sentence(Flatten{}, {1, 1 << 15, 1 << 10, 1 << 10}),
              "the input is 1x32768x1024x1024: too many values to flatten");
}

TEST(BatchNorm2d, NamesTheChannelsItExpects) {
    EXPECT_EQ(sentence(BatchNorm2dSpec{8, 1e-5F, true}, {1, 6, 3, 3}), "BatchNorm2d expects 8 channels, gets 6");
    EXPECT_EQ(sentence(BatchNorm2dSpec{8, -1.0F, true}, {1, 8, 3, 3}), "eps is -1: expected 0 or more");
}

TEST(GroupNorm, SaysWhichGroupsDoNotFit) {
    EXPECT_EQ(shape_of(GroupNormSpec{2, 6}, {3, 6, 4, 5}), (Shape{3, 6, 4, 5}));
    EXPECT_EQ(sentence(GroupNormSpec{2, 8}, {1, 6, 3, 3}), "GroupNorm expects 8 channels, gets 6");
    EXPECT_EQ(sentence(GroupNormSpec{4, 6}, {1, 6, 3, 3}), "num_groups is 4: it must divide num_channels, which is 6");
    EXPECT_EQ(sentence(GroupNormSpec{0, 6}, {1, 6, 3, 3}), "num_groups is 0: expected 1 or more");
    EXPECT_EQ(sentence(GroupNormSpec{2, 6, -1.0F}, {1, 6, 3, 3}), "eps is -1: expected 0 or more");
}

TEST(LocallyConnected2d, RunsOnTheOneSizeThatItHasKernelsFor) {
    const LocallyConnected2dSpec local{3, 4, {5, 3}, {3, 2}, {2, 1}, true};
    EXPECT_EQ(shape_of(local, {2, 3, 11, 4}), (Shape{2, 4, 5, 3}));
    EXPECT_EQ(shape_of(local, {2, 3, 12, 4}), (Shape{2, 4, 5, 3})) << "the last row is left over";
    EXPECT_EQ(sentence(local, {1, 3, 13, 4}), "output_size is 5x3, but an input of 13x4 gives 6x3");
    EXPECT_EQ(sentence(local, {1, 2, 11, 4}), "the kernels take 3 input channels, but the input has 2");
    EXPECT_EQ(sentence(local, {1, 3, 2, 4}), "kernel 3x2 is larger than the input 2x4");
}

TEST(Conv2dSpec, HasTheShapeOfTheLayerWithWeights) {
    Conv2dSpec spec{6, 8, {3, 5}, {}, true};
    spec.params.groups = 2;
    spec.params.stride = {2, 1};
    spec.params.padding = {1, 0};
    Conv2d layer{spec.params, std::make_shared<const Tensor>(Shape{8, 3, 3, 5}, 1.0F), nullptr};
    const Shape input{3, 6, 20, 30};
    EXPECT_EQ(shape_of(spec, input), output_shape(layer, input).value());
    spec.bias = false;
    EXPECT_EQ(spec_of(layer), OperationSpec(spec));
    spec.in_channels = 7;
    EXPECT_EQ(sentence(spec, input), "groups is 2: it must divide in_channels, which is 7");
    spec.params.groups = 0;
    EXPECT_EQ(sentence(spec, input), "groups is 0: expected 1 or more");
}

TEST(Layers, RefuseAnInputWithoutValues) {
    EXPECT_EQ(sentence(ReLU{}, {1, 0, 3, 3}), "the input is 1x0x3x3: expected at least one value");
    EXPECT_EQ(output_shape(Layer{"relu1", ReLU{}}, {1, 0, 3, 3}).error().message,
              "relu1: the input is 1x0x3x3: expected at least one value");
}

TEST(MultiplyAccumulates, AreTheProductsOfWeightsAndNothingElse) {
    Conv2dSpec alexnet{3, 64, {11, 11}, {}, true};
    EXPECT_EQ(multiply_accumulates(alexnet, {1, 3, 350, 210}, {1, 64, 86, 51}), 64U * 86 * 51 * 3 * 121);
    Conv2dSpec depthwise{8, 8, {3, 3}, {}, true};
    depthwise.params.groups = 8;
    EXPECT_EQ(multiply_accumulates(depthwise, {2, 8, 12, 12}, {2, 8, 10, 10}), 2U * 8 * 100 * 9);
    EXPECT_EQ(multiply_accumulates(LinearSpec{250, 32, true}, {4, 10, 5, 5}, {4, 32, 1, 1}), 4U * 32 * 250);
    EXPECT_EQ(
        multiply_accumulates(LocallyConnected2dSpec{3, 4, {5, 3}, {3, 2}, {2, 1}, true}, {2, 3, 11, 4}, {2, 4, 5, 3}),
        120U * 18);
    EXPECT_EQ(multiply_accumulates(MaxPool2d{}, {1, 1, 8, 8}, {1, 1, 4, 4}), 0U);
    constexpr int big = 1 << 20;
    EXPECT_EQ(multiply_accumulates(Conv2dSpec{big, 1, {big, big}, {}, true}, {big, big, big, big}, {big, 1, 1, 1}),
              std::numeric_limits<std::uint64_t>::max());
}

}  // namespace
}  // namespace convlens
