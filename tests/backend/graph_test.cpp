/// Networks with branches against the reference, layer by layer, on every backend.
#include <gtest/gtest.h>

#include "engine/nn/graph.h"
#include "engine/nn/parameters.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/layer_reference.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

/// Returns what the reference makes of the values that the backend has computed for the inputs of layer `index`.
Reference reference_of(const Network& network, const std::shared_ptr<const Tensor>& input, int index,
                       Backend& backend) {
    const Layer& layer = network.layers[static_cast<std::size_t>(index)];
    std::vector<Tensor> values;
    for (const int from : inputs_of(network.layers, index))
        values.push_back(from < 0 ? input->clone()
                                  : all_values(**backend.forward(network, input, from, Cancel())).value());
    const auto shapes = shapes_for(network.layers, input->shape(), index).value();
    if (values.size() == 1) {
        if (const auto* conv = std::get_if<Conv2d>(&layer.operation)) return reference_conv2d(*conv, values.front());
        return reference_layer(layer.operation, values.front(), shapes.back());
    }
    std::vector<const Tensor*> all;
    for (const Tensor& t : values) all.push_back(&t);
    return reference_join(layer.operation, all, shapes.back());
}

/// Runs every layer on every backend and expects the reference's values.
void check(const Network& network, const std::shared_ptr<const Tensor>& input, double tolerance) {
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const int last = static_cast<int>(network.layers.size()) - 1;
        ASSERT_TRUE(backend->forward(network, input, last, Cancel()));
        for (int i = 0; i <= last; ++i) {
            const auto made = backend->forward(network, input, i, Cancel());
            ASSERT_TRUE(made) << made.error().message;
            const Tensor values = all_values(**made).value();
            ASSERT_LE(relative_error(values.values(), reference_of(network, input, i, *backend)), tolerance)
                << network.layers[static_cast<std::size_t>(i)].name;
        }
    }
}

Operation conv(int in, int out, int kernel, int padding, Random& random) {
    ConvCase c{{1, in, 1, 1}, out, {kernel, kernel}, {}, true};
    c.params.padding = {padding, padding};
    return random_layer(c, Numbers::small_integers, random);
}

/// A block of a ResNet, with a gate as of squeeze-and-excitation, and a Concat: the layers of all that can go wrong.
Network block(int channels, Random& random) {
    return {{{"conv1", conv(channels, 4, 3, 1, random)},
             {"relu1", ReLU{}},
             {"conv2", conv(4, 4, 3, 1, random)},
             {"skip", conv(channels, 4, 1, 0, random), {network_input}},
             {"add", Add{}, {2, 3}},
             {"relu2", ReLU{}},
             {"mean", AdaptiveMaxPool2d{{1, 1}}},
             {"squeeze", conv(4, 4, 1, 0, random)},
             {"gate", Multiply{}, {7, 5}},
             {"concat", Concat{}, {8, network_input, 3}},
             {"three", Add{}, {8, 3, 5}}}};
}

TEST(Graph, EveryLayerMatchesTheReference) {
    Random random(70);
    for (const Shape& s : {Shape{1, 3, 9, 7}, Shape{2, 2, 41, 33}, Shape{3, 1, 1, 1}}) {
        SCOPED_TRACE(to_string(s));
        const auto input = std::make_shared<const Tensor>(random_tensor(s, Numbers::small_integers, random));
        check(block(s.c, random), input, 1e-5);
    }
}

TEST(Graph, JoinsBroadcastInputsLikePyTorch) {
    Random random(71);
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 6, 5, 4}, Numbers::small_integers, random));
    const auto max_pool = [](Size2 size) { return AdaptiveMaxPool2d{size}; };
    const Network network{{{"rows", max_pool({5, 1})},
                           {"columns", max_pool({1, 4}), {network_input}},
                           {"channel", conv(6, 1, 1, 0, random), {network_input}},
                           {"one", max_pool({1, 1})},
                           {"add", Add{}, {network_input, 0, 1, 2, 3}},
                           {"multiply", Multiply{}, {0, 1, 2, network_input}},
                           {"outer", Multiply{}, {0, 1}}}};
    check(network, input, 1e-5);
}

