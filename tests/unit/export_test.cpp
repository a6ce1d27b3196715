/// engine/export/export.h and engine/view/text.h: pictures to take away.
#include "engine/export/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "engine/cpu/cpu_backend.h"
#include "engine/explain/explain_picture.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

class ExportTest : public testing::Test {
  protected:
    ExportTest() : backend_(make_cpu_backend({}).value()) {
        document_.input.source = PatternInput{Pattern::zone, {24, 30}, 1};
        choose_kernels(document_, RandomKernels{7, {3, 3}, 4});
        document_.display.cell = {60, 90};
    }

    Output output() { return evaluate(document_, *backend_, Cancel()).value(); }
    std::vector<std::byte> bytes(const ExportOrder& order) {
        const auto encode = prepare_export(output(), order, *backend_, Typeface(), Cancel());
        EXPECT_TRUE(encode) << encode.error().message;
        return encode ? (*encode)().value() : std::vector<std::byte>();
    }
    std::vector<std::byte> file(Export what, const std::string& format) {
        ExportOrder order;
        order.what = what;
        order.format = format;
        return bytes(order);
    }
    Image image(const ExportOrder& order) {
        const auto made = decode_picture(bytes(order), "made.png").value();
        Image image(made.info.width, made.info.height);
        for (int y = 0; y < image.height; ++y)
            for (int x = 0; x < image.width; ++x) {
                for (int c = 0; c < 3; ++c)
                    image.pixel(x, y)[c] = static_cast<std::uint8_t>(
                        std::lround(made.color.at(0, made.color.shape().c == 3 ? c : 0, y, x) * 255));
                const std::size_t i =
                    static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x);
                image.pixel(x, y)[3] =
                    made.alpha.empty() ? 255 : static_cast<std::uint8_t>(std::lround(made.alpha[i] * 255));
            }
        return image;
    }
    Array array(const std::vector<std::byte>& bytes, const std::string& name, const std::string& key) {
        const fs::path path = fs::temp_directory_path() / fmt::format("convlens-export-{}-{}", getpid(), name);
        EXPECT_TRUE(write_file(path, bytes));
        auto loaded = TensorFile::open(path)->load(key);
        fs::remove(path);
        return std::move(*loaded);
    }
    Image picture(const Annotations& annotations) {
        return export_grid(output(), annotations, Typeface(), Cancel()).value();
    }

    std::unique_ptr<Backend> backend_;
    Document document_;
};

bool same(const Image& a, const Image& b) { return a.width == b.width && a.height == b.height && a.rgba == b.rgba; }

TEST_F(ExportTest, WithoutDecorationIsThePictureOfTheBackEnd) {
    EXPECT_TRUE(same(picture({}), output().activations->render_grid(document_.display, Cancel()).value()));
}

TEST_F(ExportTest, LeavesTheCellsAloneWhereNothingIsWritten) {
    const Image plain = picture({});
    Annotations annotations;
    annotations.title = "Seven random kernels";
    annotations.colorbar = true;
    const Image whole = picture(annotations);
    EXPECT_EQ(whole.width, plain.width);
    ASSERT_GT(whole.height, plain.height);
    int top = 0;  // the grid stands somewhere below the title, pixel for pixel
    const auto row = [&](const Image& image, int y) {
        return std::vector<std::uint8_t>(image.pixel(0, y), image.pixel(0, y) + image.width * 4);
    };
    while (top + plain.height < whole.height && row(whole, top + 2) != row(plain, 2)) ++top;
    for (int y = 0; y < plain.height; ++y) ASSERT_EQ(row(whole, top + y), row(plain, y)) << y;
    EXPECT_TRUE(same(whole, picture(annotations)));
}

TEST_F(ExportTest, TheColorBarsEndsAreTheScalesNumbers) {
    EXPECT_EQ(scale_ends({-0.49934F, 1.25F}), (ScaleEnds{"-0.4993", "+1.25"}));
    // Another scale, other numbers: the foot of the picture changes though the bar's colors are the same.
    document_.display.scale = {ScaleMode::fixed, -1.0F, 1.0F};
    Annotations annotations;
    annotations.colorbar = true;
    const int top = picture({}).height;
    const Image one = picture(annotations);
    document_.display.scale.hi = 3.0F;
    const Image other = picture(annotations);
    const std::size_t from = static_cast<std::size_t>(top) * static_cast<std::size_t>(one.width) * 4;
    EXPECT_FALSE(std::equal(one.rgba.begin() + static_cast<std::ptrdiff_t>(from), one.rgba.end(),
                            other.rgba.begin() + static_cast<std::ptrdiff_t>(from)));
}

TEST_F(ExportTest, OnTransparentPaperIsTransparentBetweenTheCellsOnly) {
    Annotations annotations;
    annotations.paper = Paper::transparent;
    const Image image = picture(annotations);
    EXPECT_EQ(image.pixel(0, 0)[3], 0);
    EXPECT_EQ(image.pixel(20, 20)[3], 255);
}

TEST_F(ExportTest, NumbersAndKernelsStandInTheirCells) {
    const Image plain = picture({});
    for (const bool labels : {true, false}) {
        Annotations annotations;
        (labels ? annotations.labels : annotations.kernels) = true;
        const Image selected = picture(annotations);
        const GridLayout layout = grid_layout(document_.display, {24, 30}, 7);
        for (int i = 0; i < 7; ++i) {
            const Rect cell = layout.cell_rect(i);
            int changed_top_left = 0, changed_bottom_right = 0;
            for (int y = 0; y < cell.h / 3; ++y)
                for (int x = 0; x < cell.w / 3; ++x) {
                    const auto differs = [&](int px, int py) {
                        return !std::equal(plain.pixel(px, py), plain.pixel(px, py) + 4, selected.pixel(px, py));
                    };
                    changed_top_left += differs(cell.x + x, cell.y + y);
                    changed_bottom_right += differs(cell.x + cell.w - 1 - x, cell.y + cell.h - 1 - y);
                }
            EXPECT_EQ(changed_top_left > 20, labels) << i;
            EXPECT_EQ(changed_bottom_right > 20, !labels) << i;
        }
    }
}

