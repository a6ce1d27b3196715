/// The layers besides Conv2d, and LargeNet as a whole, against PyTorch's own results.
#include <gtest/gtest.h>

#include "engine/io/network_json.h"
#include "engine/nn/parameters.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

/// Runs every case of `operation` through the network that `make` builds of its parameters.
template <class Make>
void expect_every_case(const std::string& operation, int cases, const Make& make) {
    const auto file = TensorFile::open(golden(operation + ".npz"));
    ASSERT_TRUE(file) << file.error().message;
    const auto backends = every_backend(2);
    int run_cases = 0;
    for (const auto& parameters : cases_of(operation)) {
        const std::string name = parameters.at("name");
        SCOPED_TRACE(name);
        const Operation layer = make(parameters, *file, name);
        Tensor input = tensor_of(*file, name + "/input"), expected = tensor_of(*file, name + "/output");
        if (operation == "linear") {  // (N, F) was read as (1, 1, N, F)
            input.reshape({input.shape().h, input.shape().w, 1, 1});
            expected.reshape({expected.shape().h, expected.shape().w, 1, 1});
        }
        for (const auto& backend : backends) {
            const auto output = run(*backend, layer, input);
            ASSERT_TRUE(output) << output.error().message;
            ASSERT_EQ(to_string(output->shape()), to_string(expected.shape()));
            EXPECT_LE(relative_error(output->values(), in_double(expected)), 1e-5);
        }
        ++run_cases;
    }
    EXPECT_EQ(run_cases, cases);
}

Parameter parameter_of(const TensorFile& file, const std::string& key) {
    auto array = file.load(key).value();
    return make_parameter(array.shape, std::move(array.values));
}

TEST(LayersGolden, MaxPool2dMatchesPyTorch) {
    expect_every_case("max_pool2d", 30, [](const nlohmann::json& p, const TensorFile&, const std::string&) {
        return MaxPool2d{pair_of(p.at("kernel")), pair_of(p.at("stride")), pair_of(p.at("padding")),
                         pair_of(p.at("dilation")), p.at("ceil_mode")};
    });
}

TEST(LayersGolden, AdaptiveAvgPool2dMatchesPyTorch) {
    expect_every_case("adaptive_avg_pool2d", 10, [](const nlohmann::json& p, const TensorFile&, const std::string&) {
        return AdaptiveAvgPool2d{pair_of(p.at("output_size"))};
    });
}

TEST(LayersGolden, LinearMatchesPyTorch) {
    expect_every_case("linear", 10, [](const nlohmann::json&, const TensorFile& file, const std::string& name) {
        const Parameter weight = parameter_of(file, name + "/weight");
        return Linear{{weight.tensor->shape().c, weight.tensor->shape().n, true},
                      weight.tensor,
                      parameter_of(file, name + "/bias").values};
    });
}

TEST(LayersGolden, LocallyConnected2dMatchesPyTorch) {
    expect_every_case("locally_connected2d", 6,
                      [](const nlohmann::json& p, const TensorFile& file, const std::string& name) {
                          const Parameter weight = parameter_of(file, name + "/weight");
                          const auto at = [&](std::size_t i) { return static_cast<int>(weight.shape[i]); };
                          const LocallyConnected2dSpec spec{
                              at(1), at(0), {at(2), at(3)}, {at(4), at(5)}, pair_of(p.at("stride")), true};
                          return LocallyConnected2d{spec, weight.tensor, parameter_of(file, name + "/bias").tensor};
                      });
}

TEST(LayersGolden, GroupNormMatchesPyTorch) {
    expect_every_case("group_norm", 10, [](const nlohmann::json& p, const TensorFile& file, const std::string& name) {
        GroupNorm layer{{p.at("num_groups"), p.at("num_channels"), p.at("eps"), p.at("affine")}, nullptr, nullptr};
        if (layer.spec.affine) {
            layer.weight = parameter_of(file, name + "/weight").values;
            layer.bias = parameter_of(file, name + "/bias").values;
        }
        return layer;
    });
}

TEST(LayersGolden, LayersOfNetworkFilesMatchPyTorch) {
    const auto file = TensorFile::open(golden("layers.npz"));
    ASSERT_TRUE(file) << file.error().message;
    const auto backends = every_backend(2);
    int run_cases = 0;
    for (const auto& one : cases_of("layers")) {
        const std::string name = one.at("name"), text = nlohmann::json{{"layers", {one.at("layer")}}}.dump();
        SCOPED_TRACE(text);
        const auto architecture = parse_network(text, name);
        ASSERT_TRUE(architecture) << architecture.error().message;
        const LayerSpec& spec = architecture->layers.front();
        ParameterMap weights;
        for (const ParameterSpec& p : parameters_of(spec.operation))
            weights.emplace(spec.name + "." + p.name, parameter_of(*file, name + "/" + p.name));
        const auto layer = with_parameters(spec, weights);
        ASSERT_TRUE(layer);
        const Tensor expected = tensor_of(*file, name + "/output");
        for (const auto& backend : backends) {
            const auto output = run(*backend, layer->operation, tensor_of(*file, name + "/input"));
            ASSERT_TRUE(output) << output.error().message;
            ASSERT_EQ(to_string(output->shape()), to_string(expected.shape()));
            EXPECT_LE(relative_error(output->values(), in_double(expected)), 1e-5);
        }
        ++run_cases;
    }
    EXPECT_EQ(run_cases, 32);
}

TEST(LayersGolden, LargeNetGivesPyTorchsLogits) {
    const auto file = TensorFile::open(golden("largenet.npz"));
    ASSERT_TRUE(file) << file.error().message;
    for (const auto& parameters : cases_of("largenet")) {
        const std::string name = parameters.at("name");
        SCOPED_TRACE(name);
        ParameterMap weights;
        for (const ArrayInfo& info : file->arrays()) {
            const std::string prefix = name + "/before.";
            if (info.key.starts_with(prefix))
                weights.emplace(info.key.substr(prefix.size()), parameter_of(*file, info.key));
        }
        Network network;
        for (const LayerSpec& spec : largenet().layers)
            network.layers.push_back(with_parameters(spec, weights).value());
        const Tensor logits = tensor_of(*file, name + "/logits");
        for (const auto& backend : every_backend(2)) {
            const auto output = run(*backend, network, tensor_of(*file, name + "/input"));
            ASSERT_TRUE(output) << output.error().message;
            ASSERT_EQ(output->shape(), (Shape{16, 1, 1, 1}));
            EXPECT_LE(relative_error(output->values(), in_double(logits)), 1e-5);
        }
    }
}

}  // namespace
}  // namespace convlens::test
