/// What the layers besides Conv2d promise on the CPU: the same bits for any number of threads, stopping, NaN.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/core/parallel.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/reference/layer_case.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Layers, GiveTheSameBitsWithAnyNumberOfThreadsAndInABatch) {
    const MoreThreadsThanCores nine(9);
    std::vector<std::unique_ptr<Backend>> backends;
    for (const int threads : {1, 2, 3, 8}) backends.push_back(std::move(every_backend(threads).front()));
    Random random(52);
    std::vector<LayerCase> cases = layer_cases();
    cases.push_back({GroupNormSpec{2, 6}, {2, 6, 301, 407}});  // several parts a plane
    for (const LayerCase& c : cases) {
        SCOPED_TRACE(describe(c));
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        const Tensor alone = run(*backends[0], layer, input).value();
        for (const auto& backend : backends)
            ASSERT_TRUE(same_bits(run(*backend, layer, input).value(), alone)) << backend->name();
        const Shape s = c.input;
        Tensor last({1, s.c, s.h, s.w});
        std::copy_n(input.plane(s.n - 1, 0).data(), last.size(), last.data());
        const Tensor item = run(*backends[1], layer, last).value();
        ASSERT_EQ(std::memcmp(item.data(), alone.plane(s.n - 1, 0).data(), item.size() * sizeof(float)), 0)
            << "an item alone";
    }
}

TEST(Layers, ReturnFalseWhenCanceled) {
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, Cancel::Clock::now(), progress);
    Random random(53);
    for (const LayerCase& c : layer_cases()) {
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        Tensor output(output_shape(c.spec, c.input).value());
        const bool done = layer_forward(layer, available_simd().front(), input, stopped, output);
        EXPECT_FALSE(done) << describe(c);
    }
}

TEST(Layers, LetNaNThroughAsPyTorchDoes) {
    Tensor input({1, 1, 1, 4}, 1.0F);
    input.at(0, 0, 0, 1) = std::numeric_limits<float>::quiet_NaN();
    const auto backend = std::move(every_backend(1).front());
    const Tensor relu = run(*backend, ReLU{}, input).value();
    EXPECT_TRUE(std::isnan(relu.data()[1]));
    const Tensor pooled = run(*backend, MaxPool2d{{1, 2}, {1, 2}, {0, 0}, {1, 1}, false}, input).value();
    EXPECT_TRUE(std::isnan(pooled.data()[0]));
    EXPECT_EQ(pooled.data()[1], 1.0F);
    Tensor wide({1, 1, 2, 140}, -2.0F);
    wide.at(0, 0, 1, 37) = wide.at(0, 0, 0, 138) = std::numeric_limits<float>::quiet_NaN();
    for (const auto& each : every_backend(1)) {
        const Tensor out = run(*each, MaxPool2d{}, wide).value();
        for (int x = 0; x < 70; ++x)
            EXPECT_EQ(std::isnan(out.at(0, 0, 0, x)), x == 18 || x == 69) << each->name() << ", x " << x;
    }
}

TEST(MaxPool2d, KeepsTheSameZeroWhereverItIsAndWhateverTheMachine) {
    const auto backends = every_backend(1);
    for (int width = 2; width <= 70; ++width) {
        Tensor input({1, 1, 2, width}, -1.0F);
        for (int x = 0; x < width; x += 2) input.at(0, 0, 1, x) = -0.0F;  // below
        for (int x = 1; x < width; x += 2) input.at(0, 0, 0, x) = 0.0F;   // to the right
        for (const MaxPool2d& pool : {MaxPool2d{}, MaxPool2d{{2, 2}, {1, 1}, {0, 0}, {1, 1}, false}})
            for (const auto& backend : backends) {
                const Tensor output = run(*backend, pool, input).value();
                for (int x = 0; x < output.shape().w; ++x)
                    ASSERT_EQ(std::signbit(output.at(0, 0, 0, x)), x * pool.stride.w % 2 == 0)
                        << backend->name() << ", width " << width << ", x " << x;
            }
    }
}

}  // namespace
}  // namespace convlens::test
