/// Draws the training panel: the choice of a lesson, its controls, and the timeline.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/export/export_tool.h"
#include "app/ui/tools/features/features.h"
#include "app/ui/tools/train/train.h"
#include "app/ui/tools/train/train_parts.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/slider_format.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/sentence.h"
#include "engine/document/custom_kernels.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

constexpr std::array<int, 3> filter_sizes{5, 7, 11};

/// Returns kernel `index` of `weight` as a tensor of shape (1, C, KH, KW).
std::shared_ptr<const Tensor> one_kernel(const Tensor& weight, int index) {
    const Shape s = weight.shape();
    auto kernel = std::make_shared<Tensor>(Shape{1, s.c, s.h, s.w});
    for (int c = 0; c < s.c; ++c) std::ranges::copy(weight.plane(index, c), kernel->plane(0, c).begin());
    return kernel;
}

/// Returns the selected kernel (the first one if none is selected) with the user's edits; nullopt if the channels on
/// screen do not come from kernels.
std::optional<CustomKernel> marked_kernel(const Frame& f) {
    if (!f.shown || !same_random_kernels(f.draft, f.shown->request.edited)) return std::nullopt;
    const auto own = custom_kernels(f.draft, f.shown->network, f.shown->shown_layer);
    const int index = f.view.selected.value_or(0);
    if (!own || !own->weight || index >= own->weight->shape().n) return std::nullopt;
    return CustomKernel{one_kernel(*own->weight, index), fmt::format("kernel {} of {}", index, f.shown->kernels_title)};
}

/// Makes the next choice so wide that a button with this title fits beside it or, if that is too narrow to read, as
/// wide as the panel.
void choice_beside(const char* title) {
    const float rest = ImGui::GetContentRegionAvail().x - button_width(title) - ImGui::GetStyle().ItemSpacing.x;
    ImGui::SetNextItemWidth(rest > ImGui::GetFontSize() * 7 ? rest : -1);
}

/// Draws the controls that start Lesson::filter.
void filter_lesson(Frame& f) {
    TrainView& v = f.states.of<TrainView>();
    static const std::vector<std::string_view> names = [] {
        constexpr Word selected = "the selected kernel";
        std::vector<std::string_view> all{selected};
        for (const NamedKernel& k : edge_kernels()) all.push_back(k.name);
        return all;
    }();
    if (v.kernel < 0)
        v.kernel = static_cast<int>(std::find(names.begin(), names.end(), "Sobel x") - names.begin()) %
                   static_cast<int>(names.size());
    choice_beside("Learn filter");
    choice(f, "train.kernel", names, v.kernel,
           "Target filter: an edge filter, or the selected kernel with your edits; training gets only the image and "
           "the filtered image");
    same_line_if_fits(button_width("Learn filter"));
    if (button(f, "train.filter", "Learn filter",
               "Trains a random kernel by gradient descent to match the target filter's output on this image"))
        begin_lesson(f, Lesson::filter);
}

/// Draws the controls that start Lesson::patterns.
void pattern_lesson(Frame& f) {
    TrainView& v = f.states.of<TrainView>();
    constexpr std::array<std::string_view, 3> sizes{"5x5", "7x7", "11x11"};
    int which =
        static_cast<int>(std::find(filter_sizes.begin(), filter_sizes.end(), v.filter_size) - filter_sizes.begin());
    choice_beside("Filters from image");
    if (choice(f, "train.size", sizes, which, "Height and width of the 64 filters"))
        v.filter_size = filter_sizes[static_cast<std::size_t>(which)];
    same_line_if_fits(button_width("Filters from image"));
    if (button(f, "train.patterns", "Filters from image",
               "Learns 64 filters from patches of the image, or of all images of the batch, without labels, by "
               "whitening and clustering (Coates and Ng 2012)"))
        begin_lesson(f, Lesson::patterns);
}

