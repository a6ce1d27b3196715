/// engine/document/evaluate.h
#include "engine/document/evaluate.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/cpu/cpu_backend.h"
#include "engine/reference/reference.h"

namespace convlens {
namespace {

class Evaluate : public ::testing::Test {
  protected:
    Output now(const Output* previous = nullptr) {
        auto output = evaluate(document, *backend, Cancel{}, previous);
        if (!output) throw std::runtime_error(output.error().message);
        return std::move(*output);
    }

    Document document = [] {
        Document d;
        d.input.source = PatternInput{Pattern::noise, {24, 30}, 2};
        choose_kernels(d, RandomKernels{5, {3, 3}, 1});
        return d;
    }();
    std::unique_ptr<Backend> backend = make_cpu_backend({2, ""}).value();
};

TEST_F(Evaluate, RunsTheDocumentsLayerOnTheDocumentsInput) {
    const Output output = now();
    EXPECT_EQ(output.document, document);
    EXPECT_EQ(output.input->shape(), (Shape{2, 3, 24, 30}));
    ASSERT_EQ(output.activations->shape(), (Shape{2, 5, 24, 30}));
    EXPECT_EQ(output.multiply_accumulates, 2U * 5 * 24 * 30 * 27);
    EXPECT_GT(output.forward_ms, 0);
    const auto expected =
        reference::reference_conv2d(std::get<Conv2d>(output.network.layers[0].operation), *output.input);
    const std::size_t item = expected.values.size() / 2;
    for (int n = 0; n < 2; ++n) {
        reference::Reference half{{1, 5, 24, 30}, {}};
        half.values.assign(expected.values.begin() + static_cast<std::ptrdiff_t>(item) * n,
                           expected.values.begin() + static_cast<std::ptrdiff_t>(item) * (n + 1));
        const Tensor values = output.activations->read(n, {0, 5}, {0, 0, 30, 24}).value();
        EXPECT_LE(reference::relative_error(values.values(), half), 1e-5);
    }
}

TEST_F(Evaluate, DoesNothingAgainForAnotherLook) {
    const Output first = now();
    document.display.gap = 9;
    const Output second = now(&first);
    EXPECT_EQ(second.document.display.gap, 9);
    EXPECT_EQ(second.input, first.input);
    EXPECT_EQ(second.network, first.network);
    EXPECT_EQ(second.activations, first.activations);
    EXPECT_EQ(second.forward_ms, first.forward_ms);
    EXPECT_EQ(second.multiply_accumulates, first.multiply_accumulates);
}

TEST_F(Evaluate, KeepsTheInputForOtherHyperParameters) {
    const Output first = now();
    document.conv.stride = {2, 2};
    const Output second = now(&first);
    EXPECT_EQ(second.input, first.input);
    EXPECT_NE(second.activations, first.activations);
    EXPECT_EQ(second.activations->shape(), (Shape{2, 5, 12, 15}));
}

TEST_F(Evaluate, KeepsTheNetworkForAnotherInput) {
    const Output first = now();
    document.input.shift = {1, 1};
    const Output second = now(&first);
    EXPECT_NE(second.input, first.input);
    EXPECT_EQ(second.network, first.network);
    EXPECT_NE(second.activations, first.activations);
}

TEST_F(Evaluate, BuildsTheNetworkAnewForAnInputOfOtherChannels) {
    const Output first = now();
    document.input.gray = true;
    const Output second = now(&first);
    EXPECT_EQ(std::get<Conv2d>(second.network.layers[0].operation).weight->shape(), (Shape{5, 1, 3, 3}));
}

TEST_F(Evaluate, FeedsAGrayPictureToKernelsOfThreeChannels) {
    document.input.gray = true;
    const Output one = now();
    ASSERT_EQ(one.input->shape().c, 1);
    LoadedKernels kernels;
    kernels.weight = std::make_shared<const Tensor>(Shape{2, 3, 1, 1}, 0.5F);
    document.kernels.bank = kernels;
    document.conv = {};
    const Output three = now(&one);
    ASSERT_EQ(three.input->shape(), (Shape{2, 3, 24, 30})) << "the input of the kernels before does not fit";
    const float luminance = one.input->at(1, 0, 4, 5);
    EXPECT_NEAR(three.activations->read(1, {1, 1}, {5, 4, 1, 1}).value().at(0, 0, 0, 0), 1.5F * luminance, 1e-5);
    document.kernels.bank = RandomKernels{5, {3, 3}, 1};
    EXPECT_EQ(now(&three).input->shape().c, 1);
}

TEST_F(Evaluate, PreparesTheInputAnewForKernelsOfAnotherNormalization) {
    const Output first = now();
    LoadedKernels kernels;
    kernels.weight = std::make_shared<const Tensor>(Shape{2, 3, 1, 1}, 1.0F);
    kernels.trained_with = Normalize::half;
    document.kernels.bank = kernels;
    const Output second = now(&first);
    ASSERT_NE(second.input, first.input);
    EXPECT_FLOAT_EQ(second.input->data()[0], (first.input->data()[0] - 0.5F) / 0.5F);
    document.input.normalize = Normalize::half;  // the same, said aloud
    EXPECT_EQ(effective_normalize(document), effective_normalize(second.document));
}

TEST_F(Evaluate, GivesTheSameWithAndWithoutAPreviousOutput) {
    const Output first = now();
    document.conv.dilation = {2, 3};
    document.input.gray = true;
    const Output with = now(&first), without = now();
    const Shape s = with.activations->shape();
    ASSERT_EQ(s, without.activations->shape());
    const Tensor a = with.activations->read(1, {0, s.c}, {0, 0, s.w, s.h}).value();
    const Tensor b = without.activations->read(1, {0, s.c}, {0, 0, s.w, s.h}).value();
    EXPECT_TRUE(std::equal(a.values().begin(), a.values().end(), b.values().begin()));
}

TEST_F(Evaluate, FailsInTheSentenceOfWhateverCannotRun) {
    document.input.crop = Rect{0, 0, 99, 99};
    EXPECT_NE(evaluate(document, *backend, Cancel{}).error().message.find("does not lie inside"), std::string::npos);
    document.input.crop.reset();
    document.kernels.bank = RandomKernels{0, {3, 3}, 1};
    EXPECT_NE(evaluate(document, *backend, Cancel{}).error().message.find("expected at least 1 kernel"),
              std::string::npos);
    document.kernels.bank = RandomKernels{3, {3, 3}, 1};
    document.conv.stride = {0, 1};
    EXPECT_EQ(evaluate(document, *backend, Cancel{}).error().message,
              "conv1: stride is 0x1: expected 1 or more in both directions");
    document.conv.stride = {1, 1};
    EXPECT_TRUE(evaluate(document, *backend, Cancel{}));
}

TEST_F(Evaluate, RefusesAResultLargerThanTheMachineWithoutAllocatingIt) {
    document.input.source = TensorInput{"x.npy", std::make_shared<const Tensor>(Shape{1, 3, 100, 100}, 1.0F)};
    document.kernels.bank = RandomKernels{512, {1, 1}, 1};
    document.conv.padding = {100'000, 100'000};  // 512 x 200100 x 200100 floats: 82 TB
    const auto output = evaluate(document, *backend, Cancel{});
    ASSERT_FALSE(output);
    EXPECT_FALSE(output.error().canceled);
    // Where size_t has 32 bits the shape itself is too large.
    const char* sentence =
        sizeof(std::size_t) < 8 ? "1x512x200100x200100: too large" : "the output 1x512x200100x200100 needs";
    EXPECT_NE(output.error().message.find(sentence), std::string::npos) << output.error().message;
}

TEST_F(Evaluate, IsCanceledWhenAskedToAndRightAfterwards) {
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, Cancel::Clock::now(), progress);
    const Output first = now();
    document.conv.stride = {2, 1};
    const auto none = evaluate(document, *backend, stopped, &first);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().canceled);
    EXPECT_EQ(now(&first).activations->shape(), (Shape{2, 5, 12, 30}));
}

}  // namespace
}  // namespace convlens
