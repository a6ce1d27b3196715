/// Training in the window: what is asked of the lesson at hand, and what the panels read of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "app/ui/tools/train/training.h"

namespace convlens {

/// What the next lesson is to be, and what of the one at hand is pointed at.
struct TrainView {
    int kernel = -1;           ///< 0 is the marked kernel, then come the edge filters; -1 before one was chosen.
    DataSource data;           ///< Of LargeNet and of the models on features.
    bool cifar10 = false;      ///< data.folder holds CIFAR-10's files.
    bool from_screen = false;  ///< LargeNet goes on from the weights on screen.
    bool shown_layer = false;  ///< Features of the layer on screen, not of the deepest.
    int filter_size = 11;
    int seed = 1;
    std::optional<bool> fashion;  ///< Whether Fashion-MNIST is installed; none before somebody has looked.
    Lesson begun = Lesson::none;  ///< The lesson for which the list of lessons was folded.
};

// What a panel asks of the lesson at hand.
namespace ask {
struct Begin {
    LessonRequest lesson;
};
struct Cancel {};  ///< Of a preparation.
struct Play {};
struct Pause {};
struct Step {};
struct Reset {
    std::uint32_t seed = 1;
};
struct End {};
struct Options {
    TrainingOptions options;
};
struct Hidden {
    int units = 0;
};
struct Moment {
    std::size_t index = 0;
};
struct Replay {};
struct Speed {
    float moments_per_second = 60;
};
struct ResumeFromHere {};
struct AddFile {
    std::string path;
};
struct AddPicture {
    AddedPicture picture;
};
struct UseWeights {};  ///< The weights on screen become the document's, and the lesson ends.
}  // namespace ask

using TrainCommand = std::variant<ask::Begin, ask::Cancel, ask::Play, ask::Pause, ask::Step, ask::Reset, ask::End,
                                  ask::Options, ask::Hidden, ask::Moment, ask::Replay, ask::Speed, ask::ResumeFromHere,
                                  ask::AddFile, ask::AddPicture, ask::UseWeights>;

/// Has it done before the next frame is drawn.
void train(Frame& frame, TrainCommand command);

/// What there is to read of the lesson at hand.
const TrainingShown& lesson_of(const Frame& frame);

/// Begins the lesson with what is set in TrainView, and shows it.
void begin_lesson(Frame& frame, Lesson lesson);

/// Lessons learn from the folder: one sub-folder a class, or CIFAR-10's binary files.
void learn_from(Frame& frame, const std::filesystem::path& folder, bool cifar10);

extern const Tool train_tool;

void train_panel(Frame& frame);

}  // namespace convlens
