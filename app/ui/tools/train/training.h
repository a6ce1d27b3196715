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
    float prepared = 0;          ///< Progress of the preparation, 0..1.
    TrainingView view;           ///< View of every lesson except Lesson::patterns; in Lesson::features, of the model on
                                 ///< features.
    FilterLearnerView patterns;  ///< View of Lesson::patterns.
    FeatureView features;        ///< View of Lesson::features.
    FeatureOptions feature_options;
    DataSplit data;          ///< Data of Lesson::largenet and Lesson::features.
    std::size_t moment = 0;  ///< Index of the timeline entry that is on screen.
    bool live = true;        ///< Whether `moment` follows the newest entry.
    float speed = 60;        ///< Timeline entries per second that replay() shows.
    std::shared_ptr<const Tensor> target,
        learned;                          ///< The target kernel of Lesson::filter, and the learned kernel at entry
                                          ///< `moment` of the timeline.
    std::optional<PictureStrip> strip;    ///< Held-out images of Lesson::largenet.
    std::vector<Prediction> predictions;  ///< Predictions with the weights of entry `moment` or of a slightly earlier
                                          ///< one: for strip->indices, or in Lesson::features for the held-out images
                                          ///< by the model on features.
    std::vector<Prediction> pixel_predictions;  ///< In Lesson::features: the same for the model on pixels.
    std::optional<AddedPicture> added;

    std::size_t moments() const {
        return lesson == Lesson::patterns ? patterns.time_line.size() : view.time_line.size();
    }
    /// Returns the training step of timeline entry `index`; in Lesson::patterns, the round.
    long step_at(std::size_t index) const {
        return lesson == Lesson::patterns ? patterns.time_line[index].round : view.time_line[index].step;
    }
};

/// The current lesson and its threads. A finished lesson is kept until the next one begins. Used on the main thread; no
/// function waits for a training step.
class Training {
  public:
    Training();

    void begin(LessonRequest request);
    void cancel();  ///< Cancels the preparation of a lesson.
    void play();
    void pause();
    void single_step();
    void reset(std::uint32_t seed);
    void stop();  ///< Ends the lesson without changing the edited document.
    void set_options(const TrainingOptions& options);
    void set_hidden(int units);           ///< In Lesson::features: restarts both models with `units` hidden units; 0
                                          ///< means no hidden layer.
    void show_moment(std::size_t index);  ///< Shows an entry of the timeline and pauses the training.
    void replay();                        ///< Shows the entries of the timeline one after the other.
    void set_speed(float moments_per_second) { shown_.speed = moments_per_second; }
    void resume_from_here();  ///< Discards all training after the step on screen and resumes from there.

    /// Searches for the nearest neighbors of an image, given by its file or as pixels.
    void add(const std::string& path);
    void add(AddedPicture picture);

    /// Takes the results of the threads. When a lesson has been prepared, returns the document with the lesson's
    /// network before the first step; nullopt in all other calls. Fails if the lesson cannot begin.
    Expected<std::optional<Document>> poll();

    /// Returns true while something changes continuously.
    bool needs_redraw() const;

    /// Returns `document`. If it has the lesson's network, its weights are replaced by those of the step on screen.
    Document with_weights(const Document& document);

    const TrainingShown& shown() const { return shown_; }

  private:
    /// Predictions to compute: some models on examples of their validation data.
    struct EvaluationRequest {
        std::vector<std::shared_ptr<Trainer>> models;  ///< Accessed only on the worker thread.
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
        evaluated_source_;                     ///< In Lesson::features: the model that evaluated_models_ are copies of.
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
