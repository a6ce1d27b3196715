/// Shifts of the input, other strides and pooling, and charts.
#include "engine/filter/shift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/filter/downsampling.h"
#include "engine/filter/line_filter.h"
#include "engine/view/chart.h"

namespace convlens::test {
namespace {

Tensor shift_noise(Shape shape, unsigned seed) {
    std::mt19937 random(seed);
    Tensor made(shape);
    for (float& v : made.values()) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return made;
}

Layer conv(const std::string& name, int from, int to, int side, int stride) {
    Conv2d made;
    made.weight = std::make_shared<const Tensor>(shift_noise({to, from, side, side}, static_cast<unsigned>(to)));
    made.params.stride = {stride, stride};
    made.params.padding = {side / 2, side / 2};
    return {name, made};
}

Network two_strides() {
    return {{conv("conv1", 3, 5, 5, 3), {"relu1", ReLU{}}, {"pool1", MaxPool2d{}}, conv("conv2", 5, 4, 3, 1)}};
}

TEST(Shift, WholePixelsMoveTheValuesInACircle) {
    const Tensor input = shift_noise({1, 2, 5, 7}, 1);
    const Tensor right = shifted(input, 3, false), up = shifted(input, -1, true);
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 7; ++x) {
            EXPECT_EQ(right.at(0, 1, y, x), input.at(0, 1, y, (x + 4) % 7));
            EXPECT_EQ(up.at(0, 1, y, x), input.at(0, 1, (y + 1) % 5, x));
        }
}

TEST(Shift, EndsBeforeABranchAndRefusesItsLayers) {
    Network network = two_strides();
    network.layers.push_back({"add", Add{}, {3, 3}});
    network.layers.push_back({"relu", ReLU{}});
    EXPECT_EQ(leading_maps(network), 4U);
    ShiftOptions options;
    options.reach = 2;
    const Tensor input = shift_noise({1, 3, 20, 20}, 3);
    const auto found = shift_curves(network, input, options, 0, Cancel());
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->layers.back().name, "conv2");
    Tensor output;
    EXPECT_EQ(run_layer(network.layers[4], input, Cancel(), output).error().message,
              "add: it does not read the layer before it, and networks with branches are not studied yet");
}

TEST(Shift, TwoHalvesAreOnePixel) {
    Tensor wave({1, 1, 4, 15});
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 15; ++x) wave.at(0, 0, y, x) = std::sin(static_cast<float>(x) * 0.4188790F + 1);
    const Tensor twice = shifted(shifted(wave, 0.5, false), 0.5, false), once = shifted(wave, 1, false);
    for (std::size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(twice.data()[i], once.data()[i], 1e-5F);
}

TEST(Shift, OutputsMoveWithTheInputByMultiplesOfTheStride) {
    ShiftOptions options;
    options.reach = 12;
    options.steps_per_pixel = 1;
    const Tensor input = shift_noise({1, 3, 40, 64}, 3);
    const auto found = shift_curves(two_strides(), input, options, 1, Cancel());
    ASSERT_TRUE(found && *found);
    const ShiftCurves& curves = **found;
    ASSERT_EQ(curves.layers.size(), 5U);
    EXPECT_EQ(curves.layers[1].jump, 3);
    EXPECT_EQ(curves.layers[4].jump, 6);
    for (std::size_t k = 0; k < curves.shifts.size(); ++k) {
        EXPECT_NEAR(curves.layers[0].consistency[k], 1, 1e-9);
        EXPECT_EQ(curves.layers[1].consistency[k] > 0.999999, k % 3 == 0) << k;
        EXPECT_EQ(curves.layers[4].consistency[k] > 0.999999, k % 6 == 0) << k;
    }
    EXPECT_EQ(curves.maps.shape(), (Shape{13, 1, 7, 11}));
    EXPECT_LT(curves.layers[0].invariance[5], 0.2) << "noise does not resemble itself";
}

TEST(Shift, WithoutStridesEveryWholePixelIsExact) {
    ShiftOptions options;
    options.reach = 5;
    options.steps_per_pixel = 1;
    options.down.strides = Strides::one;
    const auto found = shift_curves(two_strides(), shift_noise({1, 3, 40, 64}, 3), options, 0, Cancel());
    ASSERT_TRUE(found && *found);
    for (const ShiftedLayer& layer : (*found)->layers)
        for (const double c : layer.consistency) EXPECT_NEAR(c, 1, 1e-6) << layer.name;
}

TEST(Shift, BlurPoolIsMoreConsistentThanStrides) {
    ShiftOptions options;
    options.reach = 6;
    const Tensor input = shift_noise({1, 3, 40, 64}, 3);
    const double as_is =
        ShiftCurves::mean(shift_curves(two_strides(), input, options, 0, Cancel())->value().layers.back().consistency);
    options.down = {Strides::blurred, Pools::blurred, 5};
    const double blurred =
        ShiftCurves::mean(shift_curves(two_strides(), input, options, 0, Cancel())->value().layers.back().consistency);
    EXPECT_GT(blurred, as_is + 0.1);
}

