/// Which layers others need, receptive fields over several paths, gradients at forks, and edits of networks with
/// branches.
#include "engine/nn/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include "app/ui/panels/network_edit.h"
#include "engine/core/parallel.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/simd.h"
#include "engine/document/fold_batch_norm.h"
#include "engine/document/plan.h"
#include "engine/export/network_table.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/network_specs.h"
#include "engine/nn/receptive_fields.h"
#include "engine/nn/taps.h"
#include "engine/open/open_network.h"
#include "engine/reference/random_case.h"
#include "engine/train/backpropagation.h"
#include "engine/train/backward.h"
#include "engine/train/lane_net.h"

namespace convlens {
namespace {

using reference::Numbers;
using reference::Random;

std::shared_ptr<const Tensor> shared_tensor(Tensor t) { return std::make_shared<const Tensor>(std::move(t)); }

Operation conv(int in, int kernel, int stride, Random& random) {
    reference::ConvCase c{{1, in, 1, 1}, 3, {kernel, kernel}, {}, true};
    c.params.padding = {kernel / 2, kernel / 2};
    c.params.stride = {stride, stride};
    return random_layer(c, Numbers::reals, random);
}

/// Two blocks of a ResNet, the second with a stride and a gate.
Network blocks(Random& random) {
    return {{{"conv1", conv(2, 3, 1, random)},
             {"tanh1", Tanh{}},
             {"conv2", conv(3, 3, 1, random)},
             {"add1", Add{}, {2, 0}},
             {"tanh2", Tanh{}},
             {"conv3", conv(3, 3, 2, random)},
             {"down", conv(3, 1, 2, random), {4}},
             {"mean", AdaptiveAvgPool2d{{1, 1}}, {5}},
             {"gate", Sigmoid{}},
             {"scaled", Multiply{}, {8, 5}},
             {"add2", Add{}, {9, 6}},
             {"cat", Concat{}, {10, 6}}}};
}

TEST(Graph, KnowsWhatALayerNeeds) {
    Random random(1);
    const Network network = blocks(random);
    const std::vector<bool> needed = needed_for(network.layers, 6);
    EXPECT_EQ(needed,
              (std::vector<bool>{true, true, true, true, true, false, true, false, false, false, false, false}));
    const std::vector<Layer> part = part_for(network.layers, 6);
    ASSERT_EQ(part.size(), 6U);
    EXPECT_EQ(part.back().name, "down");
    EXPECT_TRUE(part.back().inputs.empty()) << "it reads the layer before now";
    EXPECT_EQ(part[3].inputs, (std::vector<int>{2, 0}));
    EXPECT_EQ(inputs_of(network.layers, 1), std::vector<int>{0});
    EXPECT_EQ(inputs_of(network.layers, 0), std::vector<int>{network_input});
}

TEST(Graph, RefusesCyclesAndLayersThatAreNotThere) {
    const std::vector<LayerSpec> itself{{"a", ReLU{}}, {"b", Add{}, {0, 1}}},
        later{{"a", Add{}, {-1, 1}}, {"b", ReLU{}}}, none{{"a", Add{}, {-2, -1}}}, two{{"a", ReLU{}, {-1, -1}}},
        fine{{"a", Add{}, {-1, -1}}, {"b", ReLU{}, {-1}}};
    EXPECT_EQ(check_inputs(itself).error().message,
              "b: reads itself, expected a layer before it: a network has no cycles");
    EXPECT_EQ(check_inputs(later).error().message, "a: reads b, expected a layer before it: a network has no cycles");
    EXPECT_EQ(check_inputs(none).error().message, "a: reads layer -2, which does not exist");
    EXPECT_EQ(check_inputs(two).error().message, "a: ReLU has one input, found 2");
    EXPECT_TRUE(check_inputs(fine));
}

TEST(Graph, NothingOutsideOfTheBoxesChangesAValue) {
    Random random(2);
    const Network network = blocks(random);
    const Shape shape{1, 2, 23, 19};
    const auto input = shared_tensor(reference::random_tensor(shape, Numbers::reals, random));
    auto backend = *make_cpu_backend({});
    for (const int layer : {3, 6, 4, 5}) {
        const auto activations = backend->forward(network, input, layer, Cancel()).value();
        const Shape s = activations->shape();
        for (int i = 0; i < 12; ++i) {
            const PixelPosition at{random.whole(0, s.c - 1), random.whole(0, s.h - 1), random.whole(0, s.w - 1)};
            const Rect box = receptive_boxes(network, shape, layer, at).front();
            Tensor changed = input->clone();
            for (int c = 0; c < shape.c; ++c)
                for (int y = 0; y < shape.h; ++y)
                    for (int x = 0; x < shape.w; ++x)
                        if (x < box.x || x >= box.x + box.w || y < box.y || y >= box.y + box.h)
                            changed.at(0, c, y, x) += 1;
            const auto value = [&](const std::shared_ptr<const Tensor>& from) {
                return backend->forward(network, from, layer, Cancel())
                    .value()
                    ->read(0, {at.channel, 1}, {at.x, at.y, 1, 1})
                    ->at(0, 0, 0, 0);
            };
            EXPECT_EQ(value(shared_tensor(std::move(changed))), value(input));
            const ReceptiveFields fields = receptive_fields(network, shape, layer);
            const Rect whole = fields.of(at.y, at.x);
            EXPECT_LE(whole.x, box.x);
            EXPECT_LE(whole.y, box.y);
            EXPECT_GE(whole.x + whole.w, box.x + box.w);
            EXPECT_GE(whole.y + whole.h, box.y + box.h);
        }
    }
}

TEST(Graph, TheReceptiveFieldOfASumIsThatOfTheWidestPath) {
    Random random(3);
    std::vector<LayerSpec> specs;
    for (const Layer& layer : blocks(random).layers)
        specs.push_back({layer.name, spec_of(layer.operation), layer.inputs});
    const NetworkNumbers numbers = layer_numbers(specs, {1, 2, 32, 32});
    ASSERT_EQ(numbers.layers.size(), specs.size()) << numbers.stopped;
    EXPECT_EQ(numbers.layers[3].receptive_field, (Size2{5, 5}));
    EXPECT_EQ(numbers.layers[3].top, -2);
    EXPECT_EQ(numbers.layers[6].receptive_field, (Size2{5, 5}));
    EXPECT_EQ(numbers.layers[10].jump, (Size2{2, 2})) << "not that of the gate, which is broadcast";
    EXPECT_EQ(numbers.layers[11].output, (Shape{1, 6, 16, 16}));
}

TEST(Graph, GradientsAreSummedAtForks) {
    Random random(4);
    const Network network{std::vector<Layer>(blocks(random).layers)};
    const Shape shape{2, 2, 8, 6};
    const Tensor input = reference::random_tensor(shape, Numbers::reals, random);
    Arena arena(2);
    arena.execute([&] {
        auto pass = Backpropagation::make(network, shape, available_simd().front());
        ASSERT_TRUE(pass) << pass.error().message;
        ASSERT_TRUE(pass->forward(shared_tensor(input.clone()), Cancel()));
        const int last = static_cast<int>(network.layers.size());
        const Tensor weights = reference::random_tensor(pass->value(last).shape(), Numbers::reals, random);
        const Tensor gradient = pass->backward(0, weights.clone(), ReluRule::gradient, Cancel()).value();
        const auto sum = [&](const Tensor& x) {
            EXPECT_TRUE(pass->forward(shared_tensor(x.clone()), Cancel()));
            double total = 0;
            const Tensor& y = pass->value(last);
            for (std::size_t i = 0; i < y.size(); ++i)
                total += static_cast<double>(y.data()[i]) * static_cast<double>(weights.data()[i]);
            return total;
        };
        for (int i = 0; i < 30; ++i) {
            const auto at = static_cast<std::size_t>(random.whole(0, static_cast<int>(input.size()) - 1));
            Tensor more = input.clone(), less = input.clone();
            more.data()[at] += 1e-2F, less.data()[at] -= 1e-2F;
            const double step = static_cast<double>(more.data()[at]) - static_cast<double>(less.data()[at]);
            EXPECT_NEAR(static_cast<double>(gradient.data()[at]), (sum(more) - sum(less)) / step, 2e-2) << at;
        }
    });
}

/// Compares values and gradients of a LaneNet with those of Backpropagation; without gradients, its buffers share
/// memory.
void expect_values_of_single_images(const Network& network, Random& random) {
    const Shape shape{19, 2, 8, 6};
    const auto input = shared_tensor(reference::random_tensor(shape, Numbers::reals, random));
    const Simd& simd = available_simd().front();
    auto pass = Backpropagation::make(network, shape, simd).value();
    ASSERT_TRUE(pass.forward(input, Cancel()));
    const Tensor& output = pass.value(static_cast<int>(network.layers.size()));
    const Tensor weights = reference::random_tensor(output.shape(), Numbers::reals, random);
    const auto lanes = backward(network, *input, weights, simd);
    ASSERT_TRUE(lanes) << lanes.error().message;
    const Tensor gradient = pass.backward(0, weights.clone(), ReluRule::gradient, Cancel()).value();
    for (std::size_t i = 0; i < gradient.size(); ++i)
        ASSERT_NEAR(lanes->input.data()[i], gradient.data()[i], 1e-4) << i;
    for (std::size_t i = 0; i < output.size(); ++i) ASSERT_NEAR(lanes->output.data()[i], output.data()[i], 1e-4) << i;

    auto alone = LaneNet::make(specs_of(network), shape, false).value();
    Tensor made(output.shape());
    alone.forward(simd, alone.flatten(parameters_of(network)),
                  {blocks_of(shape.n),
                   [&](int block, float* to) { to_lanes(*input, block, to); },
                   [&](int block, const float* values, float*) { from_lanes(values, block, made); },
                   {}});
    EXPECT_TRUE(std::ranges::equal(made.values(), lanes->output.values())) << "buffers that share memory";

    auto both = LaneNet::make(specs_of(network), shape).value();
    const std::vector<float> parameters = both.flatten(parameters_of(network));
    const LaneBatch batch{blocks_of(shape.n),
                          [&](int block, float* to) { to_lanes(*input, block, to); },
                          [&](int block, const float* values, float* gradient_of_values) {
                              from_lanes(values, block, made);
                              if (gradient_of_values) to_lanes(weights, block, gradient_of_values);
                          },
                          {}};
    for (const bool trains : {false, true, false}) {
        made = Tensor(output.shape(), 0.0F);
        if (trains)
            both.forward_backward(simd, parameters, batch, {});
        else
            both.forward(simd, parameters, batch);
        EXPECT_TRUE(std::ranges::equal(made.values(), lanes->output.values())) << "trains: " << trains;
    }
}

TEST(Graph, ManyImagesAtOnceHaveTheValuesAndGradientsOfSingleOnes) {
    Random random(5);
    expect_values_of_single_images(blocks(random), random);
}

TEST(Graph, ManyImagesAtOnceAreBroadcastAlongEachAxis) {
    Random random(6);
    const Layer rows{"rows", AdaptiveAvgPool2d{{1, 6}}, {-1}}, columns{"columns", AdaptiveAvgPool2d{{8, 1}}, {-1}};
    const Layer mask{"mask", random_layer({{1, 2, 1, 1}, 1, {1, 1}, {}, true}, Numbers::reals, random), {-1}};
    expect_values_of_single_images({{rows, columns, {"product", Multiply{}, {0, 1}}}}, random);
    expect_values_of_single_images({{rows, columns, {"sum", Add{}, {1, 0}}}}, random);
    expect_values_of_single_images({{mask, columns, {"product", Multiply{}, {0, 1, -1}}, {"sum", Add{}, {0, 2, 1}}}},
                                   random);
}

/// The limit names a layer; the output of a network without layers is its input, which already exists.
TEST(Graph, ABlockOfAnInputWithoutLayersIsNotLimited) {
    const Shape large{1, 3, 4096, 4096};
    for (const bool gradients : {false, true}) {
        const auto none = LaneNet::make({}, large, gradients);
        ASSERT_TRUE(none) << none.error().message;
        EXPECT_EQ(none->output_shape(), large);
        const auto one = LaneNet::make({LayerSpec{"drop", Dropout{}}}, large, gradients);
        ASSERT_FALSE(one);
        EXPECT_EQ(one.error().message.substr(0, 6), "drop: ");
    }
}

/// Layers a to e, of which the sum reads a and d.
std::vector<LayerSpec> edited() {
    return {{"a", ReLU{}}, {"b", Tanh{}}, {"c", Sigmoid{}, {0}}, {"d", Add{}, {1, 2}}, {"e", Add{}, {3, -1}}};
}

std::vector<LayerSpec> layers_of(const Document& document) {
    return std::get<LayeredNetwork>(document.network).architecture->layers;
}

std::string in_text(const std::vector<LayerSpec>& layers) {
    std::string text;
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
        text += layers[static_cast<std::size_t>(i)].name + "(";
        for (const int from : inputs_of(layers, i))
            text += from < 0 ? "*" : layers[static_cast<std::size_t>(from)].name;
        text += ") ";
    }
    return text;
}

TEST(NetworkEdit, KeepsWhatOtherLayersRead) {
    ASSERT_EQ(in_text(edited()), "a(*) b(a) c(a) d(bc) e(d*) ");
    Document document;
    add_layer(document, edited(), 0, "GELU", {1, 3, 8, 8});
    EXPECT_EQ(in_text(layers_of(document)), "a(*) gelu1(a) b(gelu1) c(gelu1) d(bc) e(d*) ");
    remove_layer(document, edited(), 0);
    EXPECT_EQ(in_text(layers_of(document)), "b(*) c(*) d(bc) e(d*) ");
    remove_layer(document, edited(), 3);
    EXPECT_EQ(in_text(layers_of(document)), "a(*) b(a) c(a) e(b*) ") << "its first input takes its place";
    EXPECT_FALSE(can_move(edited(), 0, 1)) << "b and c read a";
    EXPECT_FALSE(can_move(edited(), 2, 1)) << "d reads b, too";
    ASSERT_TRUE(can_move(edited(), 1, 1));
    move_layer(document, edited(), 1, 1);
    EXPECT_EQ(in_text(layers_of(document)), "a(*) c(a) b(a) d(bc) e(d*) ") << "only the order of two branches";
    const std::vector<LayerSpec> chain{{"a", ReLU{}}, {"b", Tanh{}}, {"c", Add{}, {1, -1}}};
    move_layer(document, chain, 0, 1);
    EXPECT_EQ(in_text(layers_of(document)), "b(*) a(b) c(a*) ");
}

TEST(ShippedNetworks, HaveThePapersNumbersOfParameters) {
    const std::filesystem::path assets = CONVLENS_SOURCE_ASSETS;
    const std::map<std::string_view, std::size_t> parameters{
        {"convnext_tiny", 28589128},     {"densenet121", 7978856},
        {"efficientnet_b0", 5288548},    {"googlenet", 6624904},
        {"inception_v3", 23834568},  // without the auxiliary classifier
        {"mobilenet_v2", 3504872},       {"mobilenet_v3_large", 5483032},
        {"mobilenet_v3_small", 2542856}, {"resnet101", 44549160},
        {"resnet18", 11689512},          {"resnet34", 21797672},
        {"resnet50", 25557032},          {"squeezenet1_0", 1248424},
        {"squeezenet1_1", 1235496},      {"vgg11", 132863336},
        {"vgg11_bn", 132868840},         {"vgg13", 133047848},
        {"vgg13_bn", 133053736},         {"vgg16", 138357544},
        {"vgg16_bn", 138365992},         {"vgg19", 143667240},
        {"vgg19_bn", 143678248}};  // docs of torchvision.models, table of weights
    EXPECT_EQ(shipped_networks().size(), parameters.size());
    for (const std::string_view name : shipped_networks()) {
        SCOPED_TRACE(name);
        const auto architecture = load_architecture(shipped_network_file(name, assets));
        ASSERT_TRUE(architecture) << architecture.error().message;
        ASSERT_TRUE(check_inputs(architecture->layers));
        const NetworkNumbers numbers = layer_numbers(architecture->layers, {1, 3, 224, 224});
        EXPECT_EQ(numbers.stopped, "");
        EXPECT_EQ(numbers.parameters(), parameters.at(name));
        EXPECT_EQ(numbers.layers.back().output, (Shape{1, 1000, 1, 1}));
    }
}

TEST(FoldBatchNorm, GoesThroughBranches) {
    Document document;
    Architecture a{"net",
                   {},
                   Normalize::none,
                   {{"conv1", Conv2dSpec{3, 4, {3, 3}, {}, false}},
                    {"bn1", BatchNorm2dSpec{4, 1e-5F, true}},
                    {"conv2", Conv2dSpec{4, 4, {1, 1}, {}, false}},
                    {"bn2", BatchNorm2dSpec{4, 1e-5F, true}},
                    {"add", Add{}, {3, 1}},
                    {"twice", Add{}, {4, 2}}}};
    document.network = LayeredNetwork{KnownNetwork::own, std::make_shared<const Architecture>(a), RandomWeights{3}};
    const auto folded = fold_batch_norm(document, 3);
    ASSERT_TRUE(folded) << folded.error().message;
    EXPECT_EQ(in_text(folded->architecture->layers), "conv1(*) conv2(conv1) bn2(conv2) add(bn2conv1) twice(addconv2) ")
        << "conv2 has two readers, so bn2 stays";
    Document after = document;
    after.network = *folded;
    Random random(9);
    const auto input = shared_tensor(reference::random_tensor({1, 3, 9, 9}, Numbers::reals, random));
    auto backend = *make_cpu_backend({});
    const auto run = [&](const Document& d) {
        const Network n = build_network(d, 3).value();
        return all_values(**backend->forward(n, input, static_cast<int>(n.layers.size()) - 1, Cancel())).value();
    };
    const Tensor before = run(document), now = run(after);
    ASSERT_EQ(before.shape(), now.shape());
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before.data()[i], now.data()[i], 1e-5F);
}

