/// The networks that come with the program against PyTorch, layer by layer.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/cpu/cpu_backend.h"
#include "engine/nn/graph.h"
#include "engine/nn/parameters.h"
#include "engine/open/open_network.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

/// Returns numbers from 0 to 1 that depend on nothing but the text, as hashed() of make_networks.py.
std::vector<double> hashed(std::string_view text, std::size_t count) {
    std::uint32_t h = 2166136261U;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t x = static_cast<std::uint32_t>(i) * 2654435761U + h;
        x = (x ^ x >> 16U) * 0x7feb352dU;
        x = (x ^ x >> 15U) * 0x846ca68bU;
        result[i] = static_cast<double>(x ^ x >> 16U) / 4294967296.0;
    }
    return result;
}

/// Returns the values of an array, as values() of make_networks.py.
Parameter made_up(const std::string& layer, const ParameterSpec& spec) {
    std::size_t count = 1, fan_in = 1;
    for (std::size_t i = 0; i < spec.shape.size(); ++i) {
        count *= static_cast<std::size_t>(spec.shape[i]);
        if (i > 0) fan_in *= static_cast<std::size_t>(spec.shape[i]);
    }
    std::vector<float> values;
    for (const double u : hashed(layer + "." + spec.name, count)) {
        double v = (2 * u - 1) * 0.1;
        if (spec.name == "weight")
            v = spec.shape.size() == 1 ? 0.75 + 0.5 * u : (2 * u - 1) * std::sqrt(4.0 / static_cast<double>(fan_in));
        if (spec.name == "running_var") v = 0.5 + u;
        values.push_back(static_cast<float>(v));
    }
    return make_parameter(spec.shape, std::move(values));
}

/// Returns the image that make_networks.py uses.
std::shared_ptr<const Tensor> picture(int side) {
    Tensor made({1, 3, side, side});
    const std::vector<double> pixels = hashed("input", made.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) made.data()[i] = static_cast<float>(2 * pixels[i] - 1);
    return std::make_shared<const Tensor>(std::move(made));
}

TEST(NetworksGolden, EveryLayerMatchesPyTorch) {
    const auto file = TensorFile::open(golden("networks.npz"));
    ASSERT_TRUE(file) << file.error().message;
    const auto backend = make_cpu_backend({}).value();
    double worst = 0;
    for (const ArrayInfo& array : file->arrays()) {
        const std::string& name = array.key;
        SCOPED_TRACE(name);
        const auto architecture = load_architecture(shipped_network_file(name, CONVLENS_SOURCE_ASSETS));
        ASSERT_TRUE(architecture) << architecture.error().message;
        const auto expected = file->load(name);
        ASSERT_TRUE(expected) << expected.error().message;
        const auto input = picture(name == "inception_v3" ? 96 : 64);
        const auto count = static_cast<std::size_t>(expected->shape[0]);
        ASSERT_LE(count, architecture->layers.size());
        Network network;
        for (std::size_t i = 0; i < count; ++i) {
            const LayerSpec& spec = architecture->layers[i];
            ParameterMap parameters;
            for (const ParameterSpec& p : parameters_of(spec.operation))
                parameters.emplace(spec.name + "." + p.name, made_up(spec.name, p));
            network.layers.push_back(with_parameters(spec, parameters).value());
        }
        ASSERT_TRUE(backend->forward(network, input, static_cast<int>(count) - 1, Cancel()));
        for (std::size_t i = 0; i < count; ++i) {
            const Tensor made =
                all_values(*backend->forward(network, input, static_cast<int>(i), Cancel()).value()).value();
            const float* row = &expected->values[i * 9];
            for (std::uint32_t k = 0; k < 8; ++k) {
                const std::size_t at = (k * 2654435761U + 12345U) % made.size();
                const double error =
                    static_cast<double>(std::abs(made.data()[at] - row[k])) / static_cast<double>(row[8]);
                ASSERT_LE(error, 1e-4) << network.layers[i].name << ", value " << at;
                worst = std::max(worst, error);
            }
        }
    }
    std::printf("largest error: %.1e of the largest value of a layer\n", worst);
}

}  // namespace
}  // namespace convlens::test
