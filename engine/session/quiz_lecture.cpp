/// Makes lectures of random questions.
#include "engine/session/quiz_lecture.h"

#include "engine/core/sentence.h"
#include "engine/explain/quiz.h"

namespace convlens {
namespace {

/// Returns the first question of this kind whose layers run on a color image, from seed `seed` on.
QuizQuestion question_on_image(QuizKind kind, std::uint32_t seed) {
    for (;; ++seed) {
        QuizQuestion q = quiz_question(kind, seed);
        if (q.input.c == 3) return q;
    }
}

Scene layer_scene(QuizKind kind, std::uint32_t seed) {
    const QuizQuestion q = question_on_image(kind, seed);
    Scene scene;
    Document& document = scene.document.document;
    document.input.source = PatternInput{Pattern::noise, {q.input.h, q.input.w}, 1};
    auto architecture = std::make_shared<Architecture>();
    architecture->name = "the layers in question";
    architecture->layers = q.layers;
    document.network = LayeredNetwork{KnownNetwork::own, std::move(architecture), RandomWeights{seed}};
    scene.steps.push_back(
        {"", scene.document, scene.view, 0,
         SceneQuestion{q.prompt, q.choices, {}, q.choices[static_cast<std::size_t>(q.answer)], q.why}});
    return scene;
}

Scene kernel_scene(std::uint32_t seed) {
    constexpr int channels = 64, choices = 4;
    const QuizMatch match = quiz_match(channels, choices, seed);
    Scene scene;
    scene.document.document.input.source = PictureInput{{{Sample{"cat"}, nullptr}}};
    scene.document.document.kernels.bank = LoadedKernels{KnownKernels::alexnet, {}, nullptr, nullptr, Normalize::none};
    scene.document.document.conv.stride = {4, 4};
    scene.document.document.conv.padding = {2, 2};
    scene.view.enlarged = match.maps[0];
    scene.steps.push_back({"", scene.document, scene.view, 0,
                           SceneQuestion{sentence("Which kernel made this map?"),
                                         {},
                                         match.kernels,
                                         "",
                                         sentence("Bright where the image looks like the kernel.")}});
    return scene;
}

}  // namespace

Lecture quiz_lecture(int count, std::uint32_t seed) {
    Lecture lecture{sentence("Quiz"), {}};
    for (int i = 0; i < count; ++i) {
        const std::uint32_t own = seed * 1'000'003U + static_cast<std::uint32_t>(i) * 101U;
        const int kind = i % (quiz_kinds + 1);
        Scene scene = kind < quiz_kinds ? layer_scene(static_cast<QuizKind>(kind), own) : kernel_scene(own);
        scene.title = sentence("Question {}", i + 1);
        scene.layout = SceneLayout::text;
        lecture.scenes.push_back(std::move(scene));
    }
    return lecture;
}

}  // namespace convlens
