/// engine/cpu/grid_cpu.h
#include "engine/cpu/grid_cpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/simd.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

std::vector<ChannelStats> stats_of(const Tensor& values, int item) {
    std::vector<ChannelStats> stats;
    for (int c = 0; c < values.shape().c; ++c) {
        const auto plane = values.plane(item, c);
        ChannelStats s{plane[0], plane[0], 0, 0};
        double sum = 0, magnitudes = 0;
        for (const float v : plane) {
            s.min = std::min(s.min, v);
            s.max = std::max(s.max, v);
            sum += static_cast<double>(v);
            magnitudes += std::abs(static_cast<double>(v));
        }
        s.mean = static_cast<float>(sum / static_cast<double>(plane.size()));
        s.mean_abs = static_cast<float>(magnitudes / static_cast<double>(plane.size()));
        stats.push_back(s);
    }
    return stats;
}

Expected<Image> render(const Tensor& values, const DisplayOptions& display, const Simd& simd = available_simd().front(),
                       const Cancel& cancel = {}) {
    GridPicture picture;
    if (auto ok = draw_grid_cpu(values, stats_of(values, display.item), {}, display, simd, cancel, picture); !ok)
        return tl::unexpected(ok.error());
    return std::move(picture.image);
}

/// A look that paints a value in [0, 256), rounded down, in the gray of that index.
DisplayOptions plain(Size2 cell = {}) {
    DisplayOptions display;
    display.colormap = Colormap::gray;
    display.scale = {ScaleMode::fixed, 0.0F, 256.0F};
    display.cell = cell;
    display.gap = 0;
    return display;
}

/// Values in [0, 256).
Tensor bytes(Shape shape, std::uint32_t seed) {
    Random random(seed);
    Tensor tensor(shape);
    for (float& v : tensor.values()) v = static_cast<float>(random.whole(0, 256 * 64 - 1)) / 64.0F;
    return tensor;
}

int gray(const Image& image, int x, int y) { return image.pixel(x, y)[0]; }

/// How bright `plain` paints a value.
int brightness(double value) { return colors(Colormap::gray)[static_cast<std::size_t>(value)][0]; }

Rgba color(const Image& image, int x, int y) {
    Rgba result;
    std::memcpy(result.data(), image.pixel(x, y), 4);
    return result;
}

/// How much of [begin, end) lies in [i, i + 1).
double overlap(double begin, double end, int i) {
    return std::max(0.0, std::min(end, i + 1.0) - std::max(begin, double(i)));
}

/// What pixel `i` of an axis of `pixels` pixels takes of value `v` out of `values`; the weights of a pixel
/// add to 1.
double weight(int i, int pixels, int v, int values) {
    if (pixels >= values) return v == (2 * i + 1) * values / (2 * pixels) ? 1.0 : 0.0;
    const double scale = static_cast<double>(values) / pixels;
    return overlap(i * scale, (i + 1) * scale, v) / scale;
}

double expected_value(const Tensor& values, int c, Size2 cell, int x, int y) {
    const Shape s = values.shape();
    double sum = 0;
    for (int v = 0; v < s.h; ++v) {
        const double row = weight(y, cell.h, v, s.h);
        for (int u = 0; row > 0 && u < s.w; ++u)
            sum += row * weight(x, cell.w, u, s.w) * static_cast<double>(values.at(0, c, v, u));
    }
    return sum;
}

TEST(RenderGrid, AtOnePixelAValueIsExactlyTheColorMapOfTheScaledValues) {
    Random random(60);
    const Tensor values = random_tensor({1, 5, 13, 17}, Numbers::reals, random);
    const auto stats = stats_of(values, 0);
    for (std::size_t map = 0; map < colormap_names().size(); ++map) {
        DisplayOptions display;
        display.columns = 3;
        display.colormap = static_cast<Colormap>(map);
        const Image image = render(values, display).value();
        const GridLayout layout = grid_layout(display, {13, 17}, 5);
        ASSERT_EQ(image.width, layout.width());
        ASSERT_EQ(image.height, layout.height());
        for (int c = 0; c < 5; ++c)
            for (int y = 0; y < 13; ++y)
                for (int x = 0; x < 17; ++x) {
                    const ChannelStats& s = stats[static_cast<std::size_t>(c)];
                    const double t = (static_cast<double>(values.at(0, c, y, x)) - static_cast<double>(s.min)) /
                                     (static_cast<double>(s.max) - static_cast<double>(s.min));
                    const double at = std::min(t * 256, 255.0);
                    if (std::abs(at - std::round(at)) < 1e-3 && t > 0 && t < 1) continue;  // between two colors
                    const Rect cell = layout.cell_rect(c);
                    ASSERT_EQ(color(image, cell.x + x, cell.y + y),
                              colors(*display.colormap)[static_cast<std::size_t>(at)]);
                }
    }
}

