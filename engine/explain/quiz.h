/// Random questions about layers, with choices, answers that the engine computes, and reasons.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nn/architecture.h"

namespace convlens {

/// What a question asks for.
enum class QuizKind { output_shape, parameters, receptive_field };
inline constexpr int quiz_kinds = 3;

/// A question with choices. The texts are markup of rich_text.h.
struct QuizQuestion {
    QuizKind kind = QuizKind::output_shape;
    std::string prompt;
    std::vector<std::string> choices;  ///< Four different ones; one is right, the others are usual mistakes.
    int answer = 0;                    ///< Index of the right choice.
    std::string why;                   ///< How the answer is computed, with all numbers.
    std::vector<LayerSpec> layers;     ///< The layers in question.
    Shape input;                       ///< Shape of their input.
};

/// Returns a random question. The same seed gives the same question on every machine. The answer is computed by
/// layer_numbers().
QuizQuestion quiz_question(QuizKind kind, std::uint32_t seed);

/// Returns `count` different questions, at most max_quiz, of all kinds in turn. The same seed gives the same questions.
std::vector<QuizQuestion> make_quiz(int count, std::uint32_t seed);
inline constexpr int max_quiz = 100;

/// Returns the letter of choice `index`: "A".
char choice_letter(int index);

/// A task to match feature maps with the kernels that made them.
struct QuizMatch {
    std::vector<int> kernels;  ///< Channel whose kernel is shown as 1, 2, ...; all different.
    std::vector<int> maps;     ///< Channel whose feature map is shown as A, B, ...; the same channels in another order.

    /// Returns the index in `kernels` of the kernel that made map `map`.
    int answer(int map) const;
};

/// Returns a random task with `count` of the channels 0 to channels - 1; count <= channels.
QuizMatch quiz_match(int channels, int count, std::uint32_t seed);

}  // namespace convlens
