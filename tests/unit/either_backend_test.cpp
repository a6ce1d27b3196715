/// app/either_backend.h
#include "app/either_backend.h"

#include <gtest/gtest.h>

#include <chrono>

#include "engine/cpu/cpu_backend.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using namespace reference;

/// What the two pretended backends do, and what was done with them.
struct Script {
    int cpu_ms = 1, gl_ms = 1;  ///< What a run takes by `time`.
    std::chrono::steady_clock::time_point time;
    float gl_error = 0;  ///< Added to the first value of OpenGL's input.
    std::string card_missing, driver_missing, gl_fails;
    bool both_fail = false;
    int cpu_runs = 0, gl_runs = 0, cards_asked = 0;
};

class Pretended final : public Backend {
  public:
    Pretended(Script& script, bool gl) : script_(script), gl_(gl), real_(make_cpu_backend({1, ""}).value()) {}

    std::string name() const override { return gl_ ? "OpenGL 9.9" : "CPU"; }

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override {
        ++(gl_ ? script_.gl_runs : script_.cpu_runs);
        script_.time += std::chrono::milliseconds(gl_ ? script_.gl_ms : script_.cpu_ms);
        if (script_.both_fail) return fail("the layer does not fit");
        if (!gl_) return real_->forward(network, input, last_layer, cancel);
        if (!script_.gl_fails.empty()) return fail("{}", script_.gl_fails);
        Tensor other = input->clone();
        other.data()[0] += script_.gl_error;
        return real_->forward(network, std::make_shared<const Tensor>(std::move(other)), last_layer, cancel);
    }

    void forget() override { real_->forget(); }

  private:
    Script& script_;
    bool gl_;
    std::unique_ptr<Backend> real_;
};

class EitherBackendTest : public ::testing::Test {
  protected:
    EitherBackendTest()
        : either_({[this] { return make(false); }, [this] { return card(); }, [this] { return driver(); }},
                  [this] { return script_.time; }) {
        Random random(1);
        network_.layers = {{"conv1", random_layer({{1, 2, 9, 9}, 3, {3, 3}, {}, true}, Numbers::reals, random)},
                           {"relu1", ReLU{}}};
        input_ = std::make_shared<const Tensor>(random_tensor({1, 2, 9, 9}, Numbers::reals, random));
    }

    Expected<std::unique_ptr<Backend>> make(bool gl) { return std::make_unique<Pretended>(script_, gl); }
    Expected<std::unique_ptr<Backend>> card() {
        ++script_.cards_asked;
        if (!script_.card_missing.empty()) return fail("{}", script_.card_missing);
        return make(true);
    }
    Expected<std::unique_ptr<Backend>> driver() {
        if (!script_.driver_missing.empty()) return fail("{}", script_.driver_missing);
        return make(true);
    }

    Expected<std::shared_ptr<const Activations>> run() {
        return either_.guarded([&] { return either_.forward(network_, input_, 1, Cancel()); });
    }
    Comparison compare(bool any_driver) { return either_.compare(network_, input_, 1, any_driver, Cancel()).value(); }

    Script script_;
    EitherBackend either_;
    Network network_;
    std::shared_ptr<const Tensor> input_;
};

TEST_F(EitherBackendTest, TakesTheCpuUntilBothAreMeasuredAndThenTheFaster) {
    script_.cpu_ms = 20;
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "CPU");
    EXPECT_EQ(script_.cards_asked, 0) << "the first picture must not wait for a driver";
    EXPECT_EQ(either_.comparison(network_, input_->shape()), nullptr);
    const Comparison c = compare(false);
    EXPECT_TRUE(c.gl_faster());
    EXPECT_EQ(c.cpu_ms, 20);
    EXPECT_EQ(c.gl_ms, 1);
    EXPECT_EQ(c.multiply_accumulates, 7U * 7 * 3 * 2 * 9);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "OpenGL 9.9");
}

TEST_F(EitherBackendTest, StaysOnTheCpuWhereTheCardIsSlower) {
    script_.gl_ms = 20;
    compare(false);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "CPU");
}

TEST_F(EitherBackendTest, RemembersWhatItMeasuredForANetworkAndASizeOfInputWhateverTheWeights) {
    compare(false);
    Network other = network_;
    Random random(2);
    other.layers[0].operation = random_layer({{1, 2, 9, 9}, 3, {3, 3}, {}, true}, Numbers::reals, random);
    EXPECT_NE(either_.comparison(other, {1, 2, 9, 9}), nullptr);
    EXPECT_EQ(either_.comparison(other, {1, 2, 9, 10}), nullptr);
    std::get<Conv2d>(other.layers[0].operation).params.stride = {2, 2};
    EXPECT_EQ(either_.comparison(other, {1, 2, 9, 9}), nullptr);
}

TEST_F(EitherBackendTest, FindsTheLargestDifferenceBetweenTheTwo) {
    EXPECT_EQ(compare(false).largest_difference, 0);
    script_.gl_error = 0.5F;
    Network copy{{{"copy", Dropout{}}}};
    const Comparison c = either_.compare(copy, input_, 0, false, Cancel()).value();
    EXPECT_NEAR(c.largest_difference, 0.5, 1e-6);
    EXPECT_GT(c.largest_magnitude, 0);
}

