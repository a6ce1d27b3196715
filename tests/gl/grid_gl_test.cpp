/// The grid's pixels from OpenGL and from the CPU.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "engine/cpu/cpu_backend.h"
#include "engine/cpu/simd.h"
#include "tests/backend/conv_case.h"
#include "tests/gl/gl_test.h"

namespace convlens::test {
namespace {

/// The same values on the CPU and on OpenGL.
struct Pair {
    std::unique_ptr<Backend> cpu = make_cpu_backend({2, available_simd().back().name}).value();
    std::vector<std::unique_ptr<Backend>> gl = every_backend(1);

    /// The largest difference in any component of any pixel.
    int difference(const std::shared_ptr<const Tensor>& values, const DisplayOptions& display) {
        const Network copy{{Layer{"copy", Dropout{}}}};
        const Image expected = cpu->forward(copy, values, 0, Cancel{}).value()->render_grid(display, Cancel{}).value();
        int most = 0;
        for (const auto& backend : gl) {
            const auto image = backend->forward(copy, values, 0, Cancel{}).value()->render_grid(display, Cancel{});
            if (!image || image->width != expected.width || image->height != expected.height) return 256;
            for (std::size_t i = 0; i < expected.rgba.size(); ++i)
                most = std::max(most, std::abs(expected.rgba[i] - image->rgba[i]));
        }
        return most;
    }
};

std::shared_ptr<const Tensor> values_of(Shape shape, std::uint32_t seed, Numbers numbers) {
    Random random(seed);
    return std::make_shared<const Tensor>(random_tensor(shape, numbers, random));
}

TEST(RenderGridGl, DiffersFromTheCpuByOneAtMostForEveryScaleColorMapAndCell) {
    Pair pair;
    for (const Shape map : {Shape{1, 5, 23, 31}, {2, 3, 60, 47}, {1, 9, 1, 1}, {1, 4, 1, 50}})
        for (const Numbers numbers : {Numbers::reals, Numbers::small_integers}) {
            const auto values = values_of(map, 100, numbers);
            for (int mode = 0; mode < 5; ++mode)
                for (const Size2 cell : {Size2{}, Size2{7, 9}, {1, 1}, {23, 31}, {50, 90}, {13, 70}, {90, 5}}) {
                    DisplayOptions display;
                    display.scale = {static_cast<ScaleMode>(mode), -0.7F, 0.9F};
                    display.cell = cell;
                    display.columns = 3;
                    display.mark_beyond = cell.h % 2 == 0;
                    display.colormap =
                        static_cast<Colormap>((mode + cell.h) % static_cast<int>(colormap_names().size()));
                    ASSERT_LE(pair.difference(values, display), 1)
                        << to_string(map) << ", scale " << to_string(display.scale) << ", cell " << to_string(cell);
                }
        }
}

TEST(RenderGridGl, DiffersFromTheCpuByOneAtMostForEveryScaleInEveryColorMapWithCellsAboveAndBelowTheMapsSize) {
    Pair pair;
    const auto values = values_of({1, 3, 40, 50}, 101, Numbers::reals);
    for (std::size_t map = 0; map < colormap_names().size(); ++map)
        for (int mode = 0; mode <= static_cast<int>(ScaleMode::fixed); ++mode)
            for (const Size2 cell : {Size2{}, Size2{17, 23}, {80, 120}, {13, 120}, {80, 23}}) {
                DisplayOptions display;
                display.colormap = static_cast<Colormap>(map);
                display.scale = {static_cast<ScaleMode>(mode), -0.7F, 0.9F};
                display.cell = cell;
                EXPECT_LE(pair.difference(values, display), 1)
                    << colormap_names()[map] << ", scale " << to_string(display.scale) << ", cell " << to_string(cell);
            }
}

TEST(RenderGridGl, ShowsThePartsTheOrderAndTheItemThatTheLookNames) {
    Pair pair;
    Random random(102);
    const auto values = values_of({2, 11, 23, 31}, 103, Numbers::reals);
    for (int i = 0; i < 60; ++i) {
        DisplayOptions display;
        display.item = random.whole(0, 1);
        display.columns = random.whole(1, 11);
        display.gap = random.whole(0, 4);
        display.scale.mode = static_cast<ScaleMode>(random.whole(0, 2));
        display.sort = static_cast<Sort>(random.whole(0, 3));
        display.background = {1, 2, 3, 4};
        if (random.coin()) display.channels = {3, 7, 7, 0};
        display.cell = {random.whole(10, 60), random.whole(10, 60)};
        display.region = Rect{random.whole(0, 9), random.whole(0, 9), random.whole(1, 300), random.whole(1, 300)};
        ASSERT_LE(pair.difference(values, display), 1) << "round " << i;
    }
}

TEST(RenderGridGl, PaintsZeroInTheMiddleColorOfASymmetricScale) {
    const auto backend = gl_backend(quiet_gl());
    Random random(104);
    for (int i = 0; i < 40; ++i) {
        auto values = std::make_shared<Tensor>(Shape{1, 1, 1, 3}, 0.0F);
        values->at(0, 0, 0, 1) = random.real() * 1000.0F;
        DisplayOptions display;
        display.scale.mode = ScaleMode::symmetric;
        display.gap = 0;
        const auto image = backend->forward(Network{{Layer{"copy", Dropout{}}}}, values, 0, Cancel{})
                               .value()
                               ->render_grid(display, Cancel{})
                               .value();
        const Rgba middle = colors(Colormap::coolwarm)[128];
        EXPECT_TRUE(std::equal(middle.begin(), middle.end(), image.pixel(0, 0))) << values->at(0, 0, 0, 1);
    }
}

TEST(RenderGridGl, RefusesWhatTheCpuRefuses) {
    const auto backend = gl_backend(quiet_gl());
    const auto activations =
        backend->forward(Network{{Layer{"copy", Dropout{}}}}, values_of({2, 3, 4, 5}, 105, Numbers::reals), 0, Cancel{})
            .value();
    DisplayOptions display;
    display.item = 2;
    EXPECT_EQ(activations->render_grid(display, Cancel{}).error().message,
              "item 2 does not exist: the batch has items 0 to 1");
    display.item = 0;
    display.channels = {3};
    EXPECT_EQ(activations->render_grid(display, Cancel{}).error().message,
              "channel 3 does not exist: the output has channels 0 to 2");
    display.channels = {};
    display.cell = {30000, 30000};
    EXPECT_FALSE(activations->render_grid(display, Cancel{}));
}

TEST(RenderGridGl, StopsWhenAskedTo) {
    const auto backend = gl_backend(quiet_gl());
    const auto activations = backend
                                 ->forward(Network{{Layer{"copy", Dropout{}}}},
                                           values_of({1, 8, 200, 200}, 106, Numbers::reals), 0, Cancel{})
                                 .value();
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const auto image = activations->render_grid({}, Cancel(quit, newer, Cancel::Clock::now(), progress));
    ASSERT_FALSE(image);
    EXPECT_TRUE(image.error().canceled);
}

}  // namespace
}  // namespace convlens::test
