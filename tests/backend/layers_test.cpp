/// The layers besides Conv2d against the reference, on every backend.
#include <gtest/gtest.h>

#include <atomic>

#include "engine/nn/parameters.h"
#include "engine/reference/layer_case.h"
#include "engine/reference/layer_reference.h"
#include "tests/backend/conv_case.h"

namespace convlens::test {
namespace {

TEST(Layers, MatchTheReference) {
    const auto backends = every_backend(2);
    Random random(51);
    std::vector<int> seen(std::variant_size_v<OperationSpec>, 0);
    for (const LayerCase& c : layer_cases())
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
                    ASSERT_LE(relative_error(output->values(), reference),
                              c.exact && numbers == Numbers::small_integers ? 0.0 : 1e-5);
                }
            }
            ++seen[c.spec.index()];
        }
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GE(seen[i], 10) << "kind " << i;
}

TEST(MaxPool2d, IsRightForEveryWidthAndSoForEveryRemainderOfAVector) {
    const auto backends = every_backend(2);
    Random random(52);
    for (int width = 1; width <= 70; ++width)
        for (const MaxPool2d& pool :
             {MaxPool2d{}, MaxPool2d{{3, 3}, {2, 2}, {1, 1}, {1, 1}, false},
              MaxPool2d{{3, 5}, {1, 1}, {1, 2}, {1, 1}, false}, MaxPool2d{{2, 4}, {2, 2}, {0, 1}, {1, 3}, true},
              MaxPool2d{{1, 7}, {1, 2}, {0, 3}, {1, 1}, true}, MaxPool2d{{2, 2}, {3, 3}, {1, 1}, {2, 2}, false}}) {
            const Shape shape{1, 2, 9, width};
            const auto pooled = output_shape(pool, shape);
            if (!pooled) continue;
            const Tensor input = random_tensor(shape, Numbers::reals, random);
            const Reference reference = reference_layer(pool, input, *pooled);
            for (const auto& backend : backends) {
                const Tensor output = run(*backend, pool, input).value();
                for (std::size_t i = 0; i < reference.values.size(); ++i)
                    ASSERT_EQ(static_cast<double>(output.data()[i]), reference.values[i])
                        << "width " << width << ", value " << i;
            }
        }
}

TEST(AvgPool2d, IsRightForEveryWidthAndSoForEveryRemainderOfAVector) {
    const auto backends = every_backend(2);
    Random random(55);
    for (int width = 1; width <= 70; ++width)
        for (const AvgPool2d& pool :
             {AvgPool2d{}, AvgPool2d{{3, 3}, {2, 2}, {1, 1}, false, false, {}},
              AvgPool2d{{3, 5}, {1, 1}, {1, 2}, false, true, {}}, AvgPool2d{{2, 5}, {1, 2}, {0, 1}, true, true, {}},
              AvgPool2d{{1, 4}, {1, 3}, {0, 1}, false, true, 7}}) {
            const Shape shape{1, 2, 9, width};
            const auto pooled = output_shape(pool, shape);
            if (!pooled) continue;
            const Tensor input = random_tensor(shape, Numbers::reals, random);
            const Reference reference = reference_layer(pool, input, *pooled);
            for (const auto& backend : backends)
                ASSERT_LE(relative_error(run(*backend, pool, input).value().values(), reference), 1e-6)
                    << backend->name() << ", width " << width;
        }
}

TEST(Linear, IsExactForEveryLengthAndBatchAndTheSameInAnyBatch) {
    const auto backends = every_backend(2);
    Random random(56);
    std::vector<int> lengths{1000, 1023, 1024, 1025, 2065};
    for (int length = 1; length <= 40; ++length) lengths.push_back(length);
    for (const int length : lengths)
        for (const int outputs : {1, 3, 4, 9}) {
            const Operation whole = with_numbers(LinearSpec{length, outputs, true}, Numbers::small_integers, random);
            const Operation real = with_numbers(LinearSpec{length, outputs, true}, Numbers::reals, random);
            for (const int items : {1, 2, 5, 7, 33}) {
                const Tensor input = random_tensor({items, length, 1, 1}, Numbers::small_integers, random);
                const Tensor reals = random_tensor({items, length, 1, 1}, Numbers::reals, random);
                const Reference reference = reference_layer(whole, input, {items, outputs, 1, 1});
                for (const auto& backend : backends) {
                    const Tensor output = run(*backend, whole, input).value();
                    for (std::size_t i = 0; i < reference.values.size(); ++i)
                        ASSERT_EQ(static_cast<double>(output.data()[i]), reference.values[i])
                            << backend->name() << ": " << length << " inputs, batch " << items;
                    const Tensor batch = run(*backend, real, reals).value();
                    Tensor last({1, length, 1, 1});
                    std::copy_n(&reals.at(items - 1, 0, 0, 0), length, last.data());
                    const Tensor alone = run(*backend, real, last).value();
                    for (int o = 0; o < outputs; ++o)
                        ASSERT_EQ(alone.at(0, o, 0, 0), batch.at(items - 1, o, 0, 0))
                            << backend->name() << ": " << length << " inputs, batch " << items;
                }
            }
        }
}

