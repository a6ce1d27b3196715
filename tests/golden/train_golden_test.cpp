/// Gradients, losses and optimizers against PyTorch's own results.
#include <gtest/gtest.h>

#include "engine/cpu/simd.h"
#include "engine/train/backward.h"
#include "engine/train/lane_net.h"
#include "engine/train/loss.h"
#include "engine/train/optimizer.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

constexpr double training_tolerance = 1e-5;  // of the largest magnitude

Parameter parameter_of(const TensorFile& file, const std::string& key) {
    auto array = file.load(key).value();
    return make_parameter(array.shape, std::move(array.values));
}

Conv2d conv_of(const nlohmann::json& p, const TensorFile& file, const std::string& name) {
    ConvParams params;
    params.stride = pair_of(p.at("stride"));
    params.padding = pair_of(p.at("padding"));
    params.dilation = pair_of(p.at("dilation"));
    params.groups = p.at("groups");
    params.padding_mode = padding_mode_from(p.at("padding_mode").get<std::string>()).value();
    return {params, parameter_of(file, name + "/weight").tensor,
            p.at("bias").get<bool>() ? parameter_of(file, name + "/bias").values : nullptr};
}

void expect_close(std::span<const float> values, const TensorFile& file, const std::string& key) {
    const Tensor expected = tensor_of(file, key);
    ASSERT_EQ(values.size(), expected.size()) << key;
    EXPECT_LE(relative_error(values, in_double(expected)), training_tolerance) << key;
}