TEST(RenderGrid, PaintsTheBackgroundBetweenCellsAndWhereThereAreNone) {
    DisplayOptions display;
    display.columns = 2;
    display.gap = 3;
    display.background = {1, 2, 3, 4};
    const Image image = render(Tensor({1, 3, 4, 5}, 1.0F), display).value();
    const GridLayout layout = grid_layout(display, {4, 5}, 3);
    int background = 0;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const bool cell = layout.cell_at(x, y).has_value();
            background += !cell;
            EXPECT_EQ(color(image, x, y) == display.background, !cell) << x << ", " << y;
        }
    EXPECT_EQ(background, image.width * image.height - 3 * 20);
}

TEST(RenderGrid, ShowsTheNearestValueWhereACellIsLarger) {
    for (const Size2 map : {Size2{1, 1}, {2, 3}, {6, 5}, {7, 10}})
        for (const Size2 cell : {Size2{10, 10}, {7, 13}, {21, 30}, {64, 11}}) {
            const Tensor values = bytes({1, 2, map.h, map.w}, 61);
            const Image image = render(values, plain(cell)).value();
            for (int c = 0; c < 2; ++c)
                for (int y = 0; y < cell.h; ++y)
                    for (int x = 0; x < cell.w; ++x)
                        ASSERT_EQ(gray(image, c * cell.w + x, y), brightness(expected_value(values, c, cell, x, y)))
                            << to_string(map) << " in " << to_string(cell) << " at " << x << ", " << y;
        }
}

TEST(RenderGrid, ShowsTheMeanOverTheCoveredAreaWhereACellIsSmaller) {
    std::size_t turn = 0;  // 30 cases, so that every instruction set has large and small ones
    for (const Size2 map : {Size2{20, 30}, {17, 41}, {64, 64}, {5, 97}, {30, 4}})
        for (const Size2 cell : {Size2{1, 1}, {5, 7}, {3, 4}, {16, 16}, {13, 40}, {17, 3}}) {
            const Tensor values = bytes({1, 2, map.h, map.w}, 62);
            const Simd& simd = available_simd()[turn++ % available_simd().size()];
            SCOPED_TRACE(simd.name);
            const Image image = render(values, plain(cell), simd).value();
            for (int c = 0; c < 2; ++c)
                for (int y = 0; y < cell.h; ++y)
                    for (int x = 0; x < cell.w; ++x) {
                        const double mean = expected_value(values, c, cell, x, y);
                        const int pixel = gray(image, c * cell.w + x, y);
                        ASSERT_GE(pixel, brightness(std::max(mean - 1e-3, 0.0)))
                            << to_string(map) << " in " << to_string(cell);
                        ASSERT_LE(pixel, brightness(mean + 1e-3)) << to_string(map) << " in " << to_string(cell);
                    }
        }
}

TEST(RenderGrid, PaintsEveryNumberOfPixelsAlikeOnEveryInstructionSet) {
    for (int width = 1; width <= 70; ++width) {
        const Tensor values = bytes({1, 1, 2, width}, static_cast<std::uint32_t>(width));
        for (const Simd& simd : available_simd()) {
            const Image image = render(values, plain(), simd).value();
            for (int x = 0; x < width; ++x)
                ASSERT_EQ(gray(image, x, 1), brightness(static_cast<double>(values.at(0, 0, 1, x))))
                    << simd.name << ", " << x << " of " << width;
        }
    }
}