TEST_F(ExportTest, OfKernelsGivesTheirValuesBack) {
    const Output made = output();
    const Conv2d* conv = shown_convolution(made);
    ASSERT_TRUE(conv);
    EXPECT_EQ(array(file(Export::kernels, ".npy"), "k.npy", "").values,
              std::vector<float>(conv->weight->values().begin(), conv->weight->values().end()));
    EXPECT_EQ(array(file(Export::kernels, ".safetensors"), "k.safetensors", "bias").values, *conv->bias);
    EXPECT_EQ(decode_picture(file(Export::kernels, ".png"), "k.png")->info.width, 7 * (63 + 2) + 2);
}

TEST_F(ExportTest, OfActivationsGivesTheirValuesBack) {
    const Tensor values = all_values(*output().activations).value();
    const std::vector<float> expected(values.values().begin(), values.values().end());
    for (const auto& [format, key] : {std::pair(".npy", ""), {".npz", "conv1"}})
        EXPECT_EQ(array(file(Export::activations, format), std::string("y") + format, key).values, expected);
}

TEST_F(ExportTest, OfOneChannelHasTheColorsThatItHasInTheGrid) {
    document_.display.scale.mode = ScaleMode::shared;
    const Image grid = picture({});
    ExportOrder order;
    order.what = Export::channel;
    order.channel = 5;
    const Image one = image(order);
    const Rect cell = grid_layout(document_.display, {24, 30}, 7).cell_rect(5);
    ASSERT_EQ((Size2{one.height, one.width}), (Size2{cell.h, cell.w}));
    for (int y = 0; y < cell.h; ++y)
        ASSERT_TRUE(std::equal(one.pixel(0, y), one.pixel(0, y) + cell.w * 4, grid.pixel(cell.x, cell.y + y))) << y;
    order.cell = {24, 30};
    EXPECT_EQ(image(order).width, 30);
    order.channel = 7;
    EXPECT_FALSE(prepare_export(output(), order, *backend_, Typeface(), Cancel()));
}

TEST_F(ExportTest, OfTheMicroscopeShowsEachTermInItsColor) {
    ExportOrder order;
    order.what = Export::microscope;
    order.position = {2, 5, 6};
    order.pixels = 40;
    const Image whole = image(order);
    EXPECT_TRUE(same(whole, image(order)));
    const Output made = output();
    const auto e = explain(made.network, made.input, made.plan.layer, 0, order.position, *backend_, Cancel());
    ASSERT_TRUE(e);
    // The cells are where a row of the kernel's colors is: all three in their order, 40 pixels apart.
    const TermColors colors(*e);
    const auto is = [&](int x, int y, const Rgba& c) {
        return x < whole.width && y < whole.height && std::equal(c.begin(), c.end(), whole.pixel(x, y));
    };
    for (const TermPart part : {TermPart::value, TermPart::weight, TermPart::product}) {
        int found = 0;
        for (int y = 0; y < whole.height; ++y)
            for (int x = 0; x < whole.width; ++x) {
                bool all = true;
                for (int i = 0; all && i < 9; ++i)
                    all =
                        is(x + i % 3 * 40, y + i / 3 * 40, colors.of(e->channel(1)[static_cast<std::size_t>(i)], part));
                found += all;
            }
        EXPECT_GT(found, 0) << static_cast<int>(part);
    }
    order.position.y = 6;
    EXPECT_FALSE(same(whole, image(order)));
    order.position.y = 5000;
    EXPECT_EQ(prepare_export(output(), order, *backend_, Typeface(), Cancel()).error().message.substr(0, 39),
              "channel 2, y 5000, x 6 does not exist: ");
}

TEST_F(ExportTest, OfTheMicroscopeWorksForEveryLayerAndPaper) {
    choose_network(document_, open_network("largenet", "random:3", {CONVLENS_SOURCE_ASSETS, {}}).value());
    document_.input.source = PatternInput{Pattern::zone, {32, 32}, 1};
    const auto plan = output().plan;
    for (const auto& layer : plan.layers)
        for (const Paper paper : {Paper::white, Paper::dark, Paper::transparent}) {
            document_.layer = layer.name;
            ExportOrder order;
            order.what = Export::microscope;
            order.annotations.paper = paper;
            const Image made = image(order);
            EXPECT_EQ(made.pixel(0, 0)[3], paper == Paper::transparent ? 0 : 255) << layer.name;
            EXPECT_LT(made.height, 12000) << layer.name;
        }
}

TEST_F(ExportTest, RefusesAnotherFormatInASentence) {
    ExportOrder order;
    order.what = Export::kernels;
    order.format = ".txt";
    EXPECT_EQ(prepare_export(output(), order, *backend_, Typeface(), Cancel()).error().message,
              "'.txt' is not a file format of this export: expected one of .png, .npy, .safetensors");
}

TEST_F(ExportTest, OfStatisticsIsALineAChannel) {
    const std::string csv = stats_csv(output());
    EXPECT_EQ(csv.substr(0, 31), "channel,min,max,mean,mean_abs\n0");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 8);
}

TEST_F(ExportTest, SaysWhenThePictureWouldBeTooLarge) {
    document_.display.cell = {16000, 16000};
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
