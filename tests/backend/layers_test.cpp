/// The layers besides Conv2d against the reference, on every back end.
#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/tensor_pool.h"
#include "engine/nn/parameters.h"
#include "tests/backend/conv_case.h"
#include "tests/backend/layer_reference.h"

namespace convlens::test {
namespace {

/// A layer, an input for it, and whether small whole numbers must come out to the bit.
struct LayerCase {
    OperationSpec spec;
    Shape input;
    bool exact = true;
};

MaxPool2d random_max_pool(Random& r) {
    MaxPool2d p{{r.whole(1, 5), r.whole(1, 5)}, {r.whole(1, 4), r.whole(1, 4)}, {}, {r.whole(1, 3), r.whole(1, 3)}, r.coin()};
    p.padding = {r.whole(0, p.kernel_size.h / 2), r.whole(0, p.kernel_size.w / 2)};
    return p;
}

AvgPool2d random_avg_pool(Random& r) {
    AvgPool2d p{{r.whole(1, 5), r.whole(1, 5)}, {r.whole(1, 4), r.whole(1, 4)}, {}, r.coin(), r.coin(), {}};
    p.padding = {r.whole(0, p.kernel_size.h / 2), r.whole(0, p.kernel_size.w / 2)};
    if (r.whole(0, 3) == 0) p.divisor_override = r.whole(1, 9);
    return p;
}

LocallyConnected2dSpec random_local(Random& r, Shape& input) {
    LocallyConnected2dSpec s{r.whole(1, 4), r.whole(1, 5), {r.whole(1, 6), r.whole(1, 6)}, {r.whole(1, 4), r.whole(1, 4)}, {r.whole(1, 3), r.whole(1, 3)}, r.coin()};
    input = {r.whole(1, 3), s.in_channels, (s.output_size.h - 1) * s.stride.h + s.kernel_size.h, (s.output_size.w - 1) * s.stride.w + s.kernel_size.w};
    return s;
}

/// Layers of every kind, and large ones that make several tiles.
std::vector<LayerCase> cases() {
    Random r(50);
    std::vector<LayerCase> all;
    for (int i = 0; i < 12; ++i) {
        const Shape any{r.whole(1, 3), r.whole(1, 9), r.whole(1, 30), r.whole(1, 30)};
        all.push_back({ReLU{}, any});
        all.push_back({LeakyReLU{0.25F}, any});
        all.push_back({Sigmoid{}, any, false});
        all.push_back({Tanh{}, any, false});
        all.push_back({Dropout{}, any});
        all.push_back({Flatten{}, any});
        all.push_back({Softmax{}, any, false});
        all.push_back({BatchNorm2dSpec{any.c, 1e-5F, r.coin()}, any, false});
        all.push_back({AdaptiveAvgPool2d{{r.whole(1, 9), r.whole(1, 9)}}, any, false});
        all.push_back({LinearSpec{any.c * any.h * any.w, r.whole(1, 50), r.coin()}, any});
        Shape input;
        const LocallyConnected2dSpec local = random_local(r, input);
        all.push_back({local, input});
        for (int j = 0; j < 4; ++j) {
            all.push_back({random_max_pool(r), any});
            all.push_back({random_avg_pool(r), any, false});
        }
    }
    std::erase_if(all, [](const LayerCase& c) { return !output_shape(c.spec, c.input); });
    all.push_back({ReLU{}, {2, 3, 200, 301}});
    all.push_back({Softmax{}, {2, 10, 70, 31}, false});
    all.push_back({MaxPool2d{{3, 3}, {2, 2}, {1, 1}, {1, 1}, false}, {1, 3, 301, 407}});
    all.push_back({AvgPool2d{{5, 4}, {1, 2}, {2, 2}, false, true, {}}, {1, 3, 301, 407}, false});
    all.push_back({AdaptiveAvgPool2d{{6, 6}}, {1, 5, 300, 333}, false});
    all.push_back({LinearSpec{9216, 1003, true}, {3, 256, 6, 6}});
    return all;
}

Operation with_numbers(const OperationSpec& spec, Numbers numbers, Random& random) {
    ParameterMap parameters;
    for (const ParameterSpec& p : parameters_of(spec)) {
        std::size_t count = 1;
        for (const auto extent : p.shape) count *= static_cast<std::size_t>(extent);
        std::vector<float> values(count);
        for (float& v : values) v = numbers == Numbers::reals ? random.real() : static_cast<float>(random.whole(-4, 4));
        if (p.name == "running_var")
            for (float& v : values) v = std::abs(v) + 0.5F;
        parameters.emplace("x." + p.name, make_parameter(p.shape, std::move(values)));
    }
    return with_parameters({"x", spec}, parameters).value().operation;
}

std::string describe(const LayerCase& c) { return fmt::format("{} of {}", type_name(c.spec), to_string(c.input)); }

bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

TEST(Layers, MatchTheReference) {
    const auto backends = every_backend(2);
    Random random(51);
    std::vector<int> seen(std::variant_size_v<OperationSpec>, 0);
    for (const LayerCase& c : cases())
        for (const Numbers numbers : {Numbers::small_integers, Numbers::reals}) {
            SCOPED_TRACE(describe(c));
            const Tensor input = random_tensor(c.input, numbers, random);
            const Operation layer = with_numbers(c.spec, numbers, random);
            const Shape shape = output_shape(c.spec, c.input).value();
            const Reference reference = reference_layer(layer, input, shape);
            for (const auto& backend : backends) {
                const auto output = run(*backend, layer, input);
                ASSERT_TRUE(output) << output.error().message;
                ASSERT_EQ(output->shape(), shape);
                if (reference.largest() > 1e30) {  // a dilated window over padding alone
                    for (std::size_t i = 0; i < reference.values.size(); ++i)
                        ASSERT_EQ(static_cast<double>(output->data()[i]), reference.values[i]);
                } else {
                    ASSERT_LE(relative_error(output->values(), reference), c.exact && numbers == Numbers::small_integers ? 0.0 : 1e-5);
                }
            }
            ++seen[c.spec.index()];
        }
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i], 10) << "kind " << i;
}

