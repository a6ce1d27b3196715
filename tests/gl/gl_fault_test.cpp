/// What drivers do that fail, and who goes on then.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/either_backend.h"
#include "engine/cpu/cpu_backend.h"
#include "tests/gl/gl_test.h"

namespace convlens::test {
namespace {

GlOptions with_fault(GlFault fault) {
    GlOptions options = quiet_gl();
    options.fault = fault;
    return options;
}

struct FaultCase {
    const char* name;  ///< In $CONVLENS_GL_FAULT.
    GlFault fault;
    bool at_start;  ///< make_gl_backend() fails, not forward().
    const char* words;
};

constexpr FaultCase faults[] = {{"no-egl", GlFault::no_egl, true, "OpenGL is not available"},
                                {"no-compute", GlFault::no_compute, true, "offers version 3.3, computing needs 4.3"},
                                {"compile", GlFault::compile, false, "does not compile shader conv2d"},
                                {"link", GlFault::link, false, "does not link shader conv2d"},
                                {"memory", GlFault::memory, false, "no memory for the input"},
                                {"lost", GlFault::lost, false, "was reset"},
                                {"nan", GlFault::nan, false, "computes NaN values"}};

const ConvCase small_case{{1, 2, 8, 8}, 9, {3, 3}, {}, true};

TEST(GlFault, EveryOneIsOneSentence) {
    for (const auto& [name, fault, at_start, words] : faults) {
        SCOPED_TRACE(name);
        EXPECT_EQ(gl_fault_from(name), fault);
        const auto backend = make_gl_backend(with_fault(fault));
        ASSERT_EQ(backend.has_value(), !at_start);
        Error error = at_start ? backend.error() : Error{};
        if (backend) {
            const auto result =
                (*backend)->forward(network_of(layer_of(small_case, 93)), input_of(small_case.input, 94), 0, Cancel{});
            ASSERT_FALSE(result);
            error = result.error();
        }
        EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
        EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
        EXPECT_FALSE(error.canceled);
    }
}

TEST(GlFault, ShowsTheDriversLogOfAShaderThatDoesNotCompileOrLink) {
    // These words stand in the shader's text only: the driver's log has quoted them.
    for (const auto& [fault, log] :
         {std::pair{GlFault::compile, "CONVLENS_GL_FAULT=compile"}, {GlFault::link, "CONVLENS_GL_FAULT_link"}}) {
        const auto result = gl_backend(with_fault(fault))
                                ->forward(Network{{Layer{"relu1", ReLU{}}}}, input_of({1, 1, 2, 2}, 95), 0, Cancel{});
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().message.find(log), std::string::npos) << result.error().message;
    }
}

TEST(GlFault, CanBeNamedByTheEnvironment) {
    set_variable("CONVLENS_GL_FAULT", "no-egl");
    EXPECT_FALSE(make_gl_backend(quiet_gl()));
    set_variable("CONVLENS_GL_FAULT", "meteor");
    const auto unknown = make_gl_backend(quiet_gl());
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("'meteor'"), std::string::npos);
    set_variable("CONVLENS_GL_FAULT", "lost@/nowhere/at/all");
    const auto later = make_gl_backend(quiet_gl());
    set_variable("CONVLENS_GL_FAULT", "");
    ASSERT_TRUE(later);
    EXPECT_TRUE((*later)->forward(network_of(layer_of(small_case, 93)), input_of(small_case.input, 94), 0, Cancel{}));
    EXPECT_TRUE(make_gl_backend(quiet_gl()));
}

TEST(GlFault, RefusesADriverThatComputesOnTheCpuWhereThatIsAskedFor) {
    GlOptions options = quiet_gl();
    options.refuse_software = true;
    EXPECT_FALSE(make_gl_backend(options)) << "the tests run on llvmpipe";
    EXPECT_TRUE(gl_backend(quiet_gl())->driver().software);
    options.pretend_card = true;
    EXPECT_FALSE(gl_backend(options)->driver().software);
}

