/// Every layer of AlexNet against PyTorch in double precision: alexnet.json, made by make_alexnet.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

#include "engine/nn/parameters.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

/// numbers() of make_alexnet.py.
std::vector<float> numbers(std::size_t count, std::uint64_t seed, float scale) {
    constexpr std::uint64_t word = std::uint64_t{1} << 32U;
    std::vector<float> values(count);
    for (std::size_t k = 0; k < count; ++k) {
        std::uint64_t i = (k + seed * 1000003 % word) * 2654435761U % word;
        i = (i ^ (i >> 15U)) * 2246822519U % word;
        values[k] = static_cast<float>(static_cast<double>(i >> 8U) / 8388608.0 - 1.0) * scale;
    }
    return values;
}

Network numbered_alexnet() {
    std::map<std::string, ParameterSpec> parameters;  // in the order of their names, which counts the seeds
    for (const LayerSpec& layer : alexnet().layers)
        for (const ParameterSpec& p : parameters_of(layer.operation)) parameters.emplace(layer.name + "." + p.name, p);
    ParameterMap values;
    std::uint64_t seed = 0;
    for (const auto& [name, spec] : parameters) {
        const auto product = [](auto begin, auto end) {
            return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>());
        };
        const std::int64_t count = product(spec.shape.begin(), spec.shape.end());
        const float scale = spec.name == "bias"
                                ? 1.0F / 32
                                : static_cast<float>(std::sqrt(
                                      6.0 / static_cast<double>(product(spec.shape.begin() + 1, spec.shape.end()))));
        values.emplace(name, make_parameter(spec.shape, numbers(static_cast<std::size_t>(count), ++seed, scale)));
    }
    Network network;
    for (const LayerSpec& layer : alexnet().layers) network.layers.push_back(with_parameters(layer, values).value());
    return network;
}

TEST(AlexNetGolden, EveryLayerMatchesPyTorch) {
    const auto expected = nlohmann::json::parse(std::ifstream(golden("alexnet.json"))).at("layers");
    const Network network = numbered_alexnet();
    ASSERT_EQ(expected.size(), network.layers.size());
    Tensor picture({1, 3, 224, 224});
    std::ranges::copy(numbers(picture.size(), 0, 2), picture.data());
    const auto input = std::make_shared<const Tensor>(std::move(picture));
    for (const auto& backend : every_backend(2))
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            const auto& layer = expected[i];
            SCOPED_TRACE(backend->name() + ": " + network.layers[i].name);
            ASSERT_EQ(layer.at("name"), network.layers[i].name);
            const auto activations = backend->forward(network, input, static_cast<int>(i), Cancel{});
            ASSERT_TRUE(activations) << activations.error().message;
            const Tensor values = all_values(**activations).value();
            ASSERT_EQ(values.size(), layer.at("count").get<std::size_t>());
            const double tolerance = 1e-5 * layer.at("largest").get<double>();
            double sum = 0, sum_abs = 0;
            for (const float v : values.values())
                sum += static_cast<double>(v), sum_abs += std::abs(static_cast<double>(v));
            EXPECT_NEAR(sum, layer.at("sum").get<double>(), 1e-5 * layer.at("sum_abs").get<double>());
            EXPECT_NEAR(sum_abs, layer.at("sum_abs").get<double>(), 1e-5 * layer.at("sum_abs").get<double>());
            for (std::size_t k = 0; k < layer.at("at").size(); ++k)
                EXPECT_NEAR(static_cast<double>(values.data()[layer.at("at")[k].get<std::size_t>()]),
                            layer.at("values")[k].get<double>(), tolerance);
        }
}

}  // namespace
}  // namespace convlens::test