TEST(RenderGrid, OfAnyRegionIsThatPartOfTheWholePicture) {
    Random random(63);
    const Tensor values = random_tensor({2, 11, 23, 31}, Numbers::reals, random);
    for (int i = 0; i < 150; ++i) {
        DisplayOptions display;
        display.item = random.whole(0, 1);
        display.columns = random.whole(1, 11);
        display.gap = random.whole(0, 4);
        display.scale.mode = static_cast<ScaleMode>(random.whole(0, 3));
        display.sort = static_cast<Sort>(random.whole(0, 3));
        if (random.coin()) display.cell = {random.whole(1, 60), random.whole(1, 60)};
        const Image whole = render(values, display).value();
        Rect region{random.whole(0, whole.width - 1), random.whole(0, whole.height - 1), 0, 0};
        region.w = random.whole(1, whole.width - region.x);
        region.h = random.whole(1, whole.height - region.y);
        display.region = region;
        const Image part = render(values, display).value();
        ASSERT_EQ(part.width, region.w);
        ASSERT_EQ(part.height, region.h);
        for (int y = 0; y < region.h; ++y)
            ASSERT_EQ(std::memcmp(part.pixel(0, y), whole.pixel(region.x, region.y + y),
                                  static_cast<std::size_t>(region.w) * 4),
                      0)
                << "round " << i << ", row " << y;
    }
}

TEST(RenderGrid, OnASymmetricScalePaintsZeroInTheMiddleColor) {
    Tensor ramp({1, 2, 1, 11});
    for (int x = 0; x < 11; ++x) {
        ramp.at(0, 0, 0, x) = static_cast<float>(x - 5);
        ramp.at(0, 1, 0, x) = static_cast<float>(x - 5) / 2;
    }
    DisplayOptions display;
    display.scale.mode = ScaleMode::symmetric;
    display.gap = 0;
    const Image image = render(ramp, display).value();
    const auto coolwarm = colors(Colormap::coolwarm);
    EXPECT_EQ(color(image, 5, 0), coolwarm[128]);
    EXPECT_EQ(color(image, 16, 0), coolwarm[128]);
    EXPECT_EQ(color(image, 0, 0), coolwarm[0]);
    EXPECT_EQ(color(image, 10, 0), coolwarm[255]);
    EXPECT_EQ(color(image, 11, 0), coolwarm[64]);
}

TEST(RenderGrid, OnASymmetricScalePaintsZeroInTheMiddleColorForAnyMagnitude) {
    Random random(64);
    for (int i = 0; i < 2000; ++i) {
        Tensor values({1, 1, 1, 2}, 0.0F);
        values.at(0, 0, 0, 1) = random.real() * std::pow(10.0F, static_cast<float>(random.whole(-20, 20)));
        DisplayOptions display = plain();
        display.scale.mode = ScaleMode::symmetric;
        if (values.at(0, 0, 0, 1) == 0.0F) continue;
        ASSERT_EQ(gray(render(values, display).value(), 0, 0), brightness(128)) << values.at(0, 0, 0, 1);
    }
}

TEST(RenderGrid, ShowsAChannelOfTenTimesAnotherAlikeByItselfAndUnlikeOnASharedScale) {
    Random random(65);
    Tensor values({1, 2, 20, 20});
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x) {
            values.at(0, 0, y, x) = static_cast<float>(random.whole(-100, 155));
            values.at(0, 1, y, x) = 10 * values.at(0, 0, y, x);
        }
    DisplayOptions display;
    display.gap = 0;
    const auto different = [&] {
        const Image image = render(values, display).value();
        int count = 0;
        for (int y = 0; y < 20; ++y)
            for (int x = 0; x < 20; ++x) count += color(image, x, y) != color(image, 20 + x, y);
        return count;
    };
    EXPECT_EQ(different(), 0);
    for (const ScaleMode mode : {ScaleMode::shared, ScaleMode::symmetric}) {
        display.scale.mode = mode;
        EXPECT_GT(different(), 300);
    }
}

TEST(RenderGrid, PaintsAFlatChannelInTheFirstColorAndZerosOnASymmetricScaleInTheMiddleOne) {
    for (const float value : {0.0F, -3.0F, 1e30F}) {
        const Tensor flat({1, 1, 3, 3}, value);
        DisplayOptions display;
        display.gap = 0;
        EXPECT_EQ(color(render(flat, display).value(), 1, 1), colors(Colormap::viridis)[0]);
        display.scale.mode = ScaleMode::shared;
        EXPECT_EQ(color(render(flat, display).value(), 1, 1), colors(Colormap::viridis)[0]);
        display.scale.mode = ScaleMode::symmetric;
        const std::size_t at = value == 0 ? 128 : value < 0 ? 0 : 255;
        EXPECT_EQ(color(render(flat, display).value(), 1, 1), colors(Colormap::coolwarm)[at]);
    }
}

