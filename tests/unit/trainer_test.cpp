/// The Trainer, its timeline, its thread, and the lessons.
#include "engine/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/document/pattern.h"
#include "engine/nn/kernel_bank.h"
#include "engine/train/backward.h"
#include "engine/train/filter_learner.h"
#include "engine/train/step_thread.h"

namespace convlens {
namespace {

DataSplit bars(int training, int validation) {
    return {std::make_shared<const DataSet>(make_bars_and_crosses(training, 1)),
            std::make_shared<const DataSet>(make_bars_and_crosses(validation, 2))};
}

Trainer bars_trainer(const TrainingOptions& options = {}) {
    return Trainer::make(largenet_task(bars(200, 48), 1), options).value();
}

std::vector<float> after(Trainer trainer, int steps, int threads) {
    Arena arena(threads);
    for (int i = 0; i < steps; ++i) arena.execute([&] { trainer.step(); });
    return *trainer.view().parameters;
}

TEST(Trainer, GivesTheSameBitsForAnyNumberOfThreads) {
    const Trainer trainer = bars_trainer();
    const auto one = after(trainer, 9, 1);
    EXPECT_EQ(one, after(trainer, 9, 2));
    EXPECT_EQ(one, after(trainer, 9, 5));
    EXPECT_NE(one, after(trainer, 8, 1));
}

TEST(Trainer, LearnsToTellBarsFromCrosses) {
    TrainingOptions options;
    options.optimizer = {Optimizer::adam, 0.002F, 0.0F, 0.0F};
    options.epochs = 6;
    Trainer trainer = Trainer::make(largenet_task(bars(1600, 200), 1), options).value();
    while (trainer.step()) {
    }
    const TrainingView view = trainer.view();
    EXPECT_EQ(view.state, TrainingState::finished);
    ASSERT_EQ(view.epochs.size(), 6U);
    EXPECT_EQ(view.step, 6 * 25);
    EXPECT_GT(view.epochs.back().validation_accuracy, 0.85F);
    EXPECT_LT(view.epochs.back().validation_loss, view.epochs.front().validation_loss);
    EXPECT_FALSE(trainer.step());
    options.epochs = 7;
    trainer.set_options(options);
    EXPECT_TRUE(trainer.step());
}

TEST(Trainer, LearnsWithBranches) {
    TrainingTask task = largenet_task(bars(1600, 200), 1);
    auto& layers = task.architecture.layers;
    const auto at = std::ranges::find(layers, "relu2", &LayerSpec::name);
    ASSERT_NE(at, layers.end());
    // A block around conv2: two convolutions side by side, and a sum with a third one.
    const int begin = static_cast<int>(at - layers.begin()) - 2;
    const Conv2dSpec half{5, 5, {5, 5}, {}, true}, skip{5, 10, {5, 5}, {}, true};
    const std::vector<LayerSpec> block{{"a", half, {begin}},
                                       {"b", half, {begin}},
                                       {"cat", Concat{}, {begin + 1, begin + 2}},
                                       {"c", skip, {begin}},
                                       {"add", Add{}, {begin + 3, begin + 4}}};
    layers.erase(at - 1);
    layers.insert(layers.begin() + begin + 1, block.begin(), block.end());
    TrainingOptions options;
    options.optimizer = {Optimizer::adam, 0.002F, 0.0F, 0.0F};
    options.epochs = 6;
    Trainer trainer = Trainer::make(task, options).value();
    while (trainer.step()) {
    }
    EXPECT_GT(trainer.view().epochs.back().validation_accuracy, 0.85F);
}

TEST(Trainer, StandsAtTheLastFiniteWeightsWhenItDiverges) {
    TrainingOptions options;
    options.optimizer.learning_rate = 1e30F;
    Trainer trainer = bars_trainer(options);
    while (trainer.step()) {
    }
    const TrainingView view = trainer.view();
    EXPECT_EQ(view.state, TrainingState::diverged);
    EXPECT_NE(view.message.find("learning rate"), std::string::npos);
    for (const float w : *view.parameters) ASSERT_TRUE(std::isfinite(w));
    options.optimizer.learning_rate = 0.01F;
    trainer.set_options(options);
    trainer.go_back(0);
    EXPECT_TRUE(trainer.step());
}

TEST(Trainer, GoesBackToAMomentOfItsTimeLineAndOnFromThere) {
    Trainer trainer = bars_trainer();
    for (int i = 0; i < 6; ++i) trainer.step();
    const auto third = trainer.view().time_line[3];
    EXPECT_EQ(third.step, 3);
    trainer.go_back(3);
    EXPECT_EQ(trainer.view().step, 3);
    EXPECT_EQ(*trainer.view().parameters, *third.parameters);
    EXPECT_TRUE(trainer.view().epochs.empty());
    trainer.step();  // the epoch has four steps
    EXPECT_EQ(trainer.view().epochs.size(), 1U);
    trainer.reset(1);
    EXPECT_EQ(*trainer.view().parameters, *bars_trainer().view().parameters);
    trainer.reset(2);
    EXPECT_NE(*trainer.view().parameters, *bars_trainer().view().parameters);
}

TEST(Trainer, StopsWhenTheValidationLossNoLongerFalls) {
    TrainingOptions options;
    options.optimizer.learning_rate = 1e-12F;
    options.patience = 2;
    Trainer trainer = bars_trainer(options);
    for (int i = 0; i < 200 && trainer.step(); ++i) {
    }
    EXPECT_EQ(trainer.view().state, TrainingState::finished);
}

TEST(Trainer, PredictsEveryExampleWithAProbability) {
    Trainer trainer = bars_trainer();
    const auto data = trainer.task().data.validation;
    std::vector<int> all(static_cast<std::size_t>(data->size()));
    std::iota(all.begin(), all.end(), 0);
    const auto predictions = trainer.predict(*trainer.view().parameters, *data, all);
    ASSERT_EQ(predictions.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(predictions[i].label, data->labels[i]);
        EXPECT_GE(predictions[i].confidence, 0.5F);
        EXPECT_LE(predictions[i].confidence, 1.0F);
    }
}

TEST(Trainer, RefusesWhatCanNotBeTrainedInASentence) {
    TrainingTask task = largenet_task(bars(20, 20), 1);
    task.architecture.layers.insert(task.architecture.layers.begin() + 1, {"norm", BatchNorm2dSpec{5}});
    auto refused = Trainer::make(task, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "norm: BatchNorm2d can't be trained here, because training needs the statistics of each batch; use "
              "GroupNorm");
    task = largenet_task(bars(20, 20), 1);
    task.architecture.layers.insert(task.architecture.layers.begin() + 1, {"drop", Dropout{}});
    refused = Trainer::make(task, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "drop: Dropout can't be trained here, because training has to drop random values; remove the layer");
    task = largenet_task(bars(20, 20), 1);
    task.architecture.layers.insert(task.architecture.layers.begin() + 1, {"norm", GroupNormSpec{1, 5}});
    EXPECT_TRUE(Trainer::make(task, {}));
    task = largenet_task(bars(20, 20), 1);
    std::get<LinearSpec>(task.architecture.layers.back().operation).out_features = 3;
    EXPECT_FALSE(Trainer::make(task, {}));
    task = largenet_task(bars(20, 20), 1);
    task.start.emplace("conv1.weight", make_parameter({1}, {0.0F}));
    EXPECT_FALSE(Trainer::make(task, {}));
}

TEST(LearnFilter, FindsSobel) {
    for (const std::uint32_t seed : {1U, 2U}) {
        Tensor sobel({1, 1, 3, 3});
        const float values[] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
        std::copy(std::begin(values), std::end(values), sobel.data());
        Trainer trainer =
            Trainer::make(learn_filter_task(make_pattern(Pattern::zone, {128, 128}, 1), sobel, seed).value(),
                          learn_filter_options())
                .value();
        for (int i = 0; i < 3000; ++i) trainer.step();
        const auto found = trainer.view().parameters;
        for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR((*found)[i], values[i], 0.05F);
    }
}

TEST(LearnFilter, RefusesAFlatOrTooSmallPicture) {
    const Tensor kernel({1, 1, 3, 3}, 1.0F);
    EXPECT_FALSE(learn_filter_task(Tensor({1, 3, 64, 64}, 0.5F), kernel, 1));
    EXPECT_FALSE(learn_filter_task(make_pattern(Pattern::zone, {8, 8}, 1), kernel, 1));
}

TEST(TimeLine, ThinsOutWithinItsMemoryAndKeepsBothEnds) {
    TimeLine line(4000);
    const std::vector<float> weights(10, 1.0F);  // 40 bytes
    for (long step = 0; step <= 5000; ++step) {
        line.add(step, weights);
        ASSERT_LE(line.bytes(), 4000U);
        ASSERT_EQ(line.back().step, step);
        ASSERT_EQ(line[0].step, 0);
    }
    EXPECT_GE(line.size(), 40U);
    for (std::size_t i = 1; i < line.size(); ++i) ASSERT_LT(line[i - 1].step, line[i].step);
    EXPECT_EQ(line[line.index_at(2500)].step, 2500 / line.spacing() * line.spacing());
}

TEST(Curve, KeepsTheMeanOfEqualRuns) {
    Curve curve;
    for (long step = 1; step <= 100000; ++step) curve.add(step, static_cast<float>(step));
    EXPECT_LE(curve.points().size(), Curve::most);
    EXPECT_GE(curve.points().size(), Curve::most / 2);
    const auto& first = curve.points().front();
    EXPECT_FLOAT_EQ(first.value, static_cast<float>(first.step + 1) / 2);
}

TEST(StepThread, PlaysPausesStepsAndChanges) {
    StepThread<Trainer> thread(bars_trainer(), 2, {});
    const auto settle = [&] {
        while (!thread.idle()) std::this_thread::yield();
    };
    EXPECT_EQ(thread.view().step, 0);
    thread.single_step();
    settle();
    EXPECT_EQ(thread.view().step, 1);
    thread.play();
    while (thread.view().step < 5) std::this_thread::yield();
    thread.pause();
    settle();
    const TrainingView paused = thread.view();
    EXPECT_GE(paused.step, 5);
    thread.change([](Trainer& t) { t.go_back(0); });
    settle();
    EXPECT_EQ(thread.view().step, 0);
    EXPECT_GE(paused.step, 5);  // a view is a value
}

/// A Job whose step takes as long as somebody wants, and which says when it is gone.
struct SlowJob {
    struct Signs {
        std::atomic<bool> running = false, go = false;
        std::atomic<int> alive = 0;
    };
    std::shared_ptr<Signs> signs;
    explicit SlowJob(std::shared_ptr<Signs> s) : signs(std::move(s)) { ++signs->alive; }
    SlowJob(SlowJob&& other) noexcept : signs(other.signs) { ++signs->alive; }
    SlowJob& operator=(SlowJob&&) = delete;
    SlowJob(const SlowJob&) = delete;
    SlowJob& operator=(const SlowJob&) = delete;
    ~SlowJob() { --signs->alive; }
    bool step() {
        signs->running = true;
        while (!signs->go) std::this_thread::yield();
        return true;
    }
    int view() const { return 0; }
};

/// A job whose third step throws.
struct FaultyJob {
    int steps = 0;
    bool step() {
        if (++steps == 3) throw std::bad_alloc();
        return true;
    }
    int view() const { return steps; }
};

TEST(StepThread, PausesWithTheReasonIfAStepThrowsAndCanGoOn) {
    StepThread<FaultyJob> thread(FaultyJob{}, 1, {});
    thread.play();
    const auto wait_for_idle = [&] {
        while (!thread.idle()) {
            thread.poll();
            std::this_thread::yield();
        }
    };
    wait_for_idle();
    EXPECT_EQ(thread.take_failure(), "there is not enough memory");
    EXPECT_EQ(thread.take_failure(), "");
    EXPECT_FALSE(thread.playing());
    EXPECT_EQ(thread.view(), 3);
    thread.single_step();
    wait_for_idle();
    EXPECT_EQ(thread.view(), 4);
    thread.change([](FaultyJob&) { throw std::runtime_error("a reason"); });
    wait_for_idle();
    EXPECT_EQ(thread.take_failure(), "a reason");
}

TEST(StepThread, EndsWithoutWaitingForItsStep) {
    const auto signs = std::make_shared<SlowJob::Signs>();
    StepThread<SlowJob> thread(SlowJob(signs), 1, {});
    thread.play();
    while (!signs->running) std::this_thread::yield();
    thread.end();  // returns although the step never ends by itself
    EXPECT_FALSE(thread.ended());
    signs->go = true;
    while (!thread.ended() || signs->alive > 0) std::this_thread::yield();
}

TEST(FilterLearner, GoesBackToARoundAndOnAsBefore) {
    const auto picture = std::make_shared<const Tensor>(make_pattern(Pattern::bars, {128, 128}, 1));
    FilterLearner learner = FilterLearner::make({picture}, {16, 7, 2000, 4, 1}).value();
    while (learner.step()) {
    }
    const FilterLearnerView all = learner.view();
    ASSERT_EQ(all.time_line.size(), 5U);
    EXPECT_EQ(all.time_line[2].round, 2);
    learner.go_back(2);
    EXPECT_EQ(learner.view().round, 2);
    EXPECT_EQ(learner.view().kernels, all.time_line[2].kernels);
    EXPECT_FALSE(learner.view().finished);
    while (learner.step()) {
    }
    EXPECT_TRUE(std::ranges::equal(learner.view().kernels->values(), all.kernels->values()));
}

TEST(FilterLearner, FindsUnitKernelsThatSeeEdges) {
    const auto picture = std::make_shared<const Tensor>(make_pattern(Pattern::bars, {128, 128}, 1));
    FilterLearnerOptions options{16, 7, 2000, 4, 1};
    FilterLearner learner = FilterLearner::make({picture}, options).value();
    while (learner.step()) {
    }
    const FilterLearnerView& view = learner.view();
    EXPECT_EQ(view.round, 4);
    ASSERT_TRUE(view.kernels);
    EXPECT_EQ(view.kernels->shape(), (Shape{16, 3, 7, 7}));
    for (std::size_t k = 0; k < 16; ++k) {
        const auto kernel = view.kernels->values().subspan(k * 147, 147);
        double sum = 0, squares = 0;
        for (const float v : kernel) sum += static_cast<double>(v), squares += static_cast<double>(v * v);
        EXPECT_NEAR(sum, 0, 1e-4);
        EXPECT_NEAR(squares, 1, 1e-4);
    }
    EXPECT_EQ(std::accumulate(view.patches.begin(), view.patches.end(), 0), 2000);
    EXPECT_FALSE(FilterLearner::make({std::make_shared<const Tensor>(Shape{1, 3, 64, 64}, 0.5F)}, options));
}

/// Of a small network's loss by single numbers, against what backward() says.
TEST(Gradients, AreWhatFiniteDifferencesSay) {
    std::mt19937 random(7);
    const auto draw = [&] { return static_cast<float>(random() >> 8U) * 0x1p-24F - 0.5F; };
    const std::vector<LayerSpec> layers{{"c", Conv2dSpec{2, 4, {3, 2}, {{2, 1}, {1, 2}, false, {1, 2}, 2}, true}},
                                        {"r", ReLU{}},
                                        {"p", MaxPool2d{{2, 2}, {1, 2}, {1, 0}}},
                                        {"f", Flatten{}}};
    const Shape in{3, 2, 7, 6};
    const Shape out = LaneNet::make(layers, in)->output_shape();
    Network network;
    for (const LayerSpec& l : layers) network.layers.push_back(with_parameters(l, initial_parameters(l, 3)).value());
    Tensor input(in), by_output({3, out.c, 1, 1});
    for (float& v : input.values()) v = draw();
    for (float& v : by_output.values()) v = draw();
    const Simd& simd = available_simd().front();
    const auto loss = [&](const Network& n, const Tensor& x) {
        const auto result = backward(n, x, by_output, simd).value();
        double sum = 0;
        for (std::size_t i = 0; i < by_output.size(); ++i)
            sum += static_cast<double>(result.output.data()[i]) * static_cast<double>(by_output.data()[i]);
        return sum;
    };
    const Gradients exact = backward(network, input, by_output, simd).value();
    constexpr float h = 1e-3F;
    int close = 0, all = 0;  // a few lie at a kink of ReLU or of the maximum
    for (std::size_t i = 0; i < input.size(); i += 3) {
        Tensor up = input.clone(), down = input.clone();
        up.data()[i] += h, down.data()[i] -= h;
        close += std::abs((loss(network, up) - loss(network, down)) / (2.0 * static_cast<double>(h)) -
                          static_cast<double>(exact.input.data()[i])) < 5e-3
                     ? 1
                     : 0;
        ++all;
    }
    const Parameter weight = parameters_of(network).at("c.weight");
    for (std::size_t i = 0; i < weight.data().size(); ++i) {
        const auto moved = [&](float by) {
            std::vector<float> values(weight.data().begin(), weight.data().end());
            values[i] += by;
            ParameterMap map = parameters_of(network);
            map["c.weight"] = make_parameter(weight.shape, values);
            Network n;
            for (const LayerSpec& l : layers) n.layers.push_back(with_parameters(l, map).value());
            return n;
        };
        close += std::abs((loss(moved(h), input) - loss(moved(-h), input)) / (2.0 * static_cast<double>(h)) -
                          static_cast<double>(exact.parameters.at("c.weight").data()[i])) < 5e-3
                     ? 1
                     : 0;
        ++all;
    }
    EXPECT_GE(close, all * 95 / 100) << close << " of " << all;
}

}  // namespace
}  // namespace convlens
