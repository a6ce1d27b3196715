/// What the OpenGL backend promises beside right results: no growth, no driver errors, canceling, limits.
#include <gtest/gtest.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <thread>

#include "app/gpu/layers_gl.h"
#include "engine/nn/parameters.h"
#include "engine/reference/layer_case.h"
#include "tests/backend/conv_case.h"
#include "tests/gl/gl_test.h"

namespace convlens::test {
namespace {

GlOptions with(void (*change)(GlOptions&)) {
    GlOptions options = quiet_gl();
    change(options);
    return options;
}

/// Convolutions that together need every shader and tile.
std::vector<ConvCase> various_cases() {
    std::vector<ConvCase> cases;
    for (const int outputs : {1, 2, 5, 8, 9, 17, 40})
        for (const int width : {1, 13, 27, 70}) cases.push_back({{2, 3, 9, width}, outputs, {3, 3}, {}, true});
    for (ConvCase& c : cases) c.params.padding = {1, 1};
    ConvCase alexnet{{1, 3, 47, 130}, 20, {11, 11}, {}, true};
    alexnet.params.stride = {4, 4};
    alexnet.params.padding = {2, 2};
    cases.push_back(alexnet);
    ConvCase dilated{{1, 5, 30, 40}, 12, {3, 4}, {}, false};
    dilated.params.dilation = {2, 3};
    dilated.params.stride = {1, 2};
    cases.push_back(dilated);
    ConvCase depthwise{{1, 12, 20, 33}, 12, {5, 5}, {}, true};
    depthwise.params.groups = 12;
    cases.push_back(depthwise);
    ConvCase wide_stride{{1, 3, 30, 60}, 9, {2, 2}, {}, true};
    wide_stride.params.stride = {3, 17};
    cases.push_back(wide_stride);
    return cases;
}

TEST(GlBackend, IsRightWithTheNaiveShaderAndWithTheKernelsSizeAsConstants) {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(gl_backend(with([](GlOptions& o) { o.naive = true; })));
    for (const ConvCase& c : various_cases()) expect_reference(backends, c, Numbers::small_integers, 70);
    backends.clear();
    backends.push_back(gl_backend(with([](GlOptions& o) { o.specialize = true; })));
    for (const ConvCase& c : various_cases())  // every one is compiled: a few must do
        if (c.input.w > 27 && c.out_channels != 1 && c.out_channels != 9)
            expect_reference(backends, c, Numbers::small_integers, 71);
}

TEST(GlBackend, IsRightForStridesAndDilationsForWhichThereIsNoTile) {
    const auto backends = every_backend(1);
    for (const int outputs : {4, 8, 13, 40})
        for (const int mode : {0, 1, 2, 3}) {
            ConvCase c{{2, 6, 40, 90}, outputs, {3, 4}, {}, mode % 2 == 0};
            c.params.groups = outputs % 8 == 0 ? 2 : 1;
            c.params.stride = {2, 9 + mode};
            c.params.padding = {5, 7};
            c.params.padding_mode = static_cast<PaddingMode>(mode);
            expect_reference(backends, c, Numbers::small_integers, 76);
            c.params.stride = {1, 1};
            c.params.dilation = {17, 29};
            expect_reference(backends, c, Numbers::small_integers, 77);
        }
}

TEST(GlBackend, IsRightWhereWorkGroupsShareTheInputChannels) {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(gl_backend(with([](GlOptions& o) { o.split = true; })));
    for (const int channels : {15, 16, 17, 29, 64, 100, 257})
        for (const int groups : {1, 2}) {
            ConvCase c{{2, groups * channels, 6, 7}, groups * 13, {3, 3}, {}, true};
            c.params.padding = {1, 1};
            c.params.groups = groups;
            expect_reference(backends, c, Numbers::small_integers, 74);
            expect_reference(backends, c, Numbers::reals, 75);
        }
}

TEST(GlBackend, IsRightForManyChannels) {
    std::vector<std::unique_ptr<Backend>> backends = every_backend(1);
    for (const int channels : {33, 127, 128, 255, 500}) {
        ConvCase c{{1, channels, 5, 7}, 501 - channels, {3, 3}, {}, true};
        c.params.padding = {1, 1};
        expect_reference(backends, c, Numbers::small_integers, 72);
        expect_reference(backends, c, Numbers::reals, 73);
    }
}

TEST(GlBackend, RunsOnTheCpuWhatCannotBeBoundAndSaysSo) {
    const auto backend = gl_backend(with([](GlOptions& o) { o.max_block_bytes = 8192; }));
    ConvCase c{{1, 2, 60, 60}, 3, {3, 3}, {}, true};  // a plane has 14,400 bytes
    const Conv2d layer = layer_of(c, 74);
    const auto input = input_of(c.input, 75);
    const auto activations = backend->forward(network_of(layer), input, 0, Cancel{});
    ASSERT_TRUE(activations) << activations.error().message;
    EXPECT_TRUE(backend->name().ends_with(", conv1 on the CPU")) << backend->name();
    EXPECT_EQ(relative_error(all_values(**activations).value().values(), reference_conv2d(layer, *input)), 0.0);
    EXPECT_EQ((*activations)->read(0, {1, 2}, {5, 6, 7, 8}).value().shape(), (Shape{1, 2, 8, 7}));
    EXPECT_TRUE((*activations)->render_grid({}, Cancel{}));
    c.input = {1, 2, 20, 20};
    ASSERT_TRUE(backend->forward(network_of(layer), input_of(c.input, 76), 0, Cancel{}));
    EXPECT_EQ(backend->name().find("on the CPU"), std::string::npos) << backend->name();
}

TEST(GlBackend, RunsEveryKindOfLayerAndAllOfAlexNetOnTheCard) {
    const auto device = GlDevice::make(quiet_gl()).value();
    Random random(97);
    const std::set<std::string_view> on_cpu{"ConvTranspose2d",   "AdaptiveMaxPool2d", "LayerNorm2d",
                                            "LocalResponseNorm", "ZeroPad2d",         "ReflectionPad2d",
                                            "Upsample",          "PixelShuffle",      "ReplicationPad2d"};
    for (const LayerCase& c : layer_cases())
        EXPECT_NE(can_run(*device, with_numbers(c.spec, Numbers::reals, random), c.input,
                          output_shape(c.spec, c.input).value()),
                  on_cpu.contains(type_name(c.spec)))
            << describe(c);
    Shape shape{1, 3, 224, 224};
    for (const LayerSpec& spec : alexnet().layers) {
        const Layer layer = with_parameters(spec, initial_parameters(spec, 1)).value();
        const Shape output = output_shape(layer, shape).value();
        EXPECT_TRUE(can_run(*device, layer.operation, shape, output)) << layer.name;
        shape = output;
    }
}

TEST(GlBackend, KnowsEachChannelsStatistics) {
    for (const Shape shape : {Shape{2, 3, 71, 67}, {3, 5, 1, 1}, {2, 2, 8, 8}, {1, 3, 300, 450}, {1, 700, 1, 1}}) {
        const auto input = input_of(shape, 77, Numbers::reals);
        for (const auto& backend : every_backend(1)) {
            const auto activations = backend->forward(Network{{Layer{"copy", Dropout{}}}}, input, 0, Cancel{}).value();
            for (int n = 0; n < shape.n; ++n)
                for (int c = 0; c < shape.c; ++c) {
                    const auto plane = input->plane(n, c);
                    double sum = 0, magnitudes = 0;
                    for (const float v : plane)
                        sum += static_cast<double>(v), magnitudes += std::abs(static_cast<double>(v));
                    const auto count = static_cast<double>(plane.size());
                    const ChannelStats& s = activations->stats(n)[static_cast<std::size_t>(c)];
                    ASSERT_EQ(s.min, *std::min_element(plane.begin(), plane.end()))
                        << to_string(shape) << " " << n << " " << c;
                    ASSERT_EQ(s.max, *std::max_element(plane.begin(), plane.end()));
                    ASSERT_NEAR(s.mean, sum / count, 1e-5 * magnitudes / count);
                    ASSERT_NEAR(s.mean_abs, magnitudes / count, 1e-5 * magnitudes / count);
                }
        }
    }
}

TEST(GlBackend, ReadsExactlyTheChannelsAndTheAreaAskedFor) {
    const auto input = input_of({3, 5, 9, 11}, 78);
    for (const auto& backend : every_backend(1)) {
        const auto activations = backend->forward(Network{{Layer{"copy", Dropout{}}}}, input, 0, Cancel{}).value();
        const Tensor part = activations->read(2, {1, 3}, {4, 5, 6, 2}).value();
        ASSERT_EQ(part.shape(), (Shape{1, 3, 2, 6}));
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < 2; ++y)
                for (int x = 0; x < 6; ++x) EXPECT_EQ(part.at(0, c, y, x), input->at(2, 1 + c, 5 + y, 4 + x));
    }
}

/// Bytes that this process has allocated and not freed; 0 under AddressSanitizer, which looks for leaks itself, and
/// with other C libraries than glibc.
std::size_t heap_bytes() {
#ifdef __GLIBC__
    const struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
#else
    return 0;
#endif
}

/// A look or a layer as a user's hand may set them next.
struct Change {
    Network network;
    std::shared_ptr<const Tensor> input;
    DisplayOptions display;
};

Change random_change(Random& random) {
    ConvCase c{{1, 3, 1, 1}, random.whole(1, 24), {random.whole(1, 7), random.whole(1, 7)}, {}, random.coin()};
    c.params.stride = {random.whole(1, 4), random.whole(1, 4)};
    c.params.dilation = {random.whole(1, 2), random.whole(1, 2)};
    c.params.padding = {random.whole(0, 3), random.whole(0, 3)};
    c.params.padding_mode = static_cast<PaddingMode>(random.whole(0, 3));
    Change change{{{Layer{"conv1", random_layer(c, Numbers::reals, random)}, Layer{"relu1", ReLU{}},
                    Layer{"pool1", MaxPool2d{}}}},
                  nullptr,
                  {}};
    const Shape input{random.whole(1, 2), 3, random.whole(30, 40), random.whole(30, 50)};
    change.input = std::make_shared<const Tensor>(random_tensor(input, Numbers::reals, random));
    if (random.coin()) change.network.layers.push_back({"pool2", AdaptiveAvgPool2d{{random.whole(1, 4), 3}}});
    if (random.coin()) change.network.layers.push_back({"softmax", Softmax{}});
    change.display.cell = {random.whole(1, 60), random.whole(1, 60)};
    change.display.scale.mode = static_cast<ScaleMode>(random.whole(0, 4));
    change.display.colormap = static_cast<Colormap>(random.whole(0, static_cast<int>(colormap_names().size()) - 1));
    change.display.item = input.n - 1;
    return change;
}

TEST(GlBackend, TakesFiveHundredChangesWithoutAnErrorOfTheDriverAndWithoutGrowing) {
    const auto backend = gl_backend(with([](GlOptions& o) { o.debug = true; }));
    const auto round = [&](std::uint32_t seed) {
        Random random(seed);
        for (int i = 0; i < 250; ++i) {
            const Change change = random_change(random);
            const auto activations = backend->forward(change.network, change.input,
                                                      static_cast<int>(change.network.layers.size()) - 1, Cancel{});
            ASSERT_TRUE(activations) << activations.error().message;
            ASSERT_TRUE((*activations)->render_grid(change.display, Cancel{}));
            ASSERT_TRUE((*activations)->read(0, {0, (*activations)->shape().c}, {0, 0, 1, 1}));
        }
    };
    round(80);
    const GlUsage before = backend->usage();
    const std::size_t heap_before = heap_bytes();
    round(80);
    const GlUsage after = backend->usage();
    EXPECT_LE(heap_bytes(), heap_before + (1U << 20U)) << "the driver's memory is in it";
    EXPECT_EQ(after.driver_errors, 0) << after.last_driver_error;
    EXPECT_EQ(after.buffers_made, before.buffers_made) << "the same changes must find their memory again";
    EXPECT_EQ(after.bytes_held, before.bytes_held);
    EXPECT_EQ(after.programs_compiled, before.programs_compiled);
}

TEST(GlBackend, HearsTheErrorsThatADebugContextReports) {
    // The test above would be worth nothing if nobody listened.
    const auto backend = gl_backend(with([](GlOptions& o) { o.debug = true; }));
    provoke_driver_error();
    EXPECT_EQ(backend->usage().driver_errors, 1);
    EXPECT_NE(backend->usage().last_driver_error, "");
}

TEST(GlBackend, StartsAndStopsAHundredTimes) {
    const ConvCase c{{1, 2, 8, 8}, 3, {1, 1}, {}, true};
    const Conv2d layer = layer_of(c, 81);
    const auto input = input_of(c.input, 82);
    const Reference reference = reference_conv2d(layer, *input);
    for (int i = 0; i < 100; ++i) {
        GlOptions options = quiet_gl();
        options.naive = true;  // compiles fastest
        const auto activations = gl_backend(options)->forward(network_of(layer), input, 0, Cancel{});
        ASSERT_TRUE(activations) << activations.error().message;
        EXPECT_EQ(relative_error(all_values(**activations).value().values(), reference), 0.0)
            << "they outlive their backend";
    }
}

TEST(GlBackend, SharesAThreadWithOthersAndRunsOnAnyThread) {
    const ConvCase c{{1, 2, 8, 8}, 3, {3, 3}, {}, true};
    const Conv2d layer = layer_of(c, 83);
    const auto input = input_of(c.input, 84);
    const Reference reference = reference_conv2d(layer, *input);
    const auto a = gl_backend(quiet_gl()), b = gl_backend(quiet_gl());
    const auto of_a = a->forward(network_of(layer), input, 0, Cancel{}).value();
    const auto of_b = b->forward(network_of(layer), input, 0, Cancel{}).value();
    EXPECT_EQ(relative_error(all_values(*of_a).value().values(), reference), 0.0);
    EXPECT_EQ(relative_error(all_values(*of_b).value().values(), reference), 0.0);
    std::thread other([&] {
        const auto mine = gl_backend(quiet_gl());
        const auto activations = mine->forward(network_of(layer), input, 0, Cancel{}).value();
        EXPECT_EQ(relative_error(all_values(*activations).value().values(), reference), 0.0);
    });
    other.join();
    EXPECT_EQ(relative_error(all_values(*of_a).value().values(), reference), 0.0);
}

TEST(GlBackend, StopsInTheMiddleOfALayerAndIsStillRightAfterwards) {
    const ConvCase large{{1, 8, 400, 400}, 64, {7, 7}, {}, true};  // 4 G multiplications
    const auto backend = gl_backend(quiet_gl());
    const auto input = input_of(large.input, 85, Numbers::reals);
    std::atomic<bool> quit = false, done = false;
    const std::atomic<bool> newer = false;
    std::atomic<float> progress = 0;
    const Cancel cancel(quit, newer, Cancel::Clock::now(), progress);
    std::thread user([&] {
        while (progress == 0.0F && !done) std::this_thread::yield();
        quit = true;
    });
    const auto result = backend->forward(network_of(layer_of(large, 86, Numbers::reals)), input, 0, cancel);
    done = true;
    user.join();
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().canceled) << result.error().message;
    EXPECT_GT(progress, 0.0F);
    EXPECT_LT(progress, 1.0F);
    const ConvCase small{{1, 3, 12, 12}, 4, {3, 3}, {}, true};
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(gl_backend(quiet_gl()));
    expect_reference(backends, small, Numbers::small_integers, 87);
}

TEST(GlBackend, RefusesAResultForWhichThereIsNoMemory) {
    ConvCase c{{1, 1, 1, 1}, 1, {1, 1}, {}, true};
    c.params.padding = {1 << 20, 1 << 20};  // 17.6 TB
    const auto backend = gl_backend(quiet_gl());
    const auto result = backend->forward(network_of(layer_of(c, 88)), input_of(c.input, 89), 0, Cancel{});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("1x1x2097153x2097153"), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find("memory"), std::string::npos) << result.error().message;
    EXPECT_TRUE(backend->forward(network_of(layer_of({{1, 1, 1, 1}, 1, {1, 1}, {}, true}, 90)), input_of(c.input, 89),
                                 0, Cancel{}));
}

TEST(GlBackend, IsNamedAfterTheVersionAndTheRenderer) {
    const auto backend = gl_backend(quiet_gl());
    EXPECT_TRUE(backend->name().starts_with("OpenGL 4.")) << backend->name();
    EXPECT_NE(backend->name().find(backend->driver().renderer), std::string::npos);
}

}  // namespace
}  // namespace convlens::test