TEST(Graph, MeasuresEachLayerAndItsDeadChannels) {
    Tensor input({1, 3, 4, 4}, -1.0F);
    input.at(0, 1, 2, 2) = 2;
    const Network network{{{"relu", ReLU{}}, {"again", Add{}, {0, -1}}, {"misfit", PixelShuffle{7}}}};
    const auto backend = make_cpu_backend({}).value();
    const auto measured = measure_layers(*backend, network, shared_tensor(std::move(input)), 2, Cancel());
    ASSERT_TRUE(measured) << measured.error().message;
    ASSERT_EQ(measured->size(), 3U);
    EXPECT_EQ((*measured)[0].channels, 3);
    EXPECT_EQ((*measured)[0].dead, 2);
    EXPECT_GE((*measured)[0].milliseconds, 0);
    EXPECT_LT((*measured)[2].milliseconds, 0) << "it can't run";
    EXPECT_EQ((*measured)[0].values.count, 48U);
    EXPECT_EQ((*measured)[0].values.quantiles, (std::array{0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 2.0F}));
    EXPECT_EQ((*measured)[0].values.histogram.front(), 47);
    EXPECT_EQ((*measured)[0].values.histogram.back(), 1);
    EXPECT_EQ((*measured)[1].values.quantiles, (std::array{-1.0F, -1.0F, -1.0F, -1.0F, -1.0F, -1.0F, 4.0F}));
    EXPECT_TRUE((*measured)[2].values.histogram.empty());

    NetworkPlan plan{{{"=relu", ReLU{}}, {"a,b", Add{}, {0, -1}}, {"misfit", PixelShuffle{7}}}, {}, 3, 0};
    plan.origins.assign(3, WeightsOrigin::none);
    const std::string table = network_csv(plan, layer_numbers(plan.layers, {1, 3, 4, 4}), *measured);
    EXPECT_NE(table.find("\n'=relu,ReLU,input,1,3,4,4,0,0,192,1,1,1,1,none,"), std::string::npos) << table;
    EXPECT_NE(table.find("\n\"a,b\",Add,'=relu input,1,3,4,4,"), std::string::npos) << table;
    EXPECT_TRUE(table.ends_with("\nmisfit,PixelShuffle,\"a,b\",,,,,,,,,,,,none,,,,,,,,,\n")) << table;
    for (std::size_t line = 0, end = 0; line < table.size(); line = end + 1) {
        end = table.find('\n', line);
        std::string row = table.substr(line, end - line);
        if (const auto quoted = row.find("\"a,b\""); quoted != std::string::npos) row.replace(quoted, 5, "ab");
        EXPECT_EQ(std::ranges::count(row, ','), 23) << row;
    }
}

