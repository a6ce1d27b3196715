/// engine/export.h and engine/view/text.h: pictures to take away.
#include "engine/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

class Export : public testing::Test {
  protected:
    Export() : backend_(make_cpu_backend({}).value()) {
        document_.input.source = PatternInput{Pattern::zone, {24, 30}, 1};
        choose_kernels(document_, RandomKernels{7, {3, 3}, 4});
        document_.look.cell = {60, 90};
    }

    Output output() { return evaluate(document_, *backend_, Cancel()).value(); }
    Image picture(const Decoration& decoration) { return export_grid(output(), decoration, Typeface(), Cancel()).value(); }

    std::unique_ptr<Backend> backend_;
    Document document_;
};

bool same(const Image& a, const Image& b) { return a.width == b.width && a.height == b.height && a.rgba == b.rgba; }

TEST_F(Export, WithoutDecorationIsThePictureOfTheBackEnd) {
    EXPECT_TRUE(same(picture({}), output().activations->render_grid(document_.look, Cancel()).value()));
}

TEST_F(Export, LeavesTheCellsAloneWhereNothingIsWritten) {
    const Image plain = picture({});
    Decoration decoration;
    decoration.title = "Seven random kernels";
    decoration.legend = true;
    const Image whole = picture(decoration);
    EXPECT_EQ(whole.width, plain.width);
    ASSERT_GT(whole.height, plain.height);
    int top = 0;  // the grid stands somewhere below the title, pixel for pixel
    const auto row = [&](const Image& image, int y) { return std::vector<std::uint8_t>(image.pixel(0, y), image.pixel(0, y) + image.width * 4); };
    while (top + plain.height < whole.height && row(whole, top + 2) != row(plain, 2)) ++top;
    for (int y = 0; y < plain.height; ++y) ASSERT_EQ(row(whole, top + y), row(plain, y)) << y;
    EXPECT_TRUE(same(whole, picture(decoration)));
}

TEST_F(Export, TheColourBarsEndsAreTheScalesNumbers) {
    EXPECT_EQ(scale_ends({-0.49934F, 1.25F}), (ScaleEnds{"-0.4993", "+1.25"}));
    // Another scale, other numbers: the foot of the picture changes though the bar's colours are the same.
    document_.look.scale = {ScaleMode::fixed, -1.0F, 1.0F};
    Decoration decoration;
    decoration.legend = true;
    const int top = picture({}).height;
    const Image one = picture(decoration);
    document_.look.scale.hi = 3.0F;
    const Image other = picture(decoration);
    const std::size_t from = static_cast<std::size_t>(top) * static_cast<std::size_t>(one.width) * 4;
    EXPECT_FALSE(std::equal(one.rgba.begin() + static_cast<std::ptrdiff_t>(from), one.rgba.end(), other.rgba.begin() + static_cast<std::ptrdiff_t>(from)));
}

TEST_F(Export, OnTransparentPaperIsTransparentBetweenTheCellsOnly) {
    Decoration decoration;
    decoration.paper = Paper::transparent;
    const Image image = picture(decoration);
    EXPECT_EQ(image.pixel(0, 0)[3], 0);
    EXPECT_EQ(image.pixel(20, 20)[3], 255);
}

TEST_F(Export, NumbersAndKernelsStandInTheirCells) {
    const Image plain = picture({});
    for (const bool labels : {true, false}) {
        Decoration decoration;
        (labels ? decoration.labels : decoration.kernels) = true;
        const Image marked = picture(decoration);
        const GridLayout layout = grid_layout(document_.look, {24, 30}, 7);
        for (int i = 0; i < 7; ++i) {
            const Rect cell = layout.cell_rect(i);
            int changed_top_left = 0, changed_bottom_right = 0;
            for (int y = 0; y < cell.h / 3; ++y)
                for (int x = 0; x < cell.w / 3; ++x) {
                    const auto differs = [&](int px, int py) { return !std::equal(plain.pixel(px, py), plain.pixel(px, py) + 4, marked.pixel(px, py)); };
                    changed_top_left += differs(cell.x + x, cell.y + y);
                    changed_bottom_right += differs(cell.x + cell.w - 1 - x, cell.y + cell.h - 1 - y);
                }
            EXPECT_EQ(changed_top_left > 20, labels) << i;
            EXPECT_EQ(changed_bottom_right > 20, !labels) << i;
        }
    }
}

TEST_F(Export, OfKernelsGivesTheirValuesBack) {
    const fs::path folder = fs::temp_directory_path() / fmt::format("convlens-export-{}", getpid());
    fs::create_directories(folder);
    const Output made = output();
    const Conv2d* conv = shown_convolution(made);
    ASSERT_TRUE(conv);
    for (const char* name : {"k.npy", "k.safetensors", "k.png"}) ASSERT_TRUE(export_kernels(made, folder / name)) << name;
    EXPECT_FALSE(export_kernels(made, folder / "k.txt"));
    EXPECT_EQ(TensorFile::open(folder / "k.npy")->load("")->values, std::vector<float>(conv->weight->values().begin(), conv->weight->values().end()));
    EXPECT_EQ(TensorFile::open(folder / "k.safetensors")->load("bias")->values, *conv->bias);
    EXPECT_EQ(load_picture(folder / "k.png")->info.width, 7 * (63 + 2) + 2);
    fs::remove_all(folder);
}

TEST_F(Export, OfStatisticsIsALineAChannel) {
    const std::string csv = stats_csv(output());
    EXPECT_EQ(csv.substr(0, 31), "channel,min,max,mean,mean_abs\n0");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 8);
}

TEST_F(Export, SaysWhenThePictureWouldBeTooLarge) {
    document_.look.cell = {16000, 16000};
    EXPECT_FALSE(export_grid(output(), {}, Typeface(), Cancel()));
}

TEST(Typeface, WithoutAFileStillWrites) {
    const Typeface builtin("/absent.ttf");
    Image image(200, 40, {255, 255, 255, 255});
    builtin.draw(image, 5, 5, "Max 3.5 \xC3\xBC\xFF", 24, {0, 0, 0, 255});
    int dark = 0;
    for (std::size_t i = 0; i < image.rgba.size(); i += 4) dark += image.rgba[i] < 128;
    EXPECT_GT(dark, 100);
    EXPECT_GT(builtin.width("long text", 24), builtin.width("text", 24));
    builtin.draw(image, -50, -10, "outside", 100, {0, 0, 0, 255});
}

}  // namespace
}  // namespace convlens