/// Draws the selection of CIFAR-10 classes.
void cifar_classes(Frame& f) {
    DataSource& data = f.states.of<TrainView>().data;
    label("classes", "Selects CIFAR-10 classes; for example cat and dog");
    const std::string now = data.classes.empty() ? tr("all ten") : fmt::format("{}", fmt::join(data.classes, ", "));
    if (ImGui::BeginCombo("##classes", now.c_str())) {
        for (const std::string& name : cifar10_classes()) {
            const auto at = std::find(data.classes.begin(), data.classes.end(), name);
            bool chosen = at != data.classes.end();
            if (ImGui::Selectable(name.c_str(), chosen, ImGuiSelectableFlags_DontClosePopups)) {
                if (chosen)
                    data.classes.erase(at);
                else
                    data.classes.push_back(name);
            }
            f.map.mark("train.class." + name);
        }
        ImGui::EndCombo();
    } else {
        f.map.mark("train.classes");
        tooltip("Selects CIFAR-10 classes, where no selection means all ten; for example cat and dog");
    }
}

/// Checks whether Fashion-MNIST is installed; assumes that it is not until the check has finished.
void look_for_fashion(Frame& f) {
    f.states.of<TrainView>().fashion = false;
    enqueue(
        f,
        []() -> Expected<Done> {
            std::error_code ignored;
            const bool there = std::filesystem::exists(debian_fashion_mnist, ignored);
            return [there](Frame& frame) { frame.states.of<TrainView>().fashion = there; };
        },
        Saves::nothing);
}

/// Draws the selection of the labeled images.
void data_choice(Frame& f) {
    TrainView& v = f.states.of<TrainView>();
    if (!v.fashion) look_for_fashion(f);
    const Words<3> names{"bars and crosses", *v.fashion ? "Fashion-MNIST" : "Fashion-MNIST (not installed)",
                         "a folder ..."};
    int which = static_cast<int>(v.data.choice);
    constexpr Word tooltip_text =
        "Labeled images to train on: generated bars and crosses, Fashion-MNIST (Debian's package "
        "dataset-fashion-mnist), or a folder: one subfolder of images per class, CIFAR-10's .bin files or MNIST's idx "
        "files";
    label("data set", tooltip_text);
    if (choice(f, "train.data", names, which, tooltip_text)) {
        v.data.choice = static_cast<DataChoice>(which);
        if (v.data.choice == DataChoice::folder) open_browser(f, BrowserTask::data_folder);
    }
    if (v.data.choice != DataChoice::folder) return;
    if (button(f, "train.folder", "Choose ...", "Chooses the folder with the training images"))
        open_browser(f, BrowserTask::data_folder);
    ImGui::SameLine();
    ImGui::TextDisabled("%s", v.data.folder.empty() ? tr("no folder chosen")
                                                    : std::filesystem::path(v.data.folder).filename().string().c_str());
    tooltip_as_shown(v.data.folder.c_str());
    if (v.cifar10) cifar_classes(f);
}

/// Draws the controls that start Lesson::largenet and Lesson::features.
void network_lessons(Frame& f) {
    TrainView& v = f.states.of<TrainView>();
    data_choice(f);
    const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
    if (layered && std::holds_alternative<LoadedWeights>(layered->weights)) {
        ImGui::Checkbox(tr_label("start from these weights").c_str(), &v.from_screen);
        f.map.mark("train.from_screen");
        tooltip("Starts LargeNet from the current weights, loaded or trained, instead of random weights");
    }
    if (layered) {
        ImGui::Checkbox(tr_label("features of current layer").c_str(), &v.shown_layer);
        f.map.mark("train.shown_layer");
        tooltip(
            "Uses the output of the current layer as features; off uses the last layer before the first Linear layer "
            "(if weights are missing, the deepest layer that has weights)");
    }
    if (button(f, "train.largenet", "LargeNet",
               "Trains LargeNet, a small CNN for 3x32x32 images, to classify these images; the grid shows its filters "
               "and feature maps during training"))
        begin_lesson(f, Lesson::largenet);
    same_line_if_fits(button_width("Train on features"));
    if (button(f, "train.features", "Train on features",
               "Trains a small model on the features of AlexNet or of the current network, and the same model on the "
               "pixels"))
        begin_lesson(f, Lesson::features);
}

