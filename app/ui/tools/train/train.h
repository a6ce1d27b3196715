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

/// Settings of the next lesson, from the training panel.
struct TrainView {
    int kernel = -1;           ///< Target of Lesson::filter: 0 is the selected kernel, 1, 2, ... are the edge filters;
                               ///< -1 before the user chooses.
    DataSource data;           ///< Data of Lesson::largenet and Lesson::features.
    bool cifar10 = false;      ///< Whether data.folder contains CIFAR-10's files.
    bool from_screen = false;  ///< Whether Lesson::largenet starts from the weights on screen.
    bool shown_layer = false;  ///< As in LessonRequest.
    int filter_size = 11;      ///< As in LessonRequest.
    int seed = 1;              ///< As in LessonRequest.
    std::optional<bool> fashion;  ///< Whether Fashion-MNIST is installed; nullopt until the program has checked.
    Lesson begun = Lesson::none;  ///< The current lesson in the last frame. When it changes, the list of lessons is
                                  ///< collapsed, or opened if there is no lesson.
};

/// Commands of a panel to the current lesson.
namespace command {
/// Prepares and starts a lesson.
struct Begin {
    LessonRequest lesson;
};
struct Cancel {};  ///< Cancels the preparation of a lesson.
struct Play {};    ///< Starts or resumes training.
struct Pause {};   ///< Pauses training after the running step.
struct Step {};    ///< Does one step: trains on one batch, or runs one round of clustering.
/// Pauses training and goes back to the initial weights of `seed`. Lesson::patterns goes back to its start and ignores
/// `seed`.
struct Reset {
    std::uint32_t seed = 1;
};
struct End {};  ///< Ends the lesson and discards its weights.
/// Sets the options of the training from the next step on.
struct Options {
    TrainingOptions options;
};
/// In Lesson::features: restarts both models with `units` hidden units; 0 means no hidden layer.
struct Hidden {
    int units = 0;
};
/// Pauses training and shows entry `index` of the timeline.
struct Moment {
    std::size_t index = 0;
};
struct Replay {};  ///< Shows the entries of the timeline one after the other.
/// Sets the speed of Replay.
struct Speed {
    float moments_per_second = 60;  ///< Entries of the timeline per second.
};
struct ResumeFromHere {};  ///< Discards all training after the step on screen and resumes from there.
/// In Lesson::features: adds the image in the file `path` and finds its nearest neighbors.
struct AddFile {
    std::string path;
};
/// In Lesson::features: adds an image and finds its nearest neighbors.
struct AddPicture {
    AddedPicture picture;
};
struct UseWeights {};  ///< Copies the weights of the step on screen to the document and ends the lesson.
}  // namespace command

/// Any of these commands.
using TrainCommand =
    std::variant<command::Begin, command::Cancel, command::Play, command::Pause, command::Step, command::Reset,
                 command::End, command::Options, command::Hidden, command::Moment, command::Replay, command::Speed,
                 command::ResumeFromHere, command::AddFile, command::AddPicture, command::UseWeights>;

/// Queues `command`; it runs before the next frame is drawn.
void train(Frame& frame, TrainCommand command);

/// Returns the state of the current lesson; its `lesson` is Lesson::none if there is none.
const TrainingShown& lesson_of(const Frame& frame);

/// Starts the lesson with the settings in TrainView and shows its panel. Shows an error message if the target of
/// Lesson::filter is the selected kernel and there is none.
void begin_lesson(Frame& frame, Lesson lesson);

/// Sets `folder` as training data of the next lesson, in a layout that load_data_folder() accepts. `cifar10`: the
/// folder contains CIFAR-10's files, so the panel offers a choice of classes.
void learn_from(Frame& frame, const std::filesystem::path& folder, bool cifar10);

/// The training tool's entry in the table of tools.
extern const Tool train_tool;

/// Draws the tool in the panel on the right.
void train_panel(Frame& frame);

}  // namespace convlens
