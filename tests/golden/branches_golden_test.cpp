/// Gradients of networks with branches against PyTorch (tests/golden/make_branches.py).
#include <gtest/gtest.h>

#include "engine/cpu/simd.h"
#include "engine/io/network_json.h"
#include "engine/train/backpropagation.h"
#include "engine/train/backward.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

constexpr double branch_tolerance = 1e-5;  // of the largest magnitude

TEST(BranchesGolden, GradientsArePyTorchs) {
    const auto file = TensorFile::open(golden("branches.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& c : cases_of("branches")) {
        const std::string name = c.at("name");
        SCOPED_TRACE(name);
        Network network;
        const Architecture architecture = parse_network(c.at("network").dump(), name).value();
        for (const LayerSpec& spec : architecture.layers) {
            ParameterMap parameters;
            for (const ParameterSpec& p : parameters_of(spec.operation)) {
                const std::string key = spec.name + "." + p.name;
                auto array = file->load(name + "/" + key).value();
                parameters.emplace(key, make_parameter(array.shape, std::move(array.values)));
            }
            network.layers.push_back(with_parameters(spec, parameters).value());
        }
        const auto input = std::make_shared<const Tensor>(tensor_of(*file, name + "/input"));
        const Reference by_input = in_double(tensor_of(*file, name + "/input_gradient")),
                        output = in_double(tensor_of(*file, name + "/output"));
        for (const Simd& simd : available_simd()) {
            const auto lanes = backward(network, *input, tensor_of(*file, name + "/output_gradient"), simd);
            ASSERT_TRUE(lanes) << lanes.error().message;
            EXPECT_LE(relative_error(lanes->output.values(), output), branch_tolerance);
            EXPECT_LE(relative_error(lanes->input.values(), by_input), branch_tolerance);
            for (const std::string key : c.at("learned")) {
                const auto array = file->load(name + "/gradient/" + key).value();
                const Reference expected{{}, {array.values.begin(), array.values.end()}};
                EXPECT_LE(relative_error(lanes->parameters.at(key).data(), expected), branch_tolerance) << key;
            }
            auto single = Backpropagation::make(network, input->shape(), simd).value();
            ASSERT_TRUE(single.forward(input, Cancel()));
            Tensor by_output = tensor_of(*file, name + "/output_gradient");
            by_output.reshape(single.value(static_cast<int>(network.layers.size())).shape());
            const Tensor gradient = single.backward(0, std::move(by_output), ReluRule::gradient, Cancel()).value();
            EXPECT_LE(relative_error(gradient.values(), by_input), branch_tolerance);
        }
        ++cases;
    }
    EXPECT_EQ(cases, 2);
}

}  // namespace
}  // namespace convlens::test