void lessons(Frame& f) {
    TrainView& v = f.states.of<TrainView>();
    const bool none = lesson_of(f).lesson == Lesson::none;
    if (v.begun != lesson_of(f).lesson) {  // a new lesson needs the space
        v.begun = lesson_of(f).lesson;
        ImGui::SetNextItemOpen(none);
    }
    const bool open = ImGui::CollapsingHeader(tr_label("Lessons").c_str(), none ? ImGuiTreeNodeFlags_DefaultOpen : 0);
    f.map.mark("train.lessons");
    tooltip("Selects what to train and on which data");
    if (!open) return;
    filter_lesson(f);
    pattern_lesson(f);
    network_lessons(f);
    if (number_row(f, "seed", v.seed, 0, 100, 1,
                   "Random seed: the same seed gives the same weights, order of the images and generated images"))
        v.seed = std::max(v.seed, 0);
}

void controls(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (button(f, "train.play", t.playing ? "Pause" : "Play", "Resumes or pauses training (r)"))
        t.playing ? train(f, command::Pause{}) : train(f, command::Play{});
    same_line_if_fits(button_width("Step"));
    if (button(f, "train.step", "Step", "Trains on one batch, or runs one clustering round")) train(f, command::Step{});
    same_line_if_fits(button_width("Reset"));
    if (button(f, "train.reset", "Reset",
               t.lesson == Lesson::features
                   ? "Pauses and restarts both models from the random weights of the selected seed; keeps the features "
                     "of the images that are already computed"
               : t.lesson == Lesson::patterns
                   ? "Pauses and goes back to the first entry of the timeline"
                   : "Pauses and goes back to the initial weights: those of the file that training started from, or "
                     "else random ones of the selected seed"))
        train(f, command::Reset{static_cast<std::uint32_t>(f.states.of<TrainView>().seed)});
    same_line_if_fits(button_width("End"));
    if (button(f, "train.end", "End",
               t.lesson == Lesson::features
                   ? "Ends the lesson and discards the trained model"
                   : "Ends the lesson and discards its weights; to keep them, click 'Use these weights' instead"))
        train(f, command::End{});
    if (t.lesson == Lesson::features) return;
    if (button(f, "train.use", "Use these weights",
               "Keeps the displayed weights as the current kernels or network, and ends the lesson; Ctrl+Z undoes it"))
        train(f, command::UseWeights{});
    same_line_if_fits(button_width("Save"));
    if (button(f, "train.save", "Save",
               "Saves the displayed weights as .safetensors; to continue training LargeNet later, load LargeNet "
               "(Ctrl+4), open the file and check 'start from these weights'"))
        save_weights(f);
}

void time_line(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (t.moments() == 0) return;
    int at = static_cast<int>(t.moment);
    const int last = static_cast<int>(t.moments()) - 1;
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##moment", &at, 0, std::max(last, 1),
                         slider_format(t.lesson == Lesson::patterns ? tr_format("after round {}", t.step_at(t.moment))
                                                                    : tr_format("after step {}", t.step_at(t.moment)))
                             .c_str()))
        train(f, command::Moment{static_cast<std::size_t>(std::clamp(at, 0, last))});
    f.map.mark("train.time");
    tooltip("Timeline: drag it to any step to see the grid, the kernels and the predictions at that step");
    if (button(f, "train.replay", "Replay", "Replays the recorded steps one after the other"))
        train(f, command::Replay{});
    same_line_if_fits(ImGui::GetFontSize() * 6);
    float speed = t.speed;
    ImGui::SetNextItemWidth(std::max(ImGui::GetFontSize() * 6, ImGui::GetContentRegionAvail().x));
    if (ImGui::SliderFloat("##speed", &speed, 1, 1000, tr("%.0f recorded steps/s"), ImGuiSliderFlags_Logarithmic))
        train(f, command::Speed{speed});
    f.map.mark("train.speed");
    tooltip("Replay speed in recorded steps per second");
    ImGui::BeginDisabled(t.live);
    if (button(f, "train.from_here", "Resume from here",
               "Discards all training after this step and resumes training from it"))
        train(f, command::ResumeFromHere{});
    ImGui::EndDisabled();
}

