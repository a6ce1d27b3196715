/// What must hold for attribution maps of any network, and the sentences for what can't be explained.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "engine/attribute/attribution.h"
#include "engine/attribute/effective_field.h"
#include "engine/attribute/fooling.h"
#include "engine/attribute/occlusion.h"
#include "engine/attribute/sanity.h"
#include "engine/attribute/study.h"
#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/nn/parameters.h"
#include "engine/reference/random_case.h"
#include "engine/view/colormap.h"

namespace convlens::test {
namespace {

const Simd& simd() { return available_simd().front(); }

Network made_of(const std::vector<LayerSpec>& specs, std::uint32_t seed) {
    Network network;
    for (const LayerSpec& spec : specs)
        network.layers.push_back(with_parameters(spec, initial_parameters(spec, seed)).value());
    return network;
}

/// A chain with every kind of layer that occlusion computes partially, and then one that runs as a whole.
std::vector<LayerSpec> layers() {
    return {{"conv1", Conv2dSpec{3, 6, {5, 4}, {{2, 3}, {1, 2}, false, {1, 1}, 1}, true}},
            {"tanh", Tanh{}},
            {"norm", BatchNorm2dSpec{6}},
            {"pool1", MaxPool2d{{3, 2}, {2, 1}, {1, 1}, {1, 1}, true}},
            {"conv2", Conv2dSpec{6, 4, {3, 3}, {{1, 1}, {2, 2}, false, {2, 2}, 2}, true}},
            {"relu2", ReLU{}},
            {"mean", AvgPool2d{{2, 2}, {2, 2}, {}, false, true, {}}},
            {"conv3", Conv2dSpec{4, 3, {2, 2}, {}, false}}};
}

std::shared_ptr<const Tensor> image(const Shape& shape, std::uint32_t seed = 1) {
    Random random(seed);
    return std::make_shared<const Tensor>(reference::random_tensor(shape, reference::Numbers::reals, random));
}

double output_of(const Target& target, const std::shared_ptr<const Tensor>& input) {
    return Attribution::make(target, input, Normalize::none, {}, simd()).value().output(Cancel()).value();
}

TEST(Target, KeepsTheExplainedChannelAndNothingAfterIt) {
    auto specs = layers();
    specs.push_back({"relu3", ReLU{}});
    const auto input = image({1, 3, 30, 41});
    const Network network = made_of(specs, 3);
    for (int channel = 0; channel < 3; ++channel) {
        const Target target = make_target(network, channel, input->shape()).value();
        EXPECT_EQ(target.network.layers.back().name, "conv3");
        auto whole =
            Backpropagation::make({{network.layers.begin(), network.layers.end() - 1}}, input->shape(), simd()).value();
        ASSERT_TRUE(whole.forward(input, Cancel()));
        const auto plane = whole.value(8).plane(0, channel);
        const double mean = std::accumulate(plane.begin(), plane.end(), 0.0) / static_cast<double>(plane.size());
        EXPECT_NEAR(output_of(target, input), mean, 1e-5);
    }
    EXPECT_EQ(make_target(network, 3, input->shape()).error().message,
              "channel 3 does not exist: conv3 has channels 0 to 2");
    EXPECT_FALSE(make_target(network, 0, {1, 2, 30, 41}));
}

TEST(Target, ExplainsAnActivationOfTheInputItself) {
    const auto input = image({1, 3, 6, 5});
    const LayerSpec conv{"conv", Conv2dSpec{3, 2, {3, 3}, {}, true}};
    const Network forked = made_of({conv, {"relu", ReLU{}, {-1}}}, 3);
    EXPECT_EQ(without_last_activations(forked), forked) << "conv is another branch";
    const Target target = make_target(forked, 2, input->shape()).value();
    double mean = 0;
    for (const float v : input->plane(0, 2)) mean += static_cast<double>(std::max(v, 0.0F)) / 30;
    EXPECT_NEAR(output_of(target, input), mean, 1e-6);
    const Network behind = made_of({conv, {"tanh", Tanh{}, {-1}}, {"relu", ReLU{}, {0}}, {"sigmoid", Sigmoid{}}}, 3);
    EXPECT_EQ(without_last_activations(behind).layers.size(), 1U) << "relu reads conv";
}

TEST(Randomized, RedrawsFromALayerOnTheSameWayEveryTime) {
    const Network network = made_of(layers(), 3);
    const Network some = randomized(network, 4, 7), all = randomized(network, 0, 7);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(some.layers[i], network.layers[i]) << i;
    const auto weight = [](const Network& n, std::size_t i) { return std::get<Conv2d>(n.layers[i].operation).weight; };
    for (const std::size_t i : {std::size_t{4}, std::size_t{7}}) {
        EXPECT_NE(weight(some, i)->data()[0], weight(network, i)->data()[0]);
        EXPECT_TRUE(std::ranges::equal(weight(some, i)->values(), weight(all, i)->values()));
        EXPECT_FALSE(std::ranges::equal(weight(some, i)->values(), weight(randomized(network, 4, 8), i)->values()));
    }
    EXPECT_EQ(randomized(network, 8, 7), network);
    // A network that has random weights already gets others, also for the same seed.
    EXPECT_FALSE(std::ranges::equal(weight(made_of(layers(), 7), 4)->values(), weight(some, 4)->values()));
}

/// The axiom of completeness, by which integrated gradients are derived.
TEST(Attribution, SharesOfIntegratedGradientsAddUpToTheDifference) {
    auto specs = layers();
    specs[1].operation = Sigmoid{};
    const auto input = image({1, 3, 30, 41}), black = std::make_shared<const Tensor>(input->shape(), 0.0F);
    const Target target = make_target(made_of(specs, 5), 1, input->shape()).value();
    AttributionOptions options;
    options.steps = 300;
    const Tensor map = Attribution::make(target, input, Normalize::none, options, simd())
                           .value()
                           .map(Method::integrated_gradients, Cancel())
                           .value();
    const double sum = std::accumulate(map.values().begin(), map.values().end(), 0.0);
    const double difference = output_of(target, input) - output_of(target, black);
    EXPECT_NEAR(sum, difference, 2e-3 * std::abs(difference));
}

/// For a linear network, a value's share is its value times its weight, for any method.
TEST(Attribution, MethodsAgreeForALinearNetwork) {
    const auto input = image({1, 3, 9, 8});
    const Target target =
        make_target(made_of({{"conv", Conv2dSpec{3, 2, {3, 3}, {}, true}}}, 2), 0, input->shape()).value();
    auto attribution = Attribution::make(target, input, Normalize::none, {}, simd()).value();
    const Tensor gradient = attribution.map(Method::gradient, Cancel()).value(),
                 product = attribution.map(Method::gradient_input, Cancel()).value();
    for (const Method same : {Method::guided_backprop, Method::deconvolution})
        EXPECT_TRUE(std::ranges::equal(attribution.map(same, Cancel()).value().values(), gradient.values()));
    const Tensor integrated = attribution.map(Method::integrated_gradients, Cancel()).value();
    for (std::size_t i = 0; i < product.size(); ++i)
        EXPECT_NEAR(integrated.data()[i], product.data()[i], 1e-5F * std::abs(product.data()[i]) + 1e-7F);
    EXPECT_EQ(attribution.map(Method::grad_cam, Cancel()).error().message,
              "Grad-CAM needs a convolution before the layer conv that is explained");
}

/// Compares the drops of all positions of a patch with those of whole covered images.
void expect_drops_of_covered_images(const std::vector<LayerSpec>& specs, Size2 patch, Size2 stride) {
    const auto input = image({1, 3, 30, 41});
    const Target target = make_target(made_of(specs, 4), 1, input->shape()).value();
    auto occlusion = Occlusion::make(target, input, patch, stride, simd()).value();
    while (occlusion.step(Cancel()).value()) {
    }
    const std::vector<double> drops = occlusion.drops();
    std::size_t at = 0;
    const auto starts = [](int size, int extent, int step) {
        std::vector<int> all;
        for (int i = 0; i + extent < size; i += step) all.push_back(i);
        if (all.empty() || all.back() != size - extent) all.push_back(size - extent);
        return all;
    };
    double largest = 1e-3;
    for (const double d : drops) largest = std::max(largest, std::abs(d));
    for (const int y : starts(30, patch.h, stride.h))
        for (const int x : starts(41, patch.w, stride.w)) {
            Tensor covered = input->clone();
            for (int c = 0; c < 3; ++c) {
                const auto plane = input->plane(0, c);
                const double mean =
                    std::accumulate(plane.begin(), plane.end(), 0.0) / static_cast<double>(plane.size());
                for (int i = 0; i < patch.h; ++i)
                    for (int j = 0; j < patch.w; ++j) covered.at(0, c, y + i, x + j) = static_cast<float>(mean);
            }
            const double expected =
                output_of(target, input) - output_of(target, std::make_shared<const Tensor>(std::move(covered)));
            ASSERT_LT(at, drops.size());
            EXPECT_NEAR(drops[at], expected, 1e-4 * largest) << specs.size() << " " << patch.h << " " << y << " " << x;
            ++at;
        }
    EXPECT_EQ(at, drops.size());
}

/// Only what a patch changes is computed: the same as whole covered images.
TEST(Occlusion, IsTheDifferenceToWholeCoveredImages) {
    for (const Size2 patch : {Size2{1, 1}, Size2{5, 7}, Size2{30, 41}})
        for (const std::size_t kept : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
            auto specs = layers();
            specs.resize(kept);
            expect_drops_of_covered_images(specs, patch, {4, 9});
        }
}

/// From the first fork on, which may be at the input, layers run as a whole.
TEST(Occlusion, FollowsBranches) {
    const Conv2dSpec same{6, 6, {3, 3}, {{1, 1}, {1, 1}, false, {1, 1}, 1}, true};
    const std::vector<LayerSpec> block{{"conv1", Conv2dSpec{3, 6, {5, 4}, {{2, 3}, {1, 2}, false, {1, 1}, 1}, true}},
                                       {"tanh", Tanh{}},
                                       {"conv2", same},
                                       {"relu2", ReLU{}},
                                       {"conv3", same},
                                       {"unused", Tanh{}},
                                       {"add", Add{}, {4, 1}},
                                       {"mean", AdaptiveAvgPool2d{{1, 1}}},
                                       {"gate", Sigmoid{}},
                                       {"gated", Multiply{}, {8, 6}},
                                       {"cat", Concat{}, {9, 3}}},
        fork{{"tanh", Tanh{}}, {"add", Add{}, {0, -1}}, {"conv", Conv2dSpec{3, 2, {3, 3}, {}, true}}};
    for (const Size2 patch : {Size2{1, 1}, Size2{5, 7}}) {
        expect_drops_of_covered_images(block, patch, {4, 9});
        expect_drops_of_covered_images(fork, patch, {4, 9});
    }
}

TEST(Occlusion, SaysWhatItCannotDo) {
    const auto input = image({1, 3, 30, 41});
    const Target target = make_target(made_of(layers(), 4), 1, input->shape()).value();
    EXPECT_EQ(Occlusion::make(target, input, {31, 4}, {1, 1}, simd()).error().message,
              "a patch of 4x31 pixels does not fit into an image of 41x30");
    EXPECT_EQ(Occlusion::make(target, input, {3, 4}, {0, 1}, simd()).error().message,
              "a patch can't move by 1x0 pixels, expected at least 1");
}

TEST(Attribution, DoesNotDependOnTheNumberOfThreads) {
    const MoreThreadsThanCores more(4);
    const auto input = image({1, 3, 30, 41});
    const Target target = make_target(made_of(layers(), 6), 2, input->shape()).value();
    const auto maps = [&](int threads) {
        return Arena(threads).execute([&] {
            std::vector<float> all;
            auto attribution = Attribution::make(target, input, Normalize::none, {}, simd()).value();
            for (const MethodText& text : methods()) {
                if (text.name == "occlusion") continue;
                const Tensor map = attribution.map(*method_from(text.name), Cancel()).value();
                all.insert(all.end(), map.values().begin(), map.values().end());
            }
            auto occlusion = Occlusion::make(target, input, {4, 4}, {3, 3}, simd()).value();
            while (occlusion.step(Cancel()).value()) {
            }
            const Tensor map = occlusion.map();
            all.insert(all.end(), map.values().begin(), map.values().end());
            return all;
        });
    };
    EXPECT_EQ(maps(1), maps(4));
}

TEST(RankCorrelation, IsOneForTheSameOrderAndUndefinedForAConstant) {
    const auto input = image({1, 1, 9, 9});
    Tensor squares = input->clone();
    for (float& v : squares.values()) v *= v;
    EXPECT_DOUBLE_EQ(rank_correlation(*input, squares).value(), 1);
    for (float& v : squares.values()) v = 1 / v;
    EXPECT_DOUBLE_EQ(rank_correlation(*input, squares).value(), -1);
    EXPECT_FALSE(rank_correlation(*input, Tensor(input->shape(), 2.0F)));
}

TEST(EffectiveField, OfOneConvolutionIsItsKernel) {
    const Network network = made_of({{"conv", Conv2dSpec{2, 2, {3, 4}, {{1, 1}, {1, 2}}, true}}}, 3);
    const EffectiveField field = effective_field(network, image({1, 2, 20, 20}), 1, 16, simd(), Cancel()).value();
    ASSERT_EQ(field.map.shape(), (Shape{1, 1, 3, 4}));
    EXPECT_EQ(field.positions, 16);
    const Tensor& w = *std::get<Conv2d>(network.layers[0].operation).weight;
    float largest = 0;
    const auto at = [&](int y, int x) { return std::abs(w.at(1, 0, y, x)) + std::abs(w.at(1, 1, y, x)); };
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 4; ++x) largest = std::max(largest, at(y, x));
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 4; ++x) EXPECT_NEAR(field.map.at(0, 0, y, x), at(y, x) / largest, 1e-6F);
}