TEST(Layers, GiveTheSameBitsWithAnyNumberOfThreadsAndInABatch) {
    using Control = oneapi::tbb::global_control;
    const Control more_than_cores(Control::max_allowed_parallelism, 9);
    std::vector<std::unique_ptr<Backend>> backends;
    for (const int threads : {1, 2, 3, 8}) backends.push_back(std::move(every_backend(threads).front()));
    Random random(52);
    for (const LayerCase& c : cases()) {
        SCOPED_TRACE(describe(c));
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        const Tensor alone = run(*backends[0], layer, input).value();
        for (const auto& backend : backends) ASSERT_TRUE(same_bits(run(*backend, layer, input).value(), alone)) << backend->name();
        const Shape s = c.input;
        Tensor last({1, s.c, s.h, s.w});
        std::copy_n(input.plane(s.n - 1, 0).data(), last.size(), last.data());
        const Tensor item = run(*backends[1], layer, last).value();
        ASSERT_EQ(std::memcmp(item.data(), alone.plane(s.n - 1, 0).data(), item.size() * sizeof(float)), 0) << "an item alone";
    }
}

TEST(Layers, ReturnFalseWhenCancelled) {
    const std::atomic<bool> quit = true, newer = false;
    std::atomic<float> progress = 0;
    const Cancel stopped(quit, newer, Cancel::Clock::now(), progress);
    Random random(53);
    for (const LayerCase& c : cases()) {
        const Operation layer = with_numbers(c.spec, Numbers::reals, random);
        const Tensor input = random_tensor(c.input, Numbers::reals, random);
        Tensor output(output_shape(c.spec, c.input).value());
        const bool done = std::visit(
            [&]<class L>(const L& l) {
                if constexpr (std::is_same_v<L, Conv2d>) return false;
                else return layer_forward(l, input, stopped, output);
            },
            layer);
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
}

TEST(Softmax, StaysFiniteForLargeValues) {
    Tensor input({1, 3, 1, 1}, 1000.0F);
    input.data()[2] = -1000.0F;
    const Tensor output = run(*every_backend(1).front(), Softmax{}, input).value();
    EXPECT_EQ(output.data()[0], 0.5F);
    EXPECT_EQ(output.data()[2], 0.0F);
}

/// LargeNet with its fresh weights.
Network fresh_largenet() {
    Network network;
    for (const LayerSpec& spec : largenet().layers) network.layers.push_back(with_parameters(spec, initial_parameters(spec, 1)).value());
    return network;
}

TEST(CpuBackendChain, KeepsEveryLayerWhateverIsAskedFor) {
    Random random(54);
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 3, 32, 32}, Numbers::reals, random));
    Network network = fresh_largenet();
    const auto backend = std::move(every_backend(2).front());
    const auto at = [&](int layer) { return backend->forward(network, input, layer, Cancel{}).value(); };
    std::vector<std::shared_ptr<const Activations>> all(9);
    all[8] = at(8);
    for (int i = 0; i < 9; ++i) all[static_cast<std::size_t>(i)] = at(i);
    for (const int i : {8, 0, 5, 2, 8, 7}) EXPECT_EQ(at(i), all[static_cast<std::size_t>(i)]) << "layer " << i << " must not run again";

    std::get<MaxPool2d>(network.layers[5].operation).ceil_mode = true;
    EXPECT_EQ(at(4), all[4]);
    EXPECT_EQ(at(0), all[0]);
    EXPECT_NE(at(5), all[5]);
    EXPECT_EQ(at(4), all[4]);
    EXPECT_NE(at(8), all[8]);
}