/// Both backends as the program has them, with a network and an input.
class TakeOver : public ::testing::Test {
  protected:
    TakeOver() {
        Random random(98);
        network_.layers = {
            {"conv1", layer_of({{2, 3, 20, 30}, 9, {3, 3}, {}, true}, 96)}, {"relu1", ReLU{}}, {"pool1", MaxPool2d{}}};
        input_ = input_of({2, 3, 20, 30}, 97);
        const auto cpu = make_cpu_backend({2, ""}).value()->forward(network_, input_, 2, Cancel{}).value();
        values_ = all_values(*cpu).value();
        picture_ = cpu->render_grid({}, Cancel{}).value();
    }

    EitherBackend either(const GlOptions& options) {
        const auto gl = [this, options]() -> Expected<std::unique_ptr<Backend>> {
            ++cards_asked_;
            auto made = make_gl_backend(options);
            if (!made) return tl::unexpected(made.error());
            return std::move(*made);
        };
        EitherBackend backend({[] { return make_cpu_backend({2, ""}); }, gl, gl});
        backend.use(BackendUse::card);
        return backend;
    }

    Expected<std::shared_ptr<const Activations>> run(EitherBackend& backend) const {
        return backend.guarded([&] { return backend.forward(network_, input_, 2, Cancel{}); });
    }

    Network network_;
    std::shared_ptr<const Tensor> input_;
    Tensor values_{Shape{1, 1, 1, 1}};
    Image picture_;
    int cards_asked_ = 0;
};

TEST_F(TakeOver, TheCpuGivesTheWholeResultAfterEveryFaultAndOpenGlIsNotAskedTwice) {
    for (const FaultCase& c : faults) {
        SCOPED_TRACE(c.name);
        cards_asked_ = 0;
        EitherBackend backend = either(with_fault(c.fault));
        for (int i = 0; i < 2; ++i) {
            const auto result = run(backend);
            ASSERT_TRUE(result) << result.error().message;
            EXPECT_TRUE(std::ranges::equal(all_values(**result).value().values(), values_.values()));
            EXPECT_EQ((*result)->render_grid({}, Cancel{}).value().rgba, picture_.rgba);
            EXPECT_TRUE(backend.name().starts_with("CPU")) << backend.name();
        }
        EXPECT_EQ(cards_asked_, 1);
        if (c.at_start)
            EXPECT_EQ(backend.failure(), "") << "without a card nothing has failed";
        else
            EXPECT_NE(backend.failure().find(c.words), std::string::npos) << backend.failure();
    }
}

TEST_F(TakeOver, TheCpuDrawsAndReadsAgainWhatACardHasLostAfterItComputed) {
    const std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) / fmt::format("convlens-fault-{}", ::getpid());
    std::filesystem::create_directories(folder);
    for (const GlFault fault : {GlFault::lost, GlFault::memory}) {
        GlOptions options = with_fault(fault);
        options.fault_file = (folder / fmt::format("{}", static_cast<int>(fault))).string();
        EitherBackend backend = either(options);
        const auto before = run(backend);
        ASSERT_TRUE(before) << before.error().message;
        EXPECT_TRUE(backend.name().starts_with("OpenGL 4.")) << backend.name();
        std::ofstream(options.fault_file) << "now";
        DisplayOptions display;
        display.cell = {50, 70};  // larger than what lies in stock
        const auto drawn = backend.guarded([&]() -> Expected<Image> {
            const auto activations = backend.forward(network_, input_, 2, Cancel{});
            if (!activations) return tl::unexpected(activations.error());
            return (*activations)->render_grid(display, Cancel{});
        });
        ASSERT_TRUE(drawn) << drawn.error().message;
        const auto cpu = make_cpu_backend({2, ""}).value()->forward(network_, input_, 2, Cancel{}).value();
        EXPECT_EQ(drawn->rgba, cpu->render_grid(display, Cancel{}).value().rgba);
        EXPECT_TRUE(backend.name().starts_with("CPU")) << backend.name();
        EXPECT_NE(backend.failure().find(fault == GlFault::lost ? "was reset" : "no memory for the picture"),
                  std::string::npos)
            << backend.failure();
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace convlens::test
