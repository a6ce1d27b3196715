/// engine/explain/quiz.h: the answers of random questions against what the layers do.
#include "engine/explain/quiz.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/core/numbers.h"
#include "engine/nn/network.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

constexpr int rounds = 10'000;

/// The layers of the question, with random weights.
Network network_of(const QuizQuestion& q) {
    Network network;
    for (const LayerSpec& layer : q.layers)
        network.layers.push_back(with_parameters(layer, initial_parameters(layer, 1)).value());
    return network;
}

const std::string& answer_of(const QuizQuestion& q) { return q.choices[static_cast<std::size_t>(q.answer)]; }

/// Returns the number of positions of a window that stays inside of the padded input, counted one by one.
int counted(int size, int kernel, int stride, int padding, int dilation) {
    int count = 0;
    for (int at = -padding; at + dilation * (kernel - 1) < size + padding; at += stride) ++count;
    return count;
}

TEST(Quiz, ShapesAreThoseThatAWindowCounts) {
    for (std::uint32_t seed = 0; seed < rounds / 2; ++seed) {
        const QuizQuestion q = quiz_question(QuizKind::output_shape, seed);
        const auto window = window_of(q.layers[0].operation, {q.input.h, q.input.w}).value();
        const auto* conv = std::get_if<Conv2dSpec>(&q.layers[0].operation);
        const int rows =
            counted(q.input.h, window.kernel_size.h, window.stride.h, window.padding.top, window.dilation.h);
        const int columns =
            counted(q.input.w, window.kernel_size.w, window.stride.w, window.padding.left, window.dilation.w);
        EXPECT_EQ(answer_of(q), fmt::format("{} × {} × {}", conv ? conv->out_channels : q.input.c, rows, columns))
            << seed;
        EXPECT_NE(q.why.find(fmt::format("= {}$", rows)), std::string::npos) << q.why;
    }
}

TEST(Quiz, ParametersAreTheNumbersInTheArrays) {
    for (std::uint32_t seed = 0; seed < rounds / 4; ++seed) {
        const QuizQuestion q = quiz_question(QuizKind::parameters, seed);
        const Network network = network_of(q);
        std::size_t numbers = 0;
        visit_arrays(network.layers[0].operation, [&](const char*, const auto& array) {
            if (!array) return;
            if constexpr (requires { array->shape(); })
                numbers += array->shape().count();
            else
                numbers += array->size();
        });
        EXPECT_EQ(answer_of(q), grouped(numbers)) << q.prompt;
        EXPECT_NE(q.why.find(grouped(numbers)), std::string::npos) << q.why;
    }
}

TEST(Quiz, ReceptiveFieldsAreWhatTheWindowsReach) {
    for (std::uint32_t seed = 0; seed < rounds / 4; ++seed) {
        const QuizQuestion q = quiz_question(QuizKind::receptive_field, seed);
        // The rows on which one value depends, back through the layers.
        std::vector<Shape> inputs{q.input};
        for (const LayerSpec& layer : q.layers) inputs.push_back(output_shape(layer, inputs.back()).value());
        int first = inputs.back().h / 2, last = first;
        for (std::size_t i = q.layers.size(); i-- > 0;) {
            const auto window = window_of(q.layers[i].operation, {inputs[i].h, inputs[i].w}).value();
            first = first * window.stride.h - window.padding.top;
            last = last * window.stride.h - window.padding.top + (window.kernel_size.h - 1) * window.dilation.h;
        }
        EXPECT_EQ(answer_of(q), fmt::format("{0} × {0}", last - first + 1)) << q.prompt;
        EXPECT_NE(q.why.find(fmt::format("= {}$", last - first + 1)), std::string::npos) << q.why;
    }
}

TEST(Quiz, HasFourDifferentChoicesAndEveryLetterIsRightSometimes) {
    for (int kind = 0; kind < quiz_kinds; ++kind) {
        std::set<int> right;
        for (std::uint32_t seed = 0; seed < 2000; ++seed) {
            const QuizQuestion q = quiz_question(static_cast<QuizKind>(kind), seed);
            EXPECT_EQ(q.choices.size(), 4U);
            EXPECT_EQ(std::set<std::string>(q.choices.begin(), q.choices.end()).size(), 4U) << q.prompt;
            EXPECT_EQ(q.prompt, quiz_question(static_cast<QuizKind>(kind), seed).prompt);
            right.insert(q.answer);
        }
        EXPECT_EQ(right, (std::set<int>{0, 1, 2, 3}));
    }
}

TEST(Quiz, AsksEveryQuestionOnce) {
    const auto quiz = make_quiz(max_quiz, 5);
    ASSERT_EQ(quiz.size(), static_cast<std::size_t>(max_quiz));
    std::set<std::string> prompts;
    for (const QuizQuestion& q : quiz) prompts.insert(q.prompt);
    EXPECT_EQ(prompts.size(), quiz.size());
}

TEST(Quiz, MatchesEightMapsWithTheirKernels) {
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        const QuizMatch match = quiz_match(64, 8, seed);
        ASSERT_EQ(match.kernels.size(), 8U);
        EXPECT_EQ(std::set<int>(match.kernels.begin(), match.kernels.end()).size(), 8U);
        EXPECT_TRUE(std::is_permutation(match.kernels.begin(), match.kernels.end(), match.maps.begin()));
        for (int i = 0; i < 8; ++i)
            EXPECT_EQ(match.kernels[static_cast<std::size_t>(match.answer(i))],
                      match.maps[static_cast<std::size_t>(i)]);
    }
}

}  // namespace
}  // namespace convlens
