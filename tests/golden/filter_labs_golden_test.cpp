/// A network under shifts of its input, and reduced maps, against NumPy (tests/golden/make_filter_labs.py).
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/named.h"
#include "engine/filter/aliasing.h"
#include "engine/filter/borders.h"
#include "engine/filter/line_filter.h"
#include "engine/filter/precision.h"
#include "engine/filter/shift.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

Layer conv(const std::string& name, Tensor weight, int stride, int padding) {
    Conv2d made;
    made.weight = std::make_shared<const Tensor>(std::move(weight));
    made.params.stride = {stride, stride};
    made.params.padding = {padding, padding};
    return {name, made};
}

/// The network of the script.
Network network(const TensorFile& file) {
    return {{conv("conv1", tensor_of(file, "shift/conv1"), 2, 2),
             {"relu1", ReLU{}},
             {"pool1", MaxPool2d{{3, 3}, {2, 2}, {}, {1, 1}, false}},
             conv("conv2", tensor_of(file, "shift/conv2"), 1, 1)}};
}

TEST(FilterLabsGolden, InputsAreShiftedAsByNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const Tensor input = item_of(file, "shift/input");
    int i = 0;
    const auto cases = cases_of("filter_labs");
    for (const auto& c : cases.at("moved")) {
        const Tensor expected = item_of(file, fmt::format("moved{}", i++));
        const Tensor made = shifted(input, c.at("pixels"), c.at("vertical"));
        EXPECT_LT(largest_difference(made.values(), expected.values()), 1e-4) << c;  // the values are up to 20
    }
    EXPECT_EQ(i, 5);
}

void expect_curve(const std::vector<double>& found, const nlohmann::json& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (expected[i].is_null())
            EXPECT_TRUE(std::isnan(found[i])) << i;
        else
            EXPECT_NEAR(found[i], expected[i].get<double>(), 2e-6) << i;
    }
}

TEST(FilterLabsGolden, ShiftConsistencyIsThatOfNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const Tensor input = item_of(file, "shift/input");
    const auto index = [](std::span<const std::string_view> names, const std::string& name) {
        return static_cast<int>(std::ranges::find(names, name) - names.begin());
    };
    int count = 0;
    const auto cases = cases_of("filter_labs");
    for (const auto& c : cases.at("shifts")) {
        ShiftOptions options;
        options.reach = 6;
        options.inside = c.at("inside");
        options.down = {static_cast<Strides>(index(strides_names(), c.at("strides"))),
                        static_cast<Pools>(index(pools_names(), c.at("pools"))), c.at("taps")};
        const auto found = shift_curves(network(file), input, options, 0, Cancel());
        ASSERT_TRUE(found && *found);
        ASSERT_EQ((*found)->layers.size(), c.at("layers").size());
        for (const ShiftedLayer& layer : (*found)->layers) {
            SCOPED_TRACE(fmt::format("case {} {}", count, layer.name));
            const auto& expected = c.at("layers").at(layer.name);
            EXPECT_EQ(layer.jump, expected.at("jump").get<int>());
            expect_curve(layer.consistency, expected.at("consistency"));
            expect_curve(layer.invariance, expected.at("invariance"));
        }
        ++count;
    }
    EXPECT_EQ(count, 7);
}

TEST(FilterLabsGolden, ReducedMapsAreThoseOfNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const Tensor input = tensor_of(file, "aliasing/input");
    int count = 0;
    const auto cases = cases_of("filter_labs");
    for (const auto& c : cases.at("aliasing")) {
        const int stride = c.at("stride");
        const auto found = aliasing(input, {stride, c.at("taps")}, Cancel());
        ASSERT_TRUE(found && *found);
        for (int m = 0; m < reductions; ++m) {
            const std::string name(reduction_names()[static_cast<std::size_t>(m)]);
            SCOPED_TRACE(fmt::format("{} {}", stride, name));
            const ReducedMap& made = (*found)->methods[static_cast<std::size_t>(m)];
            const Tensor expected = tensor_of(file, fmt::format("aliasing/{}/{}", stride, name));
            EXPECT_LT(largest_difference(made.map.values(), expected.values()), 1e-5);
            EXPECT_NEAR(made.error, c.at("methods").at(name).at("error").get<double>(), 1e-5);
            expect_curve(made.consistency, c.at("methods").at(name).at("consistency"));
        }
        ++count;
    }
    EXPECT_EQ(count, 3);
}

TEST(FilterLabsGolden, BordersChangeWhatTheyChangeInNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const auto found = border_effects(network(file), item_of(file, "shift/input"), 0, Cancel());
    ASSERT_TRUE(found && *found);
    const auto expected = cases_of("filter_labs").at("borders");
    ASSERT_EQ((*found)->layers.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const BorderedLayer& layer = (*found)->layers[i];
        const double one = 1.5 / static_cast<double>(layer.shape.count());  // a value may be at the limit
        for (std::size_t m = 0; m < padding_modes; ++m) {
            EXPECT_NEAR(layer.changed[m], expected[i].at("changed")[m].get<double>(), one) << layer.name << m;
            EXPECT_NEAR(layer.difference[m], expected[i].at("difference")[m].get<double>(), 1e-5) << layer.name << m;
        }
    }
}

TEST(FilterLabsGolden, NumbersAreRoundedAsByNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const auto same = [&](const std::string& from, NumberFormat format) {
        const std::string name(number_format_names()[static_cast<std::size_t>(format)]);
        Tensor values = tensor_of(file, from);
        if (from == "weights") values.reshape({values.shape().h, 1, 1, values.shape().w});
        const Tensor found = rounded(values, format), expected = tensor_of(file, from + "/" + name);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            EXPECT_EQ(found.data()[i], expected.data()[i]) << name << ' ' << values.data()[i];
    };
    same("values", NumberFormat::bfloat16);
    same("values", NumberFormat::float16);
    same("weights", NumberFormat::int8_tensor);
    same("weights", NumberFormat::int8_channel);
}

TEST(FilterLabsGolden, FewerBitsMakeTheNoiseThatTheyMakeInNumpy) {
    const TensorFile file = TensorFile::open(golden("filter_labs.npz")).value();
    const auto cases = cases_of("filter_labs").at("precision");
    for (const bool activations : {true, false}) {
        const auto found =
            precision(network(file), item_of(file, "shift/input"), 0, {.activations = activations}, Cancel());
        ASSERT_TRUE(found && *found);
        for (int k = 1; k < number_formats; ++k) {
            const std::string name(number_format_names()[static_cast<std::size_t>(k)]);
            const auto& expected = cases.at(name).at(activations ? "snr" : "weights");
            const auto& layers = (*found)->formats[static_cast<std::size_t>(k)].layers;
            ASSERT_EQ(layers.size(), expected.size());
            // Values that lie between two numbers may be rounded to the other one.
            for (std::size_t i = 0; i < layers.size(); ++i)
                EXPECT_NEAR(layers[i].snr, expected[i].get<double>(), 0.1) << name << ' ' << layers[i].name;
        }
    }
}

}  // namespace
}  // namespace convlens::test
