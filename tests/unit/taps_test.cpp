/// Taps and receptive boxes: checked by changing the input and looking at the output.
#include "engine/nn/taps.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/nn/layer_numbers.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using reference::Numbers;
using reference::Random;

float value_of(Backend& backend, const Network& network, const std::shared_ptr<const Tensor>& input, int layer,
               const PixelPosition& s) {
    const auto out = backend.forward(network, input, layer, Cancel());
    EXPECT_TRUE(out);
    return (*out)->read(0, {s.channel, 1}, {s.x, s.y, 1, 1})->at(0, 0, 0, 0);
}

PixelPosition random_tap(const Shape& s, Random& random) {
    const auto end = [&](int size) { return random.coin() ? random.whole(0, size - 1) : random.coin() ? 0 : size - 1; };
    return {random.whole(0, s.c - 1), end(s.h), end(s.w)};
}

std::shared_ptr<const Tensor> shared_values(Tensor t) { return std::make_shared<const Tensor>(std::move(t)); }

/// Replaces every value inside or outside of `box` by others.
std::shared_ptr<const Tensor> changed(const Tensor& input, const Rect& box, bool inside, Random& random) {
    Tensor t = input.clone();
    const Shape& s = t.shape();
    for (int c = 0; c < s.c; ++c)
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x)
                if ((x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h) == inside)
                    t.at(0, c, y, x) += 3.0F + random.real();
    return shared_values(std::move(t));
}

void check(const Network& network, const Shape& input_shape, Random& random) {
    auto backend = *make_cpu_backend({});
    const auto input = shared_values(reference::random_tensor(input_shape, Numbers::reals, random));
    const int last = static_cast<int>(network.layers.size()) - 1;
    const auto output = backend->forward(network, input, last, Cancel());
    ASSERT_TRUE(output) << output.error().message;
    const PixelPosition position = random_tap((*output)->shape(), random);
    const float value = value_of(*backend, network, input, last, position);
    const auto boxes = receptive_boxes(network, input->shape(), last, position);
    ASSERT_EQ(boxes.size(), network.layers.size());
    for (int i = 0; i <= last; ++i) {
        Network rest{{network.layers.begin() + i, network.layers.end()}};
        std::shared_ptr<const Tensor> before = input;
        if (i > 0) before = shared_values(*all_values(**backend->forward(network, input, i - 1, Cancel())));
        const Rect& box = boxes[static_cast<std::size_t>(i)];
        EXPECT_EQ(value_of(*backend, rest, changed(*before, box, false, random), last - i, position), value)
            << "layer " << i;
        if (box.w == 0) continue;
        // A ReLU or a maximum may ignore one change: one of several has to arrive.
        bool arrives = false;
        for (int attempt = 0; attempt < 8 && !arrives; ++attempt)
            arrives = value_of(*backend, rest, changed(*before, box, true, random), last - i, position) != value;
        EXPECT_TRUE(arrives) << "layer " << i << " box " << box.w << "x" << box.h;
    }
}

TEST(Taps, NoValueOutsideTheBoxOfAConvolutionCountsAndOneInsideDoes) {
    Random random(5);
    for (int i = 0; i < 150; ++i) {
        auto c = reference::random_case(random);
        c.input.n = 1;
        SCOPED_TRACE(describe(c));
        check(Network{{Layer{"conv", random_layer(c, Numbers::reals, random)}}}, c.input, random);
    }
}

TEST(Taps, BoxesOfEveryLayerHoldWhatItsValuesAreMadeOf) {
    Random random(6);
    for (const auto& c : reference::layer_cases()) {
        if (c.input.count() > 5000 || c.input.n > 1 || std::holds_alternative<Dropout>(c.spec)) continue;
        if (std::holds_alternative<Softmax>(c.spec) && c.input.c == 1) continue;  // its output is always 1
        SCOPED_TRACE(describe(c));
        for (int i = 0; i < 3; ++i)
            check(Network{{Layer{"layer", with_numbers(c.spec, Numbers::reals, random)}}}, c.input, random);
    }
}

TEST(Taps, BoxesReachThroughAChainOfLayers) {
    Random random(7);
    const auto conv = [&](int in, int out, Size2 kernel, ConvParams p) {
        return random_layer({{1, in, 8, 8}, out, kernel, p, true}, Numbers::reals, random);
    };
    Network network;
    network.layers = {{"conv1", conv(3, 4, {5, 3}, {{2, 1}, {2, 3}, false, {1, 2}, 1, PaddingMode::reflect, false})},
                      {"tanh1", Tanh{}},
                      {"pool1", MaxPool2d{{3, 2}, {2, 2}, {1, 0}, {1, 1}, true}},
                      {"conv2", conv(4, 6, {3, 3}, {{1, 1}, {1, 1}, false, {1, 1}, 2, PaddingMode::circular, true})},
                      {"average", AdaptiveAvgPool2d{{3, 2}}}};
    for (int i = 0; i < 40; ++i) check(network, {1, 3, 23, 19}, random);
    network.layers.push_back({"flatten", Flatten{}});
    for (int i = 0; i < 20; ++i) check(network, {1, 3, 23, 19}, random);
    network.layers.push_back({"fc", with_numbers(LinearSpec{36, 3, true}, Numbers::reals, random)});
    for (int i = 0; i < 5; ++i) check(network, {1, 3, 23, 19}, random);
}

TEST(Taps, TheFieldOfADeepLayerIsAsLargeAsTheNumbersSay) {
    Random random(8);
    Network network;
    std::vector<LayerSpec> specs;
    for (int i = 0; i < 3; ++i) {
        network.layers.push_back({"conv" + std::to_string(i),
                                  random_layer({{1, 2, 64, 64}, 2, {3, 5}, {{2, 1}}, true}, Numbers::reals, random)});
        specs.push_back({network.layers.back().name, spec_of(network.layers.back().operation)});
    }
    const auto numbers = layer_numbers(specs, {1, 2, 64, 64});
    const auto boxes = receptive_boxes(network, {1, 2, 64, 64}, 2, {0, 2, 20});
    EXPECT_EQ(boxes[0].h, numbers.layers[2].receptive_field.h);
    EXPECT_EQ(boxes[0].w, numbers.layers[2].receptive_field.w);
    EXPECT_EQ(boxes[0].y, 2 * numbers.layers[2].jump.h);
}

}  // namespace
}  // namespace convlens