TEST(CpuBackendChain, KeepsTheLayersBeforeOneThatCannotRun) {
    Random random(55);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 36, 36}, Numbers::reals, random));
    const Network network = fresh_largenet();
    const auto backend = std::move(every_backend(2).front());
    const auto pool2 = backend->forward(network, input, 5, Cancel{}).value();
    const auto fc1 = backend->forward(network, input, 6, Cancel{});
    ASSERT_FALSE(fc1);
    EXPECT_EQ(fc1.error().message, "fc1: Linear expects 250 inputs, gets 360: 10 x 6 x 6");
    EXPECT_EQ(backend->forward(network, input, 5, Cancel{}).value(), pool2);
}

TEST(CpuBackendChain, ReportsTheProgressOfAllLayersTogether) {
    Random random(56);
    const auto input = std::make_shared<const Tensor>(random_tensor({64, 3, 32, 32}, Numbers::reals, random));
    const auto backend = std::move(every_backend(1).front());
    const std::atomic<bool> quit = false, newer = false;
    std::atomic<float> progress = 0;
    const Cancel job(quit, newer, Cancel::Clock::now(), progress);
    ASSERT_TRUE(backend->forward(fresh_largenet(), input, 2, job));
    EXPECT_EQ(progress, 1.0F);
    job.part(0.5F, 1.0F).part(0.0F, 0.5F).report(0.5F);
    EXPECT_EQ(progress, 0.625F);
}

TEST(CpuBackendChain, DrawsTheOutputOfALinearLayer) {
    Random random(57);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 32, 32}, Numbers::reals, random));
    const auto backend = std::move(every_backend(2).front());
    const auto fc1 = backend->forward(fresh_largenet(), input, 6, Cancel{}).value();
    Look look;
    const auto picture = fc1->render_grid(look, Cancel{});
    ASSERT_TRUE(picture) << picture.error().message;
    look.scale = {ScaleMode::shared, 0, 0};
    look.cell = {12, 30};
    const auto bars = fc1->render_grid(look, Cancel{});
    ASSERT_TRUE(bars) << bars.error().message;
    EXPECT_EQ(bars->width, 8 * 30 + 9 * look.gap);
}

}  // namespace
}  // namespace convlens::test