TEST(Study, HasEveryMapBesideItsTwinAndKeepsTheMapsWhenTheWeightsAreDrawnAgain) {
    StudyTask task;
    task.network = made_of(layers(), 6);
    task.input = image({1, 3, 30, 41});
    task.channel = 2;
    task.options.patch = {6, 6}, task.options.stride = {2, 2};
    task.random_from = 4;
    for (const MethodText& text : methods()) task.chosen.push_back(*method_from(text.name));
    Study study(task, simd());
    int steps = 0;
    bool grew = false;
    while (study.step()) {
        ++steps;
        const StudyView now = study.view();
        const StudyRow& row = now.rows.back();
        grew = grew || (row.map && !row.complete);
    }
    EXPECT_GT(steps, 14);
    EXPECT_TRUE(grew);  // occlusion can be seen while it grows
    const StudyView first = study.view();
    EXPECT_EQ(first.done, first.work);
    const Target target = make_target(task.network, 2, task.input->shape()).value();
    EXPECT_NEAR(first.output, output_of(target, task.input), 1e-9);
    const Target twin = make_target(randomized(task.network, 4, 1), 2, task.input->shape()).value();
    EXPECT_NEAR(first.random_output, output_of(twin, task.input), 1e-9);
    for (const StudyRow& row : first.rows) {
        SCOPED_TRACE(text_of(row.method).name);
        ASSERT_TRUE(row.error.empty()) << row.error;
        EXPECT_TRUE(row.complete && row.map_image && row.twin_image);
        EXPECT_EQ(row.rank, rank_correlation(*row.map, *row.twin));
        EXPECT_EQ(row.edges, rank_correlation(*row.map, *first.edges));
        EXPECT_LT(row.rank.value(), 0.999);
    }
    study.randomize(8, 1);  // nothing is random
    EXPECT_FALSE(study.view().rows[0].complete);
    while (study.step()) {
    }
    for (std::size_t i = 0; i < first.rows.size(); ++i) {
        const StudyRow row = study.view().rows[i];
        EXPECT_EQ(row.map, first.rows[i].map);
        EXPECT_NE(row.twin, first.rows[i].twin);
        EXPECT_DOUBLE_EQ(row.rank.value(), 1) << text_of(row.method).name;
    }
}

