/// engine/explain/check_values.h: right values pass, a wrong one is found.
#include "engine/explain/check_values.h"

#include <gtest/gtest.h>

#include "engine/cpu/cpu_backend.h"
#include "engine/document/evaluate.h"
#include "engine/open/open_network.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

/// A backend whose convolutions are wrong in one value of channel 1.
class WrongBackend final : public Backend {
  public:
    std::string name() const override { return "wrong"; }
    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last, const Cancel& cancel) override {
        Network other = network;
        auto& conv = std::get<Conv2d>(other.layers.front().operation);
        Tensor weight = conv.weight->clone();
        weight.at(1, 0, 0, 0) += 0.001F;
        conv.weight = std::make_shared<const Tensor>(std::move(weight));
        return backend_->forward(other, input, last, cancel);
    }
    void forget() override { backend_->forget(); }

  private:
    std::unique_ptr<Backend> backend_ = std::move(*make_cpu_backend({}));
};

Output noise_output(Backend& backend) {
    Document document;
    document.input.source = PatternInput{Pattern::noise, {33, 47}, 2};
    document.network = ConvChain{true, MaxPool2d{{3, 3}, {2, 2}, {1, 1}, {1, 1}, false}};
    choose_kernels(document, RandomKernels{16, {5, 5}, 3});
    return *evaluate(document, backend, Cancel());
}

TEST(CheckValues, AllValuesOfAConvolutionAReluAndAPoolAreRight) {
    auto backend = *make_cpu_backend({});
    const Output output = noise_output(*backend);
    const auto checked = check_values(output.network, output.input, output.plan.layer, 3000, 1, *backend, Cancel());
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->checked, 3000);
    EXPECT_EQ(checked->right, 3000);
    EXPECT_LT(checked->worst, 1e-6);
    EXPECT_NE(to_string(*checked).find("checked 3000 of 3000 values in double precision: right"), std::string::npos);
}

TEST(CheckValues, EveryTypeOfLayerIsRight) {
    reference::Random random(4);
    auto backend = *make_cpu_backend({});
    int types = 0;
    for (const reference::LayerCase& c : reference::layer_cases()) {
        if (c.input.count() > 20'000) continue;
        const Network network{{Layer{"layer", reference::with_numbers(c.spec, reference::Numbers::reals, random)}}};
        const auto input =
            std::make_shared<const Tensor>(reference::random_tensor(c.input, reference::Numbers::reals, random));
        const auto checked = check_values(network, input, 0, 200, 1, *backend, Cancel());
        ASSERT_TRUE(checked) << reference::describe(c) << ": " << checked.error().message;
        EXPECT_EQ(checked->right, 200) << reference::describe(c) << ": " << to_string(*checked);
        ++types;
    }
    EXPECT_GT(types, 50);
}

TEST(CheckValues, FindsWrongValues) {
    auto backend = *make_cpu_backend({});
    const Output output = noise_output(*backend);
    WrongBackend wrong;
    const auto checked = check_values(output.network, output.input, 0, 3000, 1, wrong, Cancel());
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_LT(checked->right, 2950);
    EXPECT_GT(checked->right, 2600) << "only one channel of 16 is wrong";
    EXPECT_NE(checked->where.find("channel 1,"), std::string::npos) << checked->where;
    EXPECT_NE(to_string(*checked).find("WRONG"), std::string::npos);
}

}  // namespace
}  // namespace convlens