TEST(Graph, RandomOnesMatchTheReference) {
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        Random random(100 + seed);
        const Shape s{random.whole(1, 2), random.whole(1, 5), random.whole(1, 30), random.whole(1, 30)};
        const auto input = std::make_shared<const Tensor>(random_tensor(s, Numbers::reals, random));
        Network network;
        std::vector<int> channels{s.c};
        for (int i = 0; i < 14; ++i) {
            const auto any = [&] { return random.whole(network_input, i - 1); };
            Layer layer{fmt::format("l{}", i), ReLU{}, {any()}};
            const int from = layer.inputs.front(), in = channels[static_cast<std::size_t>(from + 1)];
            int out = in;
            switch (random.whole(0, 4)) {
                case 0: layer.operation = conv(in, out = random.whole(1, 6), 3, 1, random); break;
                case 1: layer.operation = Sigmoid{}; break;
                case 2:
                    layer.operation = Concat{};
                    layer.inputs.push_back(any());
                    out += channels[static_cast<std::size_t>(layer.inputs.back() + 1)];
                    break;
                case 3:
                case 4:
                    layer.operation = random.coin() ? Operation(Add{}) : Operation(Multiply{});
                    for (int k = network_input; k < i; ++k)
                        if (channels[static_cast<std::size_t>(k + 1)] == in && random.coin()) layer.inputs.push_back(k);
            }
            layer.inputs = stored_inputs(i, layer.inputs);
            network.layers.push_back(std::move(layer));
            channels.push_back(out);
        }
        check(network, input, 2e-5);
    }
}

TEST(Graph, RunsOnlyWhatAChangeConcerns) {
    Random random(72);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 8, 8}, Numbers::small_integers, random));
    const Network network = block(3, random);
    for (const auto& backend : every_backend(2)) {
        SCOPED_TRACE(backend->name());
        const auto run = [&](const Network& n, int layer) {
            return backend->forward(n, input, layer, Cancel()).value();
        };
        const auto skip = run(network, 3), relu = run(network, 1), sum = run(network, 4), last = run(network, 9);
        Network changed = network;
        changed.layers[2].operation = conv(4, 4, 3, 1, random);
        EXPECT_NE(run(changed, 9), last);
        EXPECT_EQ(run(changed, 3), skip) << "the other branch";
        EXPECT_EQ(run(changed, 1), relu) << "the layer before";
        EXPECT_NE(run(changed, 4), sum);
        Network rewired = changed;
        rewired.layers[9].inputs = {8, 3, network_input};
        EXPECT_EQ(run(rewired, 4), run(changed, 4));
        EXPECT_NE(run(rewired, 9), run(changed, 9));
    }
}

TEST(Graph, DoesNotRunWhatTheShownLayerDoesNotNeed) {
    Random random(73);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 8, 8}, Numbers::small_integers, random));
    Network network = block(3, random);
    network.layers[2].operation = conv(7, 4, 3, 1, random);  // can't run on four channels
    for (const auto& backend : every_backend(2)) {
        EXPECT_TRUE(backend->forward(network, input, 3, Cancel()));
        const auto sum = backend->forward(network, input, 4, Cancel());
        ASSERT_FALSE(sum);
        EXPECT_NE(sum.error().message.find("conv2: "), std::string::npos) << sum.error().message;
    }
}

TEST(Graph, SaysWhichShapesDoNotFit) {
    Random random(74);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 8, 8}, Numbers::small_integers, random));
    const Network network{{{"a", conv(3, 4, 3, 0, random)},
                           {"b", conv(3, 4, 1, 0, random), {network_input}},
                           {"add1", Add{}, {0, 1}},
                           {"cat1", Concat{}, {0, 1}}}};
    for (const auto& backend : every_backend(2)) {
        EXPECT_EQ(backend->forward(network, input, 2, Cancel()).error().message,
                  "add1: the inputs have the shapes 1x4x6x6, 1x4x8x8: expected equal ones, or extents of 1");
        EXPECT_EQ(backend->forward(network, input, 3, Cancel()).error().message,
                  "cat1: the inputs have the shapes 1x4x6x6, 1x4x8x8: expected equal ones except for the channels");
    }
}

}  // namespace
}  // namespace convlens::test