TEST(Study, SaysWhyThereIsNoMap) {
    StudyTask task;
    task.network = made_of({{"conv", Conv2dSpec{3, 2, {3, 3}, {}, true}}}, 2);
    task.input = image({1, 3, 9, 8});
    task.chosen = {Method::grad_cam, Method::gradient};
    Study study(task, simd());
    while (study.step()) {
    }
    EXPECT_EQ(study.view().rows[0].error, "Grad-CAM needs a convolution before the layer conv that is explained");
    EXPECT_TRUE(study.view().rows[1].complete);
    task.channel = 2;
    Study none(task, simd());
    EXPECT_FALSE(none.step());
    EXPECT_EQ(none.view().error, "channel 2 does not exist: conv has channels 0 to 1");
}

TEST(MapPicture, HasTheMiddleColorForZeroAndBlackForNothing) {
    Tensor map({1, 1, 1, 3});
    map.data()[0] = -2, map.data()[1] = 0, map.data()[2] = 2;
    const Image signs = map_picture(map, true), without = map_picture(map, false);
    const auto color = [](const Image& i, int x) {
        return Rgba{i.pixel(x, 0)[0], i.pixel(x, 0)[1], i.pixel(x, 0)[2], i.pixel(x, 0)[3]};
    };
    EXPECT_EQ(color(signs, 0), colors(Colormap::coolwarm)[0]);
    EXPECT_EQ(color(signs, 1), colors(Colormap::coolwarm)[128]);
    EXPECT_EQ(color(signs, 2), colors(Colormap::coolwarm)[255]);
    EXPECT_EQ(color(without, 1), colors(Colormap::gray)[0]);
    EXPECT_EQ(color(without, 2), colors(Colormap::gray)[255]);
    EXPECT_EQ(color(map_picture(Tensor({1, 1, 2, 2}, 0.0F), true), 1), colors(Colormap::coolwarm)[128]);
}