TEST(TrainGolden, Conv2dGradientsArePyTorchs) {
    const auto file = TensorFile::open(golden("conv2d_grad.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& parameters : cases_of("conv2d_grad")) {
        const std::string name = parameters.at("name");
        SCOPED_TRACE(name);
        const Conv2d layer = conv_of(parameters, *file, name);
        const Tensor input = tensor_of(*file, name + "/input"), gradient = tensor_of(*file, name + "/grad_output");
        for (const Simd& simd : available_simd()) {
            SCOPED_TRACE(simd.name);
            const auto chain = backward({{{"conv", layer}}}, input, gradient, simd);
            ASSERT_TRUE(chain) << chain.error().message;
            expect_close(chain->output.values(), *file, name + "/output");
            expect_close(chain->input.values(), *file, name + "/grad_input");
            expect_close(chain->parameters.at("conv.weight").data(), *file, name + "/grad_weight");
            if (layer.bias) expect_close(chain->parameters.at("conv.bias").data(), *file, name + "/grad_bias");

            const Conv2dGradients strips = conv2d_backward(layer, input, gradient, simd);
            expect_close(strips.input.values(), *file, name + "/grad_input");
            expect_close(strips.weight.values(), *file, name + "/grad_weight");
            if (layer.bias) expect_close(strips.bias, *file, name + "/grad_bias");
        }
        ++cases;
    }
    EXPECT_EQ(cases, 40);
}

TEST(TrainGolden, MaxPool2dGradientsArePyTorchs) {
    const auto file = TensorFile::open(golden("max_pool2d.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& p : cases_of("max_pool2d")) {
        const std::string name = p.at("name");
        SCOPED_TRACE(name);
        const MaxPool2d layer{pair_of(p.at("kernel")), pair_of(p.at("stride")), pair_of(p.at("padding")),
                              pair_of(p.at("dilation")), p.at("ceil_mode")};
        for (const Simd& simd : available_simd()) {
            const auto result = backward({{{"pool", layer}}}, tensor_of(*file, name + "/input"),
                                         tensor_of(*file, name + "/grad_output"), simd);
            ASSERT_TRUE(result) << result.error().message;
            expect_close(result->output.values(), *file, name + "/output");
            expect_close(result->input.values(), *file, name + "/grad_input");
        }
        ++cases;
    }
    EXPECT_EQ(cases, 30);
}

TEST(TrainGolden, LinearGradientsArePyTorchs) {
    const auto file = TensorFile::open(golden("linear.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& p : cases_of("linear")) {
        const std::string name = p.at("name");
        SCOPED_TRACE(name);
        const Parameter weight = parameter_of(*file, name + "/weight");
        const Linear layer{{weight.tensor->shape().c, weight.tensor->shape().n, true},
                           weight.tensor,
                           parameter_of(*file, name + "/bias").values};
        Tensor input = tensor_of(*file, name + "/input");
        input.reshape({input.shape().h, input.shape().w, 1, 1});
        for (const Simd& simd : available_simd()) {
            const auto result = backward({{{"fc", layer}}}, input, tensor_of(*file, name + "/grad_output"), simd);
            ASSERT_TRUE(result) << result.error().message;
            expect_close(result->output.values(), *file, name + "/output");
            expect_close(result->input.values(), *file, name + "/grad_input");
            expect_close(result->parameters.at("fc.weight").data(), *file, name + "/grad_weight");
            expect_close(result->parameters.at("fc.bias").data(), *file, name + "/grad_bias");
        }
        ++cases;
    }
    EXPECT_EQ(cases, 10);
}

TEST(TrainGolden, BinaryCrossEntropyIsPyTorchs) {
    const auto file = TensorFile::open(golden("bce_with_logits.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& p : cases_of("bce_with_logits")) {
        const std::string name = p.at("name");
        const Tensor logits = tensor_of(*file, name + "/logits"), target = tensor_of(*file, name + "/target");
        std::vector<float> gradient(logits.size());
        double loss = 0;
        for (std::size_t i = 0; i < logits.size(); ++i)
            loss += bce_with_logits(logits.data()[i], target.data()[i], gradient[i]);
        for (float& g : gradient) g /= static_cast<float>(logits.size());
        const float mean = static_cast<float>(loss / static_cast<double>(logits.size()));
        expect_close({&mean, 1}, *file, name + "/loss");
        expect_close(gradient, *file, name + "/grad_logits");
        ++cases;
    }
    EXPECT_EQ(cases, 6);
}

TEST(TrainGolden, CrossEntropyIsPyTorchs) {
    const auto file = TensorFile::open(golden("cross_entropy.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& p : cases_of("cross_entropy")) {
        const std::string name = p.at("name");
        const Tensor logits = tensor_of(*file, name + "/logits"), target = tensor_of(*file, name + "/target");
        const auto classes = static_cast<std::size_t>(logits.shape().w),
                   items = static_cast<std::size_t>(logits.shape().h);
        std::vector<float> gradient(logits.size());
        double loss = 0;
        for (std::size_t n = 0; n < items; ++n)
            loss += cross_entropy(logits.values().subspan(n * classes, classes), static_cast<int>(target.data()[n]),
                                  std::span(gradient).subspan(n * classes, classes));
        for (float& g : gradient) g /= static_cast<float>(items);
        const float mean = static_cast<float>(loss / static_cast<double>(items));
        expect_close({&mean, 1}, *file, name + "/loss");
        expect_close(gradient, *file, name + "/grad_logits");
        ++cases;
    }
    EXPECT_EQ(cases, 6);
}

TEST(TrainGolden, LargeNetLearnsAsInPyTorch) {
    const auto file = TensorFile::open(golden("largenet.npz"));
    ASSERT_TRUE(file) << file.error().message;
    int cases = 0;
    for (const auto& p : cases_of("largenet")) {
        const std::string name = p.at("name");
        const Tensor input = tensor_of(*file, name + "/input"), target = tensor_of(*file, name + "/target"),
                     losses = tensor_of(*file, name + "/losses");
        const OptimizerOptions options{optimizer_from(p.at("optimizer").get<std::string>()).value(), p.at("lr"),
                                       p.at("momentum").is_null() ? 0.0F : p.at("momentum").get<float>(), 0.0F};
        for (const Simd& simd : available_simd()) {
            SCOPED_TRACE(name + " " + simd.name);
            LaneNet net = LaneNet::make(largenet().layers, input.shape()).value();
            ParameterMap before;
            for (const ParameterSlot& slot : net.slots())
                before.emplace(slot.name, parameter_of(*file, name + "/before." + slot.name));
            std::vector<float> parameters = net.flatten(before), gradient(parameters.size());
            OptimizerState state;
            for (std::size_t step = 0; step < losses.size(); ++step) {
                std::vector<float> logits(input.shape().n < 16 ? 0U : 16U);
                double loss = 0;
                const LaneBatch batch{1,
                                      [&](int block, float* to) { to_lanes(input, block, to); },
                                      [&](int, const float* output, float* by_output) {
                                          for (std::size_t l = 0; l < 16; ++l) {
                                              logits[l] = output[l];
                                              loss += bce_with_logits(output[l], target.data()[l], by_output[l]);
                                              by_output[l] /= 16.0F;
                                          }
                                      },
                                      {}};
                net.forward_backward(simd, parameters, batch, gradient);
                EXPECT_NEAR(loss / 16, static_cast<double>(losses.data()[step]), training_tolerance) << step;
                if (step == 0) {
                    expect_close(logits, *file, name + "/logits");
                    for (const ParameterSlot& slot : net.slots())
                        expect_close(std::span(gradient).subspan(slot.offset, slot.count), *file,
                                     name + "/grad." + slot.name);
                }
                optimize(options, gradient, parameters, state);
            }
            for (const ParameterSlot& slot : net.slots())
                expect_close(std::span(parameters).subspan(slot.offset, slot.count), *file,
                             name + "/after." + slot.name);
            ++cases;
        }
    }
    EXPECT_EQ(cases, 2 * static_cast<int>(available_simd().size()));
}

}  // namespace
}  // namespace convlens::test
