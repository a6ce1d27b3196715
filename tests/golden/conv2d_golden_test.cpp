/// The engine against PyTorch's own results.
#include <gtest/gtest.h>

#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

Conv2d layer_of(const nlohmann::json& parameters, const TensorFile& file, bool bias) {
    const std::string name = parameters.at("name");
    Conv2d layer;
    layer.params.stride = pair_of(parameters.at("stride"));
    layer.params.padding = pair_of(parameters.at("padding"));
    if (parameters.contains("dilation")) {
        layer.params.dilation = pair_of(parameters.at("dilation"));
        layer.params.groups = parameters.at("groups");
        layer.params.padding_mode = padding_mode_from(parameters.at("padding_mode").get<std::string>()).value();
    }
    layer.weight = std::make_shared<const Tensor>(tensor_of(file, name + "/weight"));
    if (bias) layer.bias = std::make_shared<const std::vector<float>>(file.load(name + "/bias").value().values);
    return layer;
}

/// Every `every`-th row and column of an output.
Tensor thinned(const Tensor& output, int every) {
    const Shape s = output.shape();
    Tensor result({s.n, s.c, (s.h + every - 1) / every, (s.w + every - 1) / every});
    for (int n = 0; n < s.n; ++n)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; y += every)
                for (int x = 0; x < s.w; x += every) result.at(n, c, y / every, x / every) = output.at(n, c, y, x);
    return result;
}

void expect_pytorch(const std::vector<std::unique_ptr<Backend>>& backends, const Conv2d& layer, const Tensor& input,
                    const Tensor& expected, int every) {
    ASSERT_FALSE(backends.empty());
    for (const auto& backend : backends) {
        SCOPED_TRACE(backend->name());
        const auto output = run(*backend, layer, input);
        ASSERT_TRUE(output) << output.error().message;
        const Tensor kept = thinned(*output, every);
        ASSERT_EQ(to_string(kept.shape()), to_string(expected.shape()));
        EXPECT_LE(relative_error(kept.values(), in_double(expected)), 1e-5);
    }
}

TEST(Conv2dGolden, MatchesPyTorchInEveryRandomCase) {
    const auto file = TensorFile::open(golden("conv2d.npz"));
    ASSERT_TRUE(file) << file.error().message;
    const auto backends = every_backend(2);
    int run_cases = 0;
    for (const auto& parameters : cases_of("conv2d")) {
        const std::string name = parameters.at("name");
        SCOPED_TRACE(name);
        const Conv2d layer = layer_of(parameters, *file, parameters.at("bias"));
        expect_pytorch(backends, layer, tensor_of(*file, name + "/input"), tensor_of(*file, name + "/output"), 1);
        ++run_cases;
    }
    EXPECT_EQ(run_cases, 120);
}

TEST(Conv2dGolden, MatchesPyTorchInTheNotebooksOwnLayers) {
    const auto file = TensorFile::open(golden("conv2d_notebook.npz"));
    ASSERT_TRUE(file) << file.error().message;
    const auto backends = every_backend(2);
    int run_cases = 0;
    for (const auto& parameters : cases_of("conv2d_notebook")) {
        const std::string name = parameters.at("name");
        SCOPED_TRACE(name);
        const Conv2d layer = layer_of(parameters, *file, true);
        const Tensor input = tensor_of(*file, name + "/input");
        const auto shape = output_shape(layer, input.shape());
        ASSERT_TRUE(shape) << shape.error().message;
        const auto& full = parameters.at("shape");
        EXPECT_EQ(*shape, (Shape{full.at(0), full.at(1), full.at(2), full.at(3)}));
        expect_pytorch(backends, layer, input, tensor_of(*file, name + "/output_every"), parameters.at("every"));
        ++run_cases;
    }
    EXPECT_EQ(run_cases, 3);
}

}  // namespace
}  // namespace convlens::test
