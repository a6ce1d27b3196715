/// The gradients of every kind of layer against PyTorch (tests/golden/make_layer_gradient.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/cpu/simd.h"
#include "engine/io/network_json.h"
#include "engine/train/backpropagation.h"
#include "engine/train/backward.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

constexpr double gradient_tolerance = 1e-5;  // of the largest magnitude

/// The array with the axes that `shape` says, as NumPy drops none.
Tensor shaped(const TensorFile& file, const std::string& key, const Shape& shape) {
    Tensor tensor = tensor_of(file, key);
    EXPECT_EQ(tensor.size(), shape.count()) << key;
    tensor.reshape(shape);
    return tensor;
}

TEST(LayerGradientGolden, EveryKindOfLayerHasTheGradientsOfPyTorch) {
    const auto file = TensorFile::open(golden("layer_gradient.npz"));
    ASSERT_TRUE(file) << file.error().message;
    std::set<std::string_view> kinds;
    for (const auto& c : cases_of("layer_gradient")) {
        const std::string name = c.at("name");
        const LayerSpec spec = parse_network(c.at("network").dump(), name).value().layers.front();
        SCOPED_TRACE(name + " " + std::string(type_name(spec.operation)));
        kinds.insert(type_name(spec.operation));
        ParameterMap parameters;
        for (const ParameterSpec& p : parameters_of(spec.operation)) {
            auto array = file->load(name + "/x." + p.name).value();
            parameters.emplace("x." + p.name, make_parameter(array.shape, std::move(array.values)));
        }
        const Network network{{with_parameters(spec, parameters).value()}};
        const auto axes = c.at("input").get<std::vector<int>>();
        const auto input =
            std::make_shared<const Tensor>(shaped(*file, name + "/input", {axes[0], axes[1], axes[2], axes[3]}));
        const Shape out = output_shape(spec, input->shape()).value();
        const Tensor by_output = shaped(*file, name + "/output_gradient", out);
        const Reference by_input = in_double(tensor_of(*file, name + "/input_gradient"));
        for (const Simd& simd : available_simd()) {
            const auto lanes = backward(network, *input, by_output, simd);
            ASSERT_TRUE(lanes) << lanes.error().message;
            EXPECT_LE(relative_error(lanes->output.values(), in_double(tensor_of(*file, name + "/output"))),
                      gradient_tolerance);
            EXPECT_LE(relative_error(lanes->input.values(), by_input), gradient_tolerance);
            for (const std::string learned : c.at("learned")) {
                const auto array = file->load(name + "/gradient." + learned).value();  // of up to six axes
                const Reference expected{{}, {array.values.begin(), array.values.end()}};
                EXPECT_LE(relative_error(lanes->parameters.at("x." + learned).data(), expected), gradient_tolerance)
                    << learned;
            }
            auto single = Backpropagation::make(network, input->shape(), simd).value();
            ASSERT_TRUE(single.forward(input, Cancel()));
            const Tensor gradient = single.backward(0, by_output.clone(), ReluRule::gradient, Cancel()).value();
            EXPECT_LE(relative_error(gradient.values(), by_input), gradient_tolerance);
        }
    }
    const auto has_gradient = [](std::string_view type) {
        return check_gradient({"x", *spec_of_type(type)}).has_value();
    };
    EXPECT_EQ(static_cast<std::ptrdiff_t>(kinds.size()), std::ranges::count_if(layer_types(), has_gradient));
}

}  // namespace
}  // namespace convlens::test