TEST(Shift, RefusesAChannelThatDoesNotExist) {
    const auto found = shift_curves(two_strides(), shift_noise({1, 3, 40, 40}, 3), {}, 4, Cancel());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->error().message, "channel 4 does not exist: conv2 has channels 0 to 3");
}

TEST(Shift, DilatedNetworkHasTheValuesOfTheNetwork) {
    const Tensor input = shift_noise({1, 3, 36, 36}, 5);
    const Network network = two_strides(), dense = downsampled(network, 3, {Strides::one, Pools::unchanged, 3});
    Tensor a = input.clone(), b = input.clone(), next;
    for (std::size_t i = 0; i < 4; ++i) {
        ASSERT_TRUE(run_layer(network.layers[i], a, Cancel(), next).value());
        std::swap(a, next);
        ASSERT_TRUE(run_layer(dense.layers[i], b, Cancel(), next).value());
        std::swap(b, next);
    }
    ASSERT_EQ(a.shape(), (Shape{1, 4, 6, 6}));
    for (int c = 0; c < 4; ++c)
        for (int y = 0; y < 6; ++y)
            for (int x = 0; x < 6; ++x) EXPECT_NEAR(a.at(0, c, y, x), b.at(0, c, 6 * y, 6 * x), 1e-5F);
}

TEST(Shift, NetworksEndWhereMapsEnd) {
    Network network = two_strides();
    network.layers.push_back({"flatten", Flatten{}});
    EXPECT_EQ(leading_maps(network), 4U);
    const Network blurred = downsampled(network, 3, {Strides::blurred, Pools::blurred, 3});
    std::string names;
    for (const Layer& layer : blurred.layers) names += layer.name + " ";
    EXPECT_EQ(names, "conv1 relu1 relu1.blur pool1 pool1.blur conv2 ");
    EXPECT_EQ(binomial(5), (std::vector<double>{1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0}));
}

std::string texts(const std::vector<Tick>& found) {
    std::string all;
    for (const Tick& tick : found) all += tick.text + " ";
    return all;
}

TEST(Chart, TicksAreRoundNumbers) {
    EXPECT_EQ(texts(ticks({0, 1, ""}, 5)), "0 0.2 0.4 0.6 0.8 1.0 ");
    EXPECT_EQ(texts(ticks({0.5, -0.5, ""}, 4)), "-0.5 0 0.5 ");
    EXPECT_EQ(texts(ticks({-3, 17, ""}, 10)), "-2 0 2 4 6 8 10 12 14 16 ");
    EXPECT_EQ(texts(ticks({0.1, 30, "", true}, 9)), "0.1 0.2 0.5 1 2 5 10 20 ");
    EXPECT_EQ(texts(ticks({1e-3, 1e6, "", true}, 5)), "0.01 1 100 10000 1e+06 ");
    EXPECT_TRUE(ticks({1, 1, ""}, 5).empty());
}

Chart two_curves() {
    return {"Title & <more>",
            {0, 2, "shift (pixels)"},
            {0, 1, "cosine, \"similarity\""},
            {{"first", curve_color(0, 2), {0, 1, 2}, {0, 0.5, 1}},
             {"second", curve_color(1, 2), {0, 1, 2}, {1, NAN, 0.25}}}};
}

TEST(Chart, TablesLeaveOutWhatIsNotANumber) {
    EXPECT_EQ(chart_csv(two_curves()), "shift (pixels),first,second\n0,0,1\n1,0.5,\n2,1,0.25\n");
    EXPECT_EQ(csv_field("a\"b,c"), "\"a\"\"b,c\"");
}

TEST(Chart, DrawsCurvesInTheirColors) {
    const Chart chart = two_curves();
    const Image image = chart_image(chart, {300, 500}, Typeface());
    int first = 0, second = 0;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const std::uint8_t* p = image.pixel(x, y);
            first += std::equal(p, p + 3, chart.curves[0].color.begin());
            second += std::equal(p, p + 3, chart.curves[1].color.begin());
        }
    EXPECT_GT(first, 200) << "a curve across the plot";
    EXPECT_GT(second, 10) << "its legend, at least: the curve is interrupted";
    EXPECT_LT(second, first);
    const std::string svg = chart_svg(chart, {300, 500}, Typeface());
    EXPECT_NE(svg.find("Title &amp; &lt;more&gt;"), std::string::npos);
    EXPECT_EQ(svg.find("nan,"), std::string::npos);
    EXPECT_NE(svg.find("shift (pixels)</text>"), std::string::npos);
}

}  // namespace
}  // namespace convlens::test
