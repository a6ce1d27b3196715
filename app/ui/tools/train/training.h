/// Lessons in the window: training on a separate thread, and the document that shows its weights.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/tools/train/lesson.h"
#include "app/ui/worker.h"
#include "engine/train/step_thread.h"

namespace convlens {

/// An image whose nearest neighbors are searched for in Lesson::features.
struct AddedPicture {
    std::string title;
    std::shared_ptr<const Image> image;    ///< The image as it is displayed.
    std::shared_ptr<const Tensor> tensor;  ///< (1, 3, H, W) in [0,1].
};

/// State of the current lesson for the panels.
struct TrainingShown {
    Lesson lesson = Lesson::none;
    std::string title, note;
    bool preparing = false, playing = false;
    float prepared = 0;  ///< Progress of the preparation, 0..1.
    TrainingView view;   ///< View of all lessons except Lesson::patterns; for Lesson::features, the model on features.
    FilterLearnerView patterns;  ///< View of Lesson::patterns.
    FeatureView features;        ///< View of Lesson::features.
    FeatureOptions feature_options;
    DataSplit data;          ///< Data of Lesson::largenet and Lesson::features.
    std::size_t moment = 0;  ///< Index of the timeline step that is on screen ...
    bool live = true;        ///< ... which is the newest one.
    float speed = 60;        ///< Timeline steps per second of replay().
    std::shared_ptr<const Tensor> target,
        learned;                          ///< The hidden kernel of Lesson::filter, and the learned kernel at that step.
    std::optional<PictureStrip> strip;    ///< Held-out images of Lesson::largenet.
    std::vector<Prediction> predictions;  ///< Predictions at that step or just before: of strip->indices, or for
                                          ///< Lesson::features of the held-out images by the model on features ...
    std::vector<Prediction> pixel_predictions;  ///< ... and by the model on pixels.
    std::optional<AddedPicture> added;

    std::size_t moments() const {
        return lesson == Lesson::patterns ? patterns.time_line.size() : view.time_line.size();
    }
    /// The training step of timeline entry `index`; for Lesson::patterns, the round.
    long step_at(std::size_t index) const {
        return lesson == Lesson::patterns ? patterns.time_line[index].round : view.time_line[index].step;
    }
};

/// Keeps a finished lesson until the next one begins. Used on the main thread; no function waits for a training step.
class Training {
  public:
    Training();

    void begin(LessonRequest request);
    void cancel();  ///< Cancels a preparation.
    void play();
    void pause();
    void single_step();
    void reset(std::uint32_t seed);
    void stop();  ///< Ends the lesson; the document keeps its weights.
    void set_options(const TrainingOptions& options);
    void set_hidden(int units);           ///< For Lesson::features: resets both models.
    void show_moment(std::size_t index);  ///< Shows an entry of the timeline; pauses.
    void replay();                        ///< Shows the entries of the timeline one after the other.
    void set_speed(float moments_per_second) { shown_.speed = moments_per_second; }
    void resume_from_here();  ///< Discards all training after the step on screen and resumes.

    /// Searches for the nearest neighbors of an image, given by its file or as pixels.
    void add(const std::string& path);
    void add(AddedPicture picture);

    /// Takes the results of the threads. Returns a document when a lesson is prepared: its network before the first
    /// step. Fails with an error message if the lesson cannot begin.
    Expected<std::optional<Document>> poll();

    /// True while something changes continuously.
    bool needs_redraw() const;

    /// Returns `document` with the weights of the step on screen if it has the lesson's network, else unchanged.
    Document with_weights(const Document& document);

    const TrainingShown& shown() const { return shown_; }

  private:
    /// Predictions to compute: some models on examples of their validation data.
    struct EvaluationRequest {
        std::vector<std::shared_ptr<Trainer>> models;  ///< Used on the worker thread only.
        std::vector<SharedParameters> parameters;      ///< One per model.
        std::vector<int> indices;
    };
    using EvaluationResult = std::vector<std::vector<Prediction>>;

    void take(PreparedLesson prepared);
    void take_views();
    void move_on();
    void evaluate_models();
    SharedParameters weights_on_screen() const;
    std::shared_ptr<const Tensor> bank_on_screen() const;

    template <class Call>
    void each_thread(const Call& call) {
        if (trainer_) call(*trainer_);
        if (learner_) call(*learner_);
        if (features_) call(*features_);
    }

    TrainingShown shown_;
    Document begun_;                                          ///< The document with which the lesson began.
    std::shared_ptr<Trainer> names_;                          ///< A copy that knows the names of the parameters.
    std::vector<std::shared_ptr<Trainer>> evaluated_models_;  ///< Copies for the worker.
    std::shared_ptr<const Trainer>
        evaluated_source_;  ///< For Lesson::features: the model that evaluated_models_ are copies of.
    std::vector<SharedParameters> evaluated_;  ///< Parameters of the last request.
    std::shared_ptr<StepThread<Trainer>> trainer_;
    std::shared_ptr<StepThread<FilterLearner>> learner_;
    std::shared_ptr<StepThread<FeatureLesson>> features_;
    std::vector<std::function<bool()>>
        leaving_;  ///< Threads that are ending; each function returns true when its thread has ended.
    long version_ = -1;
    bool replaying_ = false;
    double replayed_ = 0;  ///< Position in the timeline, with a fractional part.
    std::chrono::steady_clock::time_point moved_;
    SharedParameters made_of_;      ///< The parameters from which `made_` was made.
    decltype(Kernels::bank) bank_;  ///< Kernel bank of a lesson on a single convolution.
    std::shared_ptr<const ParameterMap> made_;
    Worker<LessonRequest, Expected<PreparedLesson>> prepare_;
    Worker<EvaluationRequest, EvaluationResult> evaluator_;
    Worker<std::string, Expected<AddedPicture>> add_;
};

}  // namespace convlens
