/// engine/document/between.h.
#include "engine/document/between.h"

#include <gtest/gtest.h>

namespace convlens {
namespace {

TEST(DocumentBetween, RoundsWholeNumbersAndMixesKernels) {
    Document from, to;
    from.conv.padding = {0, 0}, to.conv.padding = {4, 2};
    from.input.shift = {0, 0}, to.input.shift = {-10, 7};
    from.kernels.bank = RandomKernels{1, {3, 3}, 1}, to.kernels.bank = RandomKernels{9, {7, 7}, 2};
    to.layer = "conv1";
    EXPECT_EQ(document_between(from, to, 1), to);
    EXPECT_EQ(document_between(from, to, 2), to);
    const Document middle = document_between(from, to, 0.5);
    EXPECT_EQ(middle.conv.padding, (Size2{2, 1}));
    EXPECT_EQ(middle.input.shift, (Size2{-5, 4}));
    EXPECT_EQ(std::get<RandomKernels>(middle.kernels.bank), (RandomKernels{5, {5, 5}, 2}));
    EXPECT_EQ(middle.layer, "conv1");
    const Document begin = document_between(from, to, -1);
    EXPECT_EQ(begin.conv.padding, from.conv.padding);
    EXPECT_EQ(begin.input.shift, from.input.shift);
    // Between padding='same' and a number there is nothing.
    to.conv.same = true;
    EXPECT_EQ(document_between(from, to, 0.25).conv, to.conv);
}

TEST(DocumentBetween, MixesTheValuesOfKernelsOfTheSameShape) {
    const auto with = [](float value, Shape shape) {
        Document d;
        d.kernels.bank = LoadedKernels{KnownKernels::own, "k", std::make_shared<const Tensor>(shape, value), nullptr,
                                       Normalize::none};
        return d;
    };
    const auto weight = [](const Document& d) { return std::get<LoadedKernels>(d.kernels.bank).weight; };
    const Document from = with(1, {2, 1, 3, 3}), to = with(3, {2, 1, 3, 3});
    const auto mixed = weight(document_between(from, to, 0.25));
    for (const float v : mixed->values()) EXPECT_FLOAT_EQ(v, 1.5F);
    const Document other = with(3, {2, 1, 5, 5});
    EXPECT_EQ(weight(document_between(from, other, 0.25)), weight(other));
}

}  // namespace
}  // namespace convlens
