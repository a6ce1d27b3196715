/// engine/view/grid_picture.h and draw_grid() on the CPU: a picture whose cells are drawn again is the same as a new
/// one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "engine/cpu/cpu_backend.h"
#include "engine/nn/draw_grid.h"
#include "engine/view/grid_picture.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

constexpr Shape input_shape{2, 3, 24, 30};
constexpr int channels = 12;

/// A convolution and a ReLU. One kernel after the other is edited.
struct Edited {
    Random& random;
    std::shared_ptr<const Tensor> input =
        std::make_shared<const Tensor>(random_tensor(input_shape, Numbers::reals, random));
    Conv2d conv = random_layer({input_shape, channels, {3, 3}, {}, true}, Numbers::reals, random);

    void edit(int channel, float factor = 1) {
        Tensor weight = conv.weight->clone();
        for (int c = 0; c < input_shape.c; ++c)
            for (float& v : weight.plane(channel, c)) v = factor * random.real();
        conv.weight = std::make_shared<const Tensor>(std::move(weight));
    }
    Network network() const { return {{Layer{"conv", conv}, Layer{"relu", ReLU{}}}}; }
    std::shared_ptr<const Activations> run(Backend& backend, int layer = 1) const {
        return backend.forward(network(), input, layer, Cancel{}).value();
    }
};

DisplayOptions random_display(Random& random) {
    DisplayOptions display;
    const auto mode = static_cast<ScaleMode>(random.whole(0, 4));
    display.scale = mode == ScaleMode::fixed ? Scale{mode, -0.5F, 0.75F} : Scale{mode};
    if (random.coin()) display.colormap = static_cast<Colormap>(random.whole(0, 3));
    display.columns = random.whole(2, 5);
    display.cell = random.coin() ? Size2{} : Size2{random.whole(5, 40), random.whole(5, 40)};
    display.gap = random.whole(0, 3);
    if (random.coin()) display.channels = {7, 3, 3, 0, 11};
    display.sort = static_cast<Sort>(random.whole(0, 3));
    display.item = random.whole(0, 1);
    display.hide_dead = random.coin();
    display.mark_beyond = random.coin();
    if (random.coin()) display.background = {9, 8, 7, 255};
    if (random.coin())
        display.region = Rect{random.whole(0, 20), random.whole(0, 20), random.whole(10, 60), random.whole(10, 60)};
    return display;
}

TEST(GridPicture, IsTheSameAsANewOneAfterAnyEdits) {
    Random random(95);
    Edited made{random};
    const auto first = make_cpu_backend({2, ""}).value(), second = make_cpu_backend({3, ""}).value();
    std::array<GridPicture, 3> pictures;  // as the pool gives them out: of the last version or of one before
    DisplayOptions display;
    int kept = 0;
    for (int step = 0; step < 600; ++step) {
        const int what = random.whole(0, 19);
        if (what == 0) display = random_display(random);
        if (what == 1) display.scale.mode = static_cast<ScaleMode>(random.whole(0, 3));
        if (what == 2) made.input = std::make_shared<const Tensor>(random_tensor(input_shape, Numbers::reals, random));
        if (what == 3) made.edit(random.whole(0, channels - 1), 4);  // changes a shared scale
        if (what == 4) made.edit(random.whole(0, channels - 1), 0);  // kills a channel
        if (what >= 8) made.edit(random.whole(0, channels - 1));
        Backend& backend = random.whole(0, 9) == 0 ? *second : *first;
        const auto maps = made.run(backend, random.whole(0, 9) == 0 ? 0 : 1);
        GridPicture& picture = pictures[static_cast<std::size_t>(random.whole(0, 2))];
        if (what == 5) {
            const std::atomic<bool> quit = true, newer = false;
            std::atomic<float> progress = 0;
            const auto none = draw_grid(*maps, display, Cancel(quit, newer, Cancel::Clock::now(), progress), picture);
            ASSERT_TRUE(none || none.error().canceled);
        }
        const GridContents before = picture.shows;
        const auto drawn = draw_grid(*maps, display, Cancel{}, picture);
        const auto fresh = maps->render_grid(display, Cancel{});
        ASSERT_EQ(drawn.has_value(), fresh.has_value());
        if (!drawn) continue;
        ASSERT_EQ(picture.image.width, fresh->width);
        ASSERT_EQ(picture.image.height, fresh->height);
        ASSERT_EQ(picture.image.rgba, fresh->rgba) << "step " << step;
        const auto changed = changed_cells(before, picture.shows);
        kept += changed && changed->size() < picture.shows.cells.size();
    }
    EXPECT_GT(kept, 100) << "no cell was ever left alone";
}