TEST(RenderGrid, MarksValuesBeyondTheScaleWhereAskedTo) {
    Tensor values({1, 1, 1, 4});
    std::ranges::copy(std::array{-1.5F, -1.0F, 1.0F, 1.5F}, values.data());
    const std::vector<ChannelStats> stats{{-1.5F, 1.5F, 0.0F, 1.25F}};
    DisplayOptions display;
    display.scale = {ScaleMode::fixed, -1.0F, 1.0F};
    display.gap = 0;
    for (const bool mark : {false, true}) {
        display.mark_beyond = mark;
        GridPicture picture;
        const auto drawn = draw_grid_cpu(values, stats, {}, display, **find_simd(""), Cancel(), picture);
        ASSERT_TRUE(drawn);
        const auto pixel = [&](int x) { return color(picture.image, x, 0); };
        const auto map = colors(Colormap::viridis);
        EXPECT_EQ(pixel(0), mark ? below_scale : map[0]);
        EXPECT_EQ(pixel(1), map[0]);
        EXPECT_EQ(pixel(2), map[255]);
        EXPECT_EQ(pixel(3), mark ? above_scale : map[255]);
    }
}

TEST(RenderGrid, ShowsTheItemTheChannelsAndTheOrderAskedFor) {
    Tensor values({2, 3, 1, 1});
    for (int n = 0; n < 2; ++n)
        for (int c = 0; c < 3; ++c) values.at(n, c, 0, 0) = static_cast<float>(100 * n + 10 * c + 5);
    DisplayOptions display = plain();
    display.item = 1;
    display.channels = {0, 2};
    display.sort = Sort::max;
    const Image image = render(values, display).value();
    ASSERT_EQ(image.width, 2);
    EXPECT_EQ(gray(image, 0, 0), brightness(125));
    EXPECT_EQ(gray(image, 1, 0), brightness(105));
}

TEST(RenderGrid, FailsInASentenceAndStopsWhenAskedTo) {
    const Tensor values({1, 3, 4, 4}, 1.0F);
    DisplayOptions display;
    display.channels = {3};
    EXPECT_EQ(render(values, display).error().message, "channel 3 does not exist: the output has channels 0 to 2");
    display = {};
    display.cell = {9000, 9000};
    EXPECT_NE(render(values, display).error().message.find("more than 16384 per side"), std::string::npos);
    display = {};
    display.region = Rect{500, 500, 2, 2};
    EXPECT_FALSE(render(values, display));
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, Cancel::Clock::now(), progress);
    const auto none = render(values, {}, available_simd().front(), stopped);
    ASSERT_FALSE(none);
    EXPECT_TRUE(none.error().canceled);
}

TEST(RenderGrid, ThroughTheSeamIsTheSamePictureAndKnowsItsItems) {
    Random random(66);
    const ConvCase c{{2, 2, 16, 18}, 5, {3, 3}, {}, true};
    const Conv2d layer = random_layer(c, Numbers::small_integers, random);
    const auto input = std::make_shared<const Tensor>(random_tensor(c.input, Numbers::small_integers, random));
    for (const auto& backend : every_backend(2)) {
        const Tensor values = run(*backend, layer, *input).value();
        const auto activations = backend->forward(network_of(layer), input, 0, Cancel{}).value();
        DisplayOptions display;
        for (display.item = 0; display.item < 2; ++display.item)
            EXPECT_EQ(activations->render_grid(display, Cancel{}).value().rgba, render(values, display).value().rgba);
        for (const int bad : {2, -1}) {
            display.item = bad;
            const auto none = activations->render_grid(display, Cancel{});
            ASSERT_FALSE(none);
            EXPECT_EQ(none.error().message, fmt::format("item {} does not exist: the batch has items 0 to 1", bad));
        }
    }
}

}  // namespace
}  // namespace convlens::test
