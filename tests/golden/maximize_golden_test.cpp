/// Activation maximization against PyTorch (tests/golden/make_maximize.py).
#include <gtest/gtest.h>

#include <cmath>

#include "engine/cpu/simd.h"
#include "engine/maximize/maximizer.h"
#include "tests/golden/golden.h"

namespace convlens::test {
namespace {

Layer conv(const TensorFile& file, const std::string& index, ConvParams params) {
    Conv2d conv;
    conv.params = params;
    conv.weight = std::make_shared<const Tensor>(tensor_of(file, index + ".weight"));
    const Tensor bias = tensor_of(file, index + ".bias");
    conv.bias = std::make_shared<const std::vector<float>>(bias.values().begin(), bias.values().end());
    return {index, conv};
}

Network network_in(const TensorFile& file) {
    ConvParams first;
    first.stride = {2, 2};
    first.padding = {1, 1};
    MaxPool2d pool;
    pool.kernel_size = {3, 3};
    pool.stride = {2, 2};
    return {{conv(file, "0", first), {"1", ReLU{}}, {"2", pool}, conv(file, "3", {}), {"4", ReLU{}}}};
}

TEST(MaximizeGolden, FindsThePicturesOfPyTorch) {
    const TensorFile file = TensorFile::open(golden("maximize.npz")).value();
    int count = 0;
    for (const auto& c : cases_of("maximize")) {
        const std::string name = c.at("name");
        SCOPED_TRACE(name);
        MaximizeOptions options;
        options.channels = c.at("channels").get<std::vector<int>>();
        options.objective = c.at("unit").is_null() ? Objective::channel : Objective::unit;
        options.size = pair_of(c.at("size"));
        options.learning_rate = c.at("learning_rate");
        options.spectrum = c.at("spectrum");
        options.low_pass = c.at("low_pass");
        options.correlated_colors = c.at("correlated_colors");
        options.jitter = c.at("jitter");
        options.weight_decay = c.at("weight_decay");
        options.seed = c.at("seed");
        options.scale = c.at("scale");
        options.rotation = c.at("rotation");
        auto search = Maximizer::make(network_in(file), 3, Normalize::imagenet, options);
        ASSERT_TRUE(search) << search.error().message;
        const Simd& simd = available_simd().front();
        for (int i = 0; i < c.at("steps"); ++i) search->step(simd);
        const Tensor pictures = search->pictures(), expected = tensor_of(file, name + "/pictures");
        const bool unit = options.objective == Objective::unit;
        const Shape s = pictures.shape();
        ASSERT_EQ(s, unit ? (Shape{2, 3, 17, 17}) : expected.shape());
        double largest = 0;
        for (int n = 0; n < s.n; ++n)
            for (int i = 0; i < 3; ++i)
                for (int y = 0; y < s.h; ++y)
                    for (int x = 0; x < s.w; ++x)
                        largest = std::max(
                            largest, static_cast<double>(std::abs(pictures.at(n, i, y, x) - expected.at(n, i, y, x))));
        EXPECT_LT(largest, 1e-3);
        const std::vector<float> values = search->values(simd);
        const Tensor right = tensor_of(file, name + "/values");
        for (std::size_t n = 0; n < values.size(); ++n)
            EXPECT_NEAR(values[n], right.data()[n], 1e-3F * std::abs(right.data()[n]));
        RecordProperty("difference-" + name, std::to_string(largest));
        ++count;
    }
    EXPECT_EQ(count, 10);
}

}  // namespace
}  // namespace convlens::test