/// The pictures' pixels are spoiled behind the backend's back: what it draws is right, what it leaves alone stays
/// spoiled.
TEST(GridPicture, IsDrawnOnlyWhereItsCellsChange) {
    Random random(96);
    Edited made{random};
    const auto backend = make_cpu_backend({2, ""}).value();
    const auto drawn_cells = [&](GridPicture& picture, const DisplayOptions& display) {
        std::ranges::fill(picture.image.rgba, std::uint8_t{99});
        const auto maps = made.run(*backend);
        EXPECT_TRUE(draw_grid(*maps, display, Cancel{}, picture));
        const Image fresh = maps->render_grid(display, Cancel{}).value();
        std::vector<int> found;
        std::size_t right = 0;
        for (int i = 0; i < channels; ++i) {
            const Rect part = visible_part(picture.shows, i);
            int same = 0;
            for (int y = part.y; y < part.y + part.h; ++y)
                same += std::memcmp(picture.image.pixel(part.x, y), fresh.pixel(part.x, y),
                                    static_cast<std::size_t>(part.w) * 4) == 0;
            if (same == part.h)
                found.push_back(i), right += static_cast<std::size_t>(part.w) * static_cast<std::size_t>(part.h);
        }
        std::size_t spoiled = 0;
        for (std::size_t i = 0; i < picture.image.rgba.size(); i += 4) spoiled += picture.image.rgba[i + 3] == 99;
        EXPECT_EQ(spoiled + right, picture.image.rgba.size() / 4) << "pixels outside of the cells were drawn";
        return found;
    };
    const std::vector<int> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (const ScaleMode mode : {ScaleMode::per_channel, ScaleMode::shared}) {
        DisplayOptions display;
        display.scale.mode = mode;
        display.gap = 0;
        GridPicture picture, other;
        ASSERT_TRUE(draw_grid(*made.run(*backend), display, Cancel{}, picture));
        made.edit(4, 0.5F);
        EXPECT_EQ(drawn_cells(picture, display), std::vector<int>{4});
        EXPECT_EQ(drawn_cells(picture, display), std::vector<int>{});
        made.edit(7, 0.5F);
        EXPECT_EQ(drawn_cells(picture, display), std::vector<int>{7});
        ASSERT_TRUE(draw_grid(*made.run(*backend), display, Cancel{}, other));
        made.edit(2, 0.5F);
        EXPECT_EQ(drawn_cells(other, display), std::vector<int>{2});
        made.edit(3, 0.5F);
        EXPECT_EQ(drawn_cells(picture, display), (std::vector<int>{2, 3})) << "it is two versions old";
        made.edit(9, 20);
        EXPECT_EQ(drawn_cells(picture, display), mode == ScaleMode::shared ? all : std::vector<int>{9});
    }
}

TEST(GridPicture, KnowsWhichPartOfACellIsVisible) {
    GridContents contents;
    contents.look.layout = {6, 3, 2, {10, 20}, 2};  // three cells of 20x10 per row
    contents.look.region = {30, 0, 20, 20};
    EXPECT_EQ(visible_part(contents, 0).w, 0);
    EXPECT_EQ(visible_part(contents, 1), (Rect{0, 2, 14, 10}));
    EXPECT_EQ(visible_part(contents, 2), (Rect{16, 2, 4, 10}));
    EXPECT_EQ(visible_part(contents, 4), (Rect{0, 14, 14, 6}));
}

TEST(GridPicture, ComparesNothingThatIsNotKnown) {
    GridContents a, b;
    EXPECT_FALSE(changed_cells(a, b));
    a.cells = {{1, {0, 1}}, {2, {0, 1}}, {3, {0, 1}}};
    EXPECT_FALSE(changed_cells(a, b));
    b.cells = a.cells;
    EXPECT_EQ(changed_cells(a, b).value(), std::vector<int>{});
    b.cells[0].version = 4;
    b.cells[2].range.hi = 2;
    EXPECT_EQ(changed_cells(a, b).value(), (std::vector<int>{0, 2}));
    b.look.region.x = 1;
    EXPECT_FALSE(changed_cells(a, b));
    b.look = a.look;
    b.look.source = std::make_shared<const int>(0);
    EXPECT_FALSE(changed_cells(a, b)) << "another backend";
    b.look = a.look;
    b.cells.pop_back();
    EXPECT_FALSE(changed_cells(a, b));
}

}  // namespace
}  // namespace convlens::test