TEST(Fooling, StaysWithinItsBoundsAndRaisesTheLoss) {
    const auto specs = layers();
    Tensor gray({1, 3, 30, 41});
    Random random(8);
    for (float& v : gray.values()) v = std::abs(random.real());
    const auto input = std::make_shared<const Tensor>(std::move(gray));
    const Network network = made_of(specs, 9);
    for (const int steps : {1, 7}) {
        const Fooled fooled = fool(network, input, Normalize::none, {10, steps, {}}, simd(), Cancel()).value();
        const auto subject = std::ranges::max_element(fooled.before) - fooled.before.begin();
        EXPECT_LT(fooled.after[static_cast<std::size_t>(subject)], fooled.before[static_cast<std::size_t>(subject)]);
        EXPECT_NEAR(std::accumulate(fooled.after.begin(), fooled.after.end(), 0.0), 1, 1e-9);
        for (std::size_t i = 0; i < input->size(); ++i) {
            EXPECT_LE(std::abs(fooled.input.data()[i] - input->data()[i]), 10.001F / 255);
            EXPECT_GE(fooled.input.data()[i], 0);
            EXPECT_LE(fooled.input.data()[i], 1);
        }
        const Fooled wanted = fool(network, input, Normalize::none, {10, steps, 2}, simd(), Cancel()).value();
        EXPECT_GT(wanted.after[2], wanted.before[2]);
    }
    EXPECT_EQ(fool(network, input, Normalize::none, {10, 1, 3}, simd(), Cancel()).error().message,
              "class 3 does not exist: the network has classes 0 to 2");
    Network one = network;
    one.layers.push_back(made_of({{"conv4", Conv2dSpec{3, 1, {1, 1}, {}, true}}}, 1).layers.front());
    const Fooled binary = fool(one, input, Normalize::none, {10, 3, {}}, simd(), Cancel()).value();
    ASSERT_EQ(binary.before.size(), 2U);
    const std::size_t said = binary.before[0] > binary.before[1] ? 0 : 1;
    EXPECT_LT(binary.after[said], binary.before[said]);
}

}  // namespace
}  // namespace convlens::test
