/// Every convolution on every backend and instruction set against the double-precision reference.
#include <gtest/gtest.h>

#include <vector>

#include "engine/nn/layers/conv2d.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

constexpr std::uint32_t first_seed = 1000;

/// Runs every case with whole numbers, and every third one with reals too.
void expect_references(const std::vector<ConvCase>& cases) {
    const auto backends = every_backend(2);
    std::uint32_t seed = first_seed;
    for (const ConvCase& c : cases) {
        expect_reference(backends, c, Numbers::small_integers, ++seed);
        if (seed % 3 == 0) expect_reference(backends, c, Numbers::reals, seed);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

ConvCase padded_3x3(Shape input, int out_channels) {
    ConvCase c{input, out_channels, {3, 3}, {}, true};
    c.params.padding = {1, 1};
    return c;
}

TEST(Conv2dBackend, IsRightForEveryWidthAndSoForEveryRemainderOfAVector) {
    std::vector<ConvCase> cases;
    for (int width = 1; width <= 112; ++width) {
        ConvCase c = padded_3x3({1, 2, 3, width}, 1 + width % 9);
        c.params.stride.w = 1 + width % 3;
        cases.push_back(c);
        c.params.stride.w = 1;
        cases.push_back(c);
    }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryHeight) {
    std::vector<ConvCase> cases;
    for (int height = 1; height <= 40; ++height) cases.push_back(padded_3x3({1, 3, height, 18}, 5));
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryNumberOfInputChannels) {
    std::vector<ConvCase> cases;
    for (int channels = 1; channels <= 40; ++channels) cases.push_back(padded_3x3({1, channels, 4, 17}, 3));
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryNumberOfOutputChannelsInAndPastABlock) {
    std::vector<ConvCase> cases;
    for (int channels = 1; channels <= 40; ++channels) cases.push_back(padded_3x3({1, 2, 3, 19}, channels));
    for (const int channels : {63, 64, 65, 100, 129}) cases.push_back(padded_3x3({1, 3, 4, 33}, channels));
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForOneToFiveHundredChannels) {
    std::vector<ConvCase> cases;  // sums of up to 3,000 products
    for (int channels = 1; channels <= 500; ++channels) {
        cases.push_back({{1, channels, 3, 5}, 1 + channels % 8, {2, 3}, {}, channels % 2 == 0});
        cases.push_back({{1, 1 + channels % 8, 3, 5}, channels, {2, 3}, {}, channels % 2 == 0});
        if (channels % 50 == 0) cases.push_back({{1, channels, 3, 5}, 501 - channels, {2, 3}, {}, true});
    }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightWhereChannelsHeightOrWidthAreOne) {
    std::vector<ConvCase> cases;
    for (const int channels : {1, 6})
        for (const int height : {1, 7})
            for (const int width : {1, 21})
                for (const int kernel : {1, 3})
                    for (const int outputs : {1, 9}) {
                        ConvCase c{{2, channels, height, width}, outputs, {kernel, kernel}, {}, true};
                        c.params.padding = {kernel / 2, kernel / 2};
                        cases.push_back(c);
                        c.params.stride = {2, 3};
                        cases.push_back(c);
                    }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightWithoutABorderAndWhereEveryValueIsABorder) {
    std::vector<ConvCase> cases;
    for (int kernel = 1; kernel <= 7; ++kernel)
        for (int extra = 0; extra < 3; ++extra) {
            ConvCase c{{1, 2, kernel + extra, kernel + 2 * extra}, 5, {kernel, kernel}, {}, true};
            cases.push_back(c);  // no value of the output sees padding
            c.params.padding = {kernel - 1, kernel - 1};
            cases.push_back(c);  // with extra 0 but the middle one, all of them
            c.input.h = c.input.w = 1 + extra;
            cases.push_back(c);
            c.params.padding = {kernel - 1, 0};
            c.input.w = kernel;
            cases.push_back(c);
        }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryBatchSize) {
    std::vector<ConvCase> cases;
    for (int batch = 1; batch <= 40; ++batch) cases.push_back(padded_3x3({batch, 2, 3, 5}, 3));
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryKernelSize) {
    std::vector<ConvCase> cases;
    for (int h = 1; h <= 11; ++h)
        for (int w = 1; w <= 11; ++w) {
            ConvCase c{{1, 2, 9, 21}, 5, {h, w}, {}, (h + w) % 2 == 0};
            c.params.padding = {h / 2, w / 2};
            cases.push_back(c);
        }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryStrideAlsoPastTheKernel) {
    std::vector<ConvCase> cases;
    for (int h = 1; h <= 7; ++h)
        for (int w = 1; w <= 7; ++w)
            for (const Size2 kernel : {Size2{1, 1}, Size2{3, 2}, Size2{5, 11}}) {
                ConvCase c{{1, 2, 14, 40}, 4, kernel, {}, true};
                c.params.stride = {h, w};
                c.params.padding = {kernel.h / 2, kernel.w / 2};
                cases.push_back(c);
            }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForEveryDilationWithEveryStride) {
    std::vector<ConvCase> cases;
    for (int h = 1; h <= 4; ++h)
        for (int w = 1; w <= 6; ++w)
            for (int stride = 1; stride <= 4; ++stride) {
                ConvCase c{{1, 2, 15, 37}, 3, {4, 5}, {}, false};
                c.params.dilation = {h, w};
                c.params.stride = {1 + h % 2, stride};
                c.params.padding = {2, 3};
                cases.push_back(c);
            }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForGroupsAndDepthwise) {
    struct Grouping {
        int in, out, groups;
    };
    std::vector<ConvCase> cases;
    for (const auto& [in, out, groups] : {Grouping{4, 6, 2},
                                          {6, 3, 3},
                                          {9, 18, 3},
                                          {8, 8, 8},
                                          {5, 15, 5},
                                          {16, 34, 2},
                                          {40, 40, 40},
                                          {12, 68, 4},
                                          {1, 1, 1},
                                          {3, 96, 3}}) {
        ConvCase c = padded_3x3({2, in, 6, 19}, out);
        c.params.groups = groups;
        cases.push_back(c);
        c.params.flip = true;
        c.params.stride = {2, 3};
        cases.push_back(c);
    }
    expect_references(cases);
}

TEST(Conv2dBackend, PadsSameWithTheOddRowBelowAndTheOddColumnToTheRight) {
    std::vector<ConvCase> cases;
    for (int h = 1; h <= 6; ++h)
        for (int w = 1; w <= 6; ++w)
            for (int mode = 0; mode < 4; ++mode) {
                ConvCase c{{1, 2, 10, 23}, 3, {h, w}, {}, true};
                c.params.same = true;
                c.params.padding = {3, 1};  // means nothing beside `same`
                c.params.dilation = {1 + w % 2, 1 + h % 3};
                c.params.padding_mode = static_cast<PaddingMode>(mode);
                if (mode == 3 && c.params.dilation.h * h > 10) continue;
                cases.push_back(c);
            }
    expect_references(cases);
}

TEST(Conv2dBackend, PadsFurtherThanTheKernelAndTheImageReachInEveryMode) {
    std::vector<ConvCase> cases;
    for (int mode = 0; mode < 4; ++mode)
        for (int extra = 0; extra < 14; ++extra) {
            ConvCase c{{1, 2, 15, 15}, 3, {2, 3}, {}, true};
            c.params.padding_mode = static_cast<PaddingMode>(mode);
            c.params.padding = {extra, 14 - extra};
            c.params.stride = {1 + extra % 3, 1 + extra % 4};
            cases.push_back(c);
            if (mode == 0 || mode == 2) {  // zeros and copies of the border may go on past the image's size
                c.input.h = c.input.w = 3 + extra % 4;
                cases.push_back(c);
            }
        }
    ConvCase whole_turn{{1, 1, 4, 5}, 2, {3, 3}, {}, false};
    whole_turn.params.padding_mode = PaddingMode::circular;
    whole_turn.params.padding = {4, 5};
    cases.push_back(whole_turn);
    expect_references(cases);
}

TEST(Conv2dBackend, TakesHugeHyperParametersThatStillFit) {
    constexpr int million = 1 << 20;
    std::vector<ConvCase> cases;
    ConvCase c{{1, 2, 5, 7}, 3, {3, 3}, {}, true};
    c.params.stride = {million, million};
    cases.push_back(c);
    c.params.padding = {1, 1};
    cases.push_back(c);
    c.params = {};
    c.params.padding = {1000, 1000};
    c.params.dilation = {1001, 1002};
    cases.push_back(c);
    c.params.stride = {5, 400};
    cases.push_back(c);
    c.params.dilation = {1, 1};
    c.params.stride = {77, 500};
    c.params.padding_mode = PaddingMode::replicate;
    cases.push_back(c);
    c = {{1, 1, 1, 1}, 1, {3, 3}, {}, true};
    c.params.dilation = c.params.padding = {million / 2, million / 2};
    cases.push_back(c);
    c.params.stride = {million, million};
    cases.push_back(c);
    c = {{1, 1, 3, 3}, 2, {1, 1}, {}, true};
    c.params.padding = {2, million};
    c.params.stride = {1, 99'991};
    cases.push_back(c);
    c.params.padding = {million, 2};
    c.params.stride = {99'991, 1};
    cases.push_back(c);
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForTheNotebooksLayersOnASmallImage) {
    ConvCase notebook{{2, 3, 32, 32}, 7, {5, 5}, {}, true};
    notebook.params.padding = {2, 2};
    ConvCase alexnet{{1, 3, 47, 60}, 64, {11, 11}, {}, true};
    alexnet.params.stride = {4, 4};
    alexnet.params.padding = {2, 2};
    ConvCase edges{{1, 3, 20, 40}, 64, {7, 7}, {}, false};
    edges.params.padding = {3, 3};
    expect_references({notebook, alexnet, edges});
}

TEST(Conv2dBackend, IsRightForLongSumsOverWideAndNarrowRows) {
    // Rows so wide and of so many channels that they are done in strips, sums so long that they are done in
    // parts, inputs too large to be packed as a whole.
    std::vector<ConvCase> cases;
    for (const int width : {600, 1000, 1003})
        for (const int stride : {1, 2}) {
            ConvCase c = padded_3x3({1, 64, 3, width}, 2);
            c.params.stride.w = stride;
            cases.push_back(c);
        }
    cases.push_back(padded_3x3({1, 200, 3, 70}, 3));
    cases.push_back(padded_3x3({1, 150, 5, 13}, 33));
    cases.push_back(padded_3x3({2, 300, 3, 6}, 20));
    cases.push_back(padded_3x3({1, 3, 5, 2000}, 4));
    ConvCase tall{{1, 3, 3000, 9}, 16, {5, 5}, {}, true};
    cases.push_back(tall);
    ConvCase batch{{40, 8, 90, 40}, 1, {1, 1}, {}, true};
    cases.push_back(batch);
    ConvCase mirrored{{1, 3, 6, 700}, 3, {3, 5}, {}, true};
    mirrored.params.padding = {2, 2};
    for (int mode = 0; mode < 4; ++mode) {
        mirrored.params.padding_mode = static_cast<PaddingMode>(mode);
        cases.push_back(mirrored);
    }
    expect_references(cases);
}

TEST(Conv2dBackend, IsRightForRandomWholeNumberCasesToTheBit) {
    const auto backends = every_backend(2);
    Random random(20);
    for (std::uint32_t i = 0; i < 400 && !::testing::Test::HasFailure(); ++i)
        expect_reference(backends, random_case(random), Numbers::small_integers, i);
}

TEST(Conv2dBackend, IsRightForRandomRealCasesToOneInAHundredThousand) {
    const auto backends = every_backend(2);
    Random random(21);
    for (std::uint32_t i = 0; i < 200 && !::testing::Test::HasFailure(); ++i)
        expect_reference(backends, random_case(random), Numbers::reals, i);
}

TEST(Conv2dBackend, RefusesWhatPyTorchRefusesOnEveryInstructionSet) {
    Random random(22);
    ConvCase c{{1, 3, 4, 4}, 2, {5, 5}, {}, true};
    const Conv2d layer = random_layer(c, Numbers::reals, random);
    for (const auto& backend : every_backend(1)) {
        const auto output = run(*backend, layer, random_tensor(c.input, Numbers::reals, random));
        ASSERT_FALSE(output);
        EXPECT_NE(output.error().message.find("kernel 5x5 is larger than the padded input 4x4"), std::string::npos)
            << output.error().message;
        EXPECT_FALSE(output.error().canceled);
    }
}

}  // namespace
}  // namespace convlens::test