/// As numpy.quantile.
TEST(Graph, QuantilesAreInterpolated) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const LayerValues values = distribution({3, 1, infinity, 4, std::numeric_limits<float>::quiet_NaN(), 2});
    EXPECT_EQ(values.count, 4U);
    const float expected[] = {1, 1.15F, 1.75F, 2.5F, 3.25F, 3.85F, 4};
    for (std::size_t i = 0; i < values.quantiles.size(); ++i) EXPECT_FLOAT_EQ(values.quantiles[i], expected[i]);
    EXPECT_EQ(std::accumulate(values.histogram.begin(), values.histogram.end(), 0.0F), 4);
    EXPECT_EQ(values.histogram.size(), LayerValues::bins);
    EXPECT_EQ(distribution({infinity}), LayerValues());
    EXPECT_EQ(distribution({5, 5}).histogram.front(), 2);
}

TEST(Graph, ALayerReadsOtherLayers) {
    Document document;
    const std::vector<LayerSpec> layers{{"a", ReLU{}}, {"b", Tanh{}}, {"c", Add{}, {1, 0}}};
    read_layers(document, layers, 2, {1, -1, 0});
    const auto& changed = std::get<LayeredNetwork>(document.network).architecture->layers;
    EXPECT_EQ(changed[2].inputs, (std::vector{1, -1, 0}));
    read_layers(document, changed, 2, {1});
    EXPECT_TRUE(is_chain(std::get<LayeredNetwork>(document.network).architecture->layers));
}

}  // namespace
}  // namespace convlens