TEST_F(EitherBackendTest, LetsTheCpuTakeOverWhenOpenGlFailsAndDoesNotAskTwice) {
    either_.use(BackendUse::gl);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "OpenGL 9.9");
    script_.gl_fails = "the driver was reset";
    const auto before = script_.gl_runs;
    const auto result = run();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(all_values(**result).value().shape(), (Shape{1, 3, 7, 7}));
    EXPECT_EQ(either_.name(), "CPU");
    EXPECT_EQ(either_.failure(), "the driver was reset");
    ASSERT_TRUE(run());
    EXPECT_EQ(script_.gl_runs, before + 1) << "OpenGL was tried again";
    EXPECT_EQ(either_.failure(), "the driver was reset");
    script_.gl_fails.clear();
    either_.use(BackendUse::cpu);
    either_.use(BackendUse::gl);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "OpenGL 9.9") << "who chooses it again gets it again";
    EXPECT_EQ(either_.failure(), "");
}

TEST_F(EitherBackendTest, TakesACardAtOnceWhereNothingIsMeasuredAndIsSilentWhereThereIsNone) {
    either_.use(BackendUse::card);
    ASSERT_TRUE(either_.prepare());
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "OpenGL 9.9");
    EitherBackend without({[this] { return make(false); },
                           [] { return Expected<std::unique_ptr<Backend>>(fail("no card")); },
                           [this] { return driver(); }});
    without.use(BackendUse::card);
    ASSERT_TRUE(without.prepare());
    ASSERT_TRUE(without.guarded([&] { return without.forward(network_, input_, 1, Cancel()); }));
    EXPECT_EQ(without.name(), "CPU") << "a software driver is no card";
    EXPECT_EQ(without.failure(), "");
}

TEST_F(EitherBackendTest, LeavesOpenGlsFailuresToTheCallerWhereThereIsNoCpuToTakeOver) {
    EitherBackend alone({nullptr, [this] { return card(); }, [this] { return driver(); }});
    alone.use(BackendUse::gl);
    ASSERT_TRUE(alone.prepare());
    script_.gl_fails = "the driver was reset";
    const auto result = alone.guarded([&] { return alone.forward(network_, input_, 1, Cancel()); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "the driver was reset");
    EXPECT_EQ(script_.cpu_runs, 0);
    script_.card_missing = script_.driver_missing = "no driver";
    EitherBackend nothing({nullptr, [this] { return card(); }, [this] { return driver(); }});
    nothing.use(BackendUse::gl);
    EXPECT_EQ(nothing.prepare().error().message, "no driver");
    EXPECT_EQ(nothing.forward(network_, input_, 1, Cancel()).error().message, "no driver");
}

TEST_F(EitherBackendTest, HandsOverInTheMiddleOfWorkThatHasBegunOnOpenGl) {
    either_.use(BackendUse::gl);
    const auto work = [&] {
        auto first = either_.forward(network_, input_, 1, Cancel());
        if (!first) return first;
        script_.gl_fails = "the driver was reset";
        return either_.guarded([&] { return either_.forward(network_, input_, 1, Cancel()); });
    };
    ASSERT_TRUE(either_.guarded(work));
    EXPECT_EQ(either_.name(), "CPU");
    EXPECT_EQ(either_.failure(), "the driver was reset");
    EXPECT_EQ(script_.cpu_runs, 1) << "what was done before the failure is not done again";
}

TEST_F(EitherBackendTest, DoesNotBlameOpenGlForWhatTheCpuCannotDoEither) {
    either_.use(BackendUse::gl);
    script_.both_fail = true;
    EXPECT_FALSE(run());
    EXPECT_EQ(either_.failure(), "");
    EXPECT_EQ(either_.name(), "OpenGL 9.9") << "the CPU has made nothing";
    script_.both_fail = false;
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "OpenGL 9.9");
}

TEST_F(EitherBackendTest, SaysWhyThereIsNoOpenGlAndAsksForItOnce) {
    script_.card_missing = "no card";
    EXPECT_EQ(compare(false).gl_missing, "no card");
    EXPECT_FALSE(compare(false).gl_faster());
    EXPECT_EQ(script_.cpu_runs, 0) << "there is nothing to choose";
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.failure(), "") << "OpenGL was not requested";
    EXPECT_EQ(script_.cards_asked, 1);
    script_.driver_missing = "no driver";
    either_.use(BackendUse::gl);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "CPU");
    EXPECT_EQ(either_.failure(), "no driver");
}

TEST_F(EitherBackendTest, MeasuresASoftwareDriverOnlyWhenToldToAndNeverChoosesItItself) {
    script_.card_missing = "no card";
    script_.cpu_ms = 20;
    const Comparison c = compare(true);
    EXPECT_EQ(c.gl, "OpenGL 9.9");
    EXPECT_LT(c.gl_ms, c.cpu_ms);
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "CPU");
}

TEST_F(EitherBackendTest, GivesUpOpenGlThatFailsWhileItIsMeasured) {
    script_.gl_fails = "the driver computes nonsense";
    EXPECT_EQ(compare(false).gl_missing, "the driver computes nonsense");
    ASSERT_TRUE(run());
    EXPECT_EQ(either_.name(), "CPU");
    EXPECT_EQ(script_.gl_runs, 1);
}

}  // namespace
}  // namespace convlens