/// Draws the progress of the lesson in one line, and its messages to the user.
void report(Frame& f) {
    const TrainingShown& t = lesson_of(f);
    if (t.lesson == Lesson::patterns) {
        const int round = t.patterns.round, rounds = t.patterns.rounds;
        muted_text(t.patterns.finished ? tr_format("round {} of {}: finished", round, rounds)
                   : t.moments() == 0  ? tr_format("round {} of {}: whitening the patches", round, rounds)
                                       : tr_format("round {} of {}", round, rounds));
    } else if (t.moments() > 0) {
        muted_text(tr_format("step {}, epoch {:.1f}, loss {:.4g}", t.view.step, t.view.epoch, t.view.loss));
    }
    const std::string& message = t.lesson == Lesson::features ? t.features.message : t.view.message;
    if (!message.empty()) ImGui::TextWrapped("%s", message.c_str());
    f.map.state("training.message", message.empty() ? "-" : message);
    const std::string skipped = skipped_note(t.data);
    const std::string note = t.note + (t.note.empty() || skipped.empty() ? "" : "; ") + skipped;
    if (!note.empty()) ImGui::TextWrapped("%s.", note.c_str());
    f.map.state("training.note", note.empty() ? "-" : note);
}

}  // namespace

void begin_lesson(Frame& f, Lesson lesson) {
    const TrainView& v = f.states.of<TrainView>();
    LessonRequest request;
    request.lesson = lesson;
    request.kernel = std::max(v.kernel - 1, 0);
    if (lesson == Lesson::filter && v.kernel == 0) {
        request.own = marked_kernel(f);
        if (!request.own) {
            f.requests.error =
                sentence("there is no kernel to learn: show a convolution and select one of its channels");
            return;
        }
    }
    request.data = v.data;
    request.from_screen = v.from_screen;
    request.filter_size = v.filter_size;
    request.shown_layer = v.shown_layer;
    request.seed = static_cast<std::uint32_t>(v.seed);
    request.document = f.draft;
    f.view.panels = true;
    f.view.side = &train_tool;
    f.view.tool = lesson == Lesson::features ? &features_tool : &grid_tool;
    train(f, command::Begin{std::move(request)});
}

void train_panel(Frame& f) {
    lessons(f);
    const TrainingShown& t = lesson_of(f);
    if (t.preparing) {
        ImGui::ProgressBar(t.prepared, {-1, 0}, tr("loading the data"));
        f.map.mark("train.progress");
        if (button(f, "train.cancel", "Cancel", "Cancels the preparation of this lesson")) train(f, command::Cancel{});
        return;
    }
    if (t.lesson == Lesson::none)
        return muted_text("Choose a lesson: kernels, feature maps and curves update during training.");
    section("LESSON");
    ImGui::TextWrapped("%s", lesson_title(t.lesson, t.title).c_str());
    controls(f);
    report(f);
    time_line(f);
    if (t.lesson == Lesson::patterns) return;
    if (t.lesson == Lesson::features) feature_scores(f);
    learned_filter(f);
    validation_strip(f);
    if (t.moments() == 0) return;
    training_curves(f);
    training_options(f);
}

}  // namespace convlens