TEST(GroupNorm, OfManyValuesFarFromZeroKeepsItsDigits) {
    Random random(58);
    const GroupNormSpec spec{2, 4};
    const Operation layer = with_numbers(spec, Numbers::reals, random);
    Tensor input = random_tensor({2, 4, 311, 299}, Numbers::reals, random);
    const Reference small = reference_layer(layer, input, input.shape());
    for (const auto& backend : every_backend(2))
        EXPECT_LE(relative_error(run(*backend, layer, input).value().values(), small), 1e-6) << backend->name();
    for (float& v : input.values()) v += 50;
    const Reference moved = reference_layer(layer, input, input.shape());
    for (const auto& backend : every_backend(2))
        EXPECT_LE(relative_error(run(*backend, layer, input).value().values(), moved), 1e-5) << backend->name();
}

TEST(Softmax, StaysFiniteForLargeValues) {
    Tensor input({1, 3, 1, 1}, 1000.0F);
    input.data()[2] = -1000.0F;
    const Tensor output = run(*every_backend(1).front(), Softmax{}, input).value();
    EXPECT_EQ(output.data()[0], 0.5F);
    EXPECT_EQ(output.data()[2], 0.0F);
}

/// LargeNet with its initial weights.
Network fresh_largenet() {
    Network network;
    for (const LayerSpec& spec : largenet().layers)
        network.layers.push_back(with_parameters(spec, initial_parameters(spec, 1)).value());
    return network;
}

TEST(BackendChain, KeepsEveryLayerWhateverIsAskedFor) {
    Random random(54);
    const auto input = std::make_shared<const Tensor>(random_tensor({2, 3, 32, 32}, Numbers::reals, random));
    Network network = fresh_largenet();
    const auto backend = std::move(every_backend(2).front());
    const auto at = [&](int layer) { return backend->forward(network, input, layer, Cancel{}).value(); };
    std::vector<std::shared_ptr<const Activations>> all(9);
    all[8] = at(8);
    for (int i = 0; i < 9; ++i) all[static_cast<std::size_t>(i)] = at(i);
    for (const int i : {8, 0, 5, 2, 8, 7})
        EXPECT_EQ(at(i), all[static_cast<std::size_t>(i)]) << "layer " << i << " must not run again";

    std::get<MaxPool2d>(network.layers[5].operation).ceil_mode = true;
    EXPECT_EQ(at(4), all[4]);
    EXPECT_EQ(at(0), all[0]);
    EXPECT_NE(at(5), all[5]);
    EXPECT_EQ(at(4), all[4]);
    EXPECT_NE(at(8), all[8]);
}

TEST(BackendChain, KeepsTheLayersBeforeOneThatCannotRun) {
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

TEST(BackendChain, ReportsTheProgressOfAllLayersTogether) {
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

TEST(BackendChain, DrawsTheOutputOfALinearLayer) {
    Random random(57);
    const auto input = std::make_shared<const Tensor>(random_tensor({1, 3, 32, 32}, Numbers::reals, random));
    const auto backend = std::move(every_backend(2).front());
    const auto fc1 = backend->forward(fresh_largenet(), input, 6, Cancel{}).value();
    DisplayOptions display;
    const auto picture = fc1->render_grid(display, Cancel{});
    ASSERT_TRUE(picture) << picture.error().message;
    display.scale = {ScaleMode::shared, 0, 0};
    display.cell = {12, 30};
    const auto bars = fc1->render_grid(display, Cancel{});
    ASSERT_TRUE(bars) << bars.error().message;
    EXPECT_EQ(bars->width, 8 * 30 + 9 * display.gap);
}

}  // namespace
}  // namespace convlens::test
