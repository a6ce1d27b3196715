/// Training in the window: commands to the current lesson, and its state for the panels.
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

/// Settings of the next lesson.
struct TrainView {
    int kernel = -1;           ///< Target of Lesson::filter: 0 is the selected kernel, 1, 2, ... are the edge filters;
                               ///< -1 before the user chooses.
    DataSource data;           ///< Data of LargeNet and of the models on features.
    bool cifar10 = false;      ///< Whether data.folder contains CIFAR-10's files.
    bool from_screen = false;  ///< Whether LargeNet starts from the weights on screen.
    bool shown_layer = false;  ///< Whether Lesson::features uses the layer on screen instead of the deepest one that
                               ///< has weights.
    int filter_size = 11;
    int seed = 1;
    std::optional<bool> fashion;  ///< Whether Fashion-MNIST is installed; nullopt until the program has checked.
    Lesson begun = Lesson::none;  ///< The lesson for which the list of lessons was collapsed.
};

// Commands of a panel to the current lesson.
namespace command {
struct Begin {
    LessonRequest lesson;
};
struct Cancel {};  ///< Cancels the preparation of a lesson.
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
struct UseWeights {};  ///< Copies the weights of the step on screen to the document and ends the lesson.
}  // namespace command

using TrainCommand =
    std::variant<command::Begin, command::Cancel, command::Play, command::Pause, command::Step, command::Reset,
                 command::End, command::Options, command::Hidden, command::Moment, command::Replay, command::Speed,
                 command::ResumeFromHere, command::AddFile, command::AddPicture, command::UseWeights>;

/// Runs the command before the next frame is drawn.
void train(Frame& frame, TrainCommand command);

/// Returns the state of the current lesson.
const TrainingShown& lesson_of(const Frame& frame);

/// Starts the lesson with the settings in TrainView and shows it.
void begin_lesson(Frame& frame, Lesson lesson);

/// Sets a folder as training data: one subfolder per class, or CIFAR-10's binary files.
void learn_from(Frame& frame, const std::filesystem::path& folder, bool cifar10);

extern const Tool train_tool;

void train_panel(Frame& frame);

}  // namespace convlens
