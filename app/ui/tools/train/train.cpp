/// The training tool: its actions, the commands to the current lesson, and the document with the lesson's weights.
#include "app/ui/tools/train/train.h"

#include <utility>

#include "app/ui/tools/features/features.h"
#include "engine/core/overloaded.h"

namespace convlens {
namespace {

using Commands = std::vector<TrainCommand>;

/// The colors of the input that a lesson has changed.
struct InputBefore {
    std::optional<bool> gray;  ///< Whether the input was gray before; nullopt if the lesson has left it as it was.
    Document lesson;           ///< The document when it had the kernels of the lesson the last time.
};

bool has_picture(const Frame& f) { return f.shown != nullptr; }
bool has_lesson(const Frame& f) { return lesson_of(f).lesson != Lesson::none && !lesson_of(f).preparing; }

void show_training(Frame& f) {
    f.view.panels = true;
    f.view.tool = &grid_tool;
    f.view.side = f.view.side == &train_tool ? &kernels_tool : &train_tool;
}

void play_or_pause(Frame& f) { lesson_of(f).playing ? train(f, command::Pause{}) : train(f, command::Play{}); }

// clang-format off
constexpr Action rows[] = {
    {"train", "Train kernels", Menu::kernels, {{{'n', 0}}}, has_picture, show_training},
    {"train.play", "Training: resume or pause", Menu::kernels, {{{'r', 0}}}, has_lesson, play_or_pause},
    {"train.step", "Training: single step", Menu::kernels, {}, has_lesson, [](Frame& f) { train(f, command::Step{}); }},
    {"train.reset", "Training: reset", Menu::kernels, {}, has_lesson, [](Frame& f) { train(f, command::Reset{static_cast<std::uint32_t>(f.states.of<TrainView>().seed)}); }},
    {"train.replay", "Training: replay timeline", Menu::kernels, {}, has_lesson, [](Frame& f) { train(f, command::Replay{}); }},
    {"train.use", "Training: use these weights", Menu::kernels, {}, has_lesson, [](Frame& f) { train(f, command::UseWeights{}); }},
    {"train.end", "Training: end lesson", Menu::kernels, {}, has_lesson, [](Frame& f) { train(f, command::End{}); }},
    {"train.filter", "Lesson: learn a filter", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::filter); }},
    {"train.largenet", "Lesson: train LargeNet", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::largenet); }},
    {"train.patterns", "Lesson: learn filters from this image", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::patterns); }},
    {"train.features", "Lesson: train on features", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::features); }},
};
// clang-format on

/// Copies the weights of the step on screen to the document, as one undo step, and ends the lesson.
void use_weights(Frame& f, Training& t) {
    f.draft = t.with_weights(f.draft);
    f.requests.step = true;
    t.stop();
}

/// Restores the colors of the input that a lesson has changed.
void restore_colors(const Frame& f, Document& document) {
    if (const auto gray = f.states.of<InputBefore>().gray) document.input.gray = *gray;
}

/// Runs a command.
void obey(Frame& f, Training& t, TrainCommand command) {
    std::visit(
        Overloaded{
            [&](command::Begin& c) {
                restore_colors(f, c.lesson.document);
                t.begin(std::move(c.lesson));
            },
            [&](command::Cancel) { t.cancel(); }, [&](command::Play) { t.play(); }, [&](command::Pause) { t.pause(); },
            [&](command::Step) { t.single_step(); }, [&](command::Reset c) { t.reset(c.seed); },
            [&](command::End) { t.stop(); }, [&](command::Options& c) { t.set_options(c.options); },
            [&](command::Hidden c) { t.set_hidden(c.units); }, [&](command::Moment c) { t.show_moment(c.index); },
            [&](command::Replay) { t.replay(); }, [&](command::Speed c) { t.set_speed(c.moments_per_second); },
            [&](command::ResumeFromHere) { t.resume_from_here(); }, [&](command::AddFile& c) { t.add(c.path); },
            [&](command::AddPicture& c) { t.add(std::move(c.picture)); },
            [&](command::UseWeights) { use_weights(f, t); }},
        command);
}

void poll(Frame& f) {
    auto& t = f.states.of<Training>();
    auto& before = f.states.of<InputBefore>();
    if (before.gray && t.has_kernels_of_lesson(f.draft)) before.lesson = f.draft;
    for (TrainCommand& command : std::exchange(f.states.of<Commands>(), {})) obey(f, t, std::move(command));
    auto begun = t.poll();
    if (t.needs_redraw()) f.requests.redraw = true;
    if (!begun) {
        f.requests.error = begun.error().message;
    } else if (*begun) {
        before.gray.reset();
        if (f.draft.input.gray != (*begun)->input.gray) before.gray = f.draft.input.gray;
        f.draft = std::move(**begun);
        f.requests.step = true;
        f.view.grid.enlarged.reset();
    }
    // The lesson has ended, or the user has chosen other kernels. Another document, as of a scene, stays as it is.
    if (before.gray && !t.has_kernels_of_lesson(f.draft)) {
        if (f.draft.input == before.lesson.input && f.draft.display == before.lesson.display)
            restore_colors(f, f.draft);
        before = {};
    }
}

bool busy(States& states) { return !states.of<Commands>().empty(); }

Document shown_document(States& states, const Document& document) {
    return states.of<Training>().with_weights(document);
}

void report(Frame& f) {
    const TrainingShown& lesson = lesson_of(f);
    f.map.state("training", fmt::format("{} {} {} {} {}", static_cast<int>(lesson.lesson),
                                        lesson.preparing ? "preparing"
                                        : lesson.playing ? "playing"
                                        : lesson.working ? "pausing"
                                                         : "paused",
                                        lesson.lesson == Lesson::patterns ? lesson.patterns.round : lesson.view.step,
                                        lesson.moments() == 0 ? 0 : lesson.step_at(lesson.moment),
                                        lesson.live ? "live" : "moment"));
}

}  // namespace

void train(Frame& f, TrainCommand command) {
    f.states.of<Commands>().push_back(std::move(command));
    f.requests.redraw = true;
}

const TrainingShown& lesson_of(const Frame& f) { return f.states.of<Training>().shown(); }

void learn_from(Frame& f, const std::filesystem::path& folder, bool cifar10) {
    auto& v = f.states.of<TrainView>();
    v.data = {DataChoice::folder, folder.string(), {}};
    v.cifar10 = cifar10;
}

const Tool train_tool{.id = "train",
                      .side = {"Train", "Trains kernels and networks and shows their progress live (n)", train_panel},
                      .actions = rows,
                      .poll = poll,
                      .busy = busy,
                      .document = shown_document,
                      .report = report};

}  // namespace convlens
