/// The current lesson of the window: its threads, its state for the panels, and the document that shows its weights.
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

struct RecordedMoments;

/// An image that the user adds to Lesson::features to find its nearest neighbors.
struct AddedPicture {
    std::string title;                     ///< Display title.
    std::shared_ptr<const Image> image;    ///< The image as it is displayed.
    std::shared_ptr<const Tensor> tensor;  ///< (1, 3, H, W) in [0,1].
};

/// State of the current lesson for the panels.
struct TrainingShown {
    Lesson lesson = Lesson::none;
    std::string title, note;  ///< As in PreparedLesson.
    bool preparing = false, playing = false;
    bool working = false;  ///< Whether a step or a change is running or waiting; also true while playing.
    float prepared = 0;    ///< Progress of the preparation, 0..1.
    TrainingView view;     ///< State of every lesson except Lesson::patterns; in Lesson::features, of the model on
                           ///< features.
    FilterLearnerView patterns;      ///< State of Lesson::patterns.
    FeatureView features;            ///< State of Lesson::features.
    FeatureOptions feature_options;  ///< Options of Lesson::features.
    DataSplit data;                  ///< Data of Lesson::largenet and Lesson::features.
    std::size_t moment = 0;          ///< Index of the timeline entry that is on screen.
    bool live = true;                ///< Whether `moment` is always the newest entry.
    float speed = 60;                ///< Timeline entries per second that replay() shows.
    /// In Lesson::filter: the target kernel, and the learned kernel at entry `moment` of the timeline, both (1, C, KH,
    /// KW).
    std::shared_ptr<const Tensor> target, learned;
    std::optional<PictureStrip> strip;  ///< Held-out images of Lesson::largenet.
    /// Predictions with the weights of entry `moment`, or of an earlier entry on screen until they are computed. In
    /// Lesson::largenet for strip->indices; in Lesson::features by the model on features, for at most the first 500
    /// held-out images.
    std::vector<Prediction> predictions;
    std::vector<Prediction> pixel_predictions;  ///< In Lesson::features: the same for the model on pixels.
    std::optional<AddedPicture> added;          ///< In Lesson::features: the last added image.

    /// Returns the number of entries of the timeline.
    std::size_t moments() const {
        return lesson == Lesson::patterns ? patterns.time_line.size() : view.time_line.size();
    }
    /// Returns the training step of timeline entry `index`; in Lesson::patterns, the round of k-means.
    long step_at(std::size_t index) const {
        return lesson == Lesson::patterns ? patterns.time_line[index].round : view.time_line[index].step;
    }
};

/// The current lesson and its threads. A finished lesson is kept until the next one begins. Used on the main thread.
/// With threads, no function waits for a training step; without (has_threads is false), poll() runs the steps.
class Training {
  public:
    Training();

    /// Ends the current lesson and prepares another one, which then starts training.
    void begin(LessonRequest request);
    void cancel();       ///< Cancels the preparation of a lesson.
    void play();         ///< Starts or resumes training, and shows the newest entry of the timeline.
    void pause();        ///< Pauses training after the running step.
    void single_step();  ///< Does one training step, and shows the newest entry of the timeline.
    /// Pauses, and goes back to the initial weights of `seed`. Lesson::patterns goes back to its start and ignores
    /// `seed`.
    void reset(std::uint32_t seed);
    void stop();  ///< Ends the lesson; the document that the user edits does not change.
    /// Sets the options from the next step on. Lesson::patterns has none.
    void set_options(const TrainingOptions& options);
    /// In Lesson::features: restarts both models with `units` hidden units; 0 means no hidden layer.
    void set_hidden(int units);
    void show_moment(std::size_t index);  ///< Pauses training and shows entry `index` of the timeline.
    void replay();  ///< Pauses training and shows the entries of the timeline one after the other.
    /// Sets the speed of replay(), in entries of the timeline per second.
    void set_speed(float moments_per_second) { shown_.speed = moments_per_second; }
    void resume_from_here();  ///< Discards all training after the step on screen and resumes from there.

    /// In Lesson::features: searches for the nearest neighbors of an image, given by the path of its file or as pixels.
    void add(const std::string& path);
    void add(AddedPicture picture);

    /// Takes the results of the threads. When a lesson has been prepared, returns the document with the lesson's
    /// network before the first step; returns nullopt in all other calls and for Lesson::features, which does not
    /// change the document. Fails if the lesson cannot begin, if it has stopped because of an exception, or if an added
    /// image cannot be read.
    Expected<std::optional<Document>> poll();

    /// Returns true while a lesson is prepared, trained or replayed, so that each frame may differ from the last one.
    bool needs_redraw() const;

    /// Returns true if `document` has the kernels of the current lesson, which is one on a single convolution.
    bool has_kernels_of_lesson(const Document& document) const;

    /// Returns `document`. If it has the lesson's network or kernels, their weights are replaced by those of the step
    /// on screen.
    Document with_weights(const Document& document);

    /// Returns the timeline as it is now, for a recording of `document`; none if the grid does not show what is
    /// trained.
    RecordedMoments moments(const Document& document) const;

    /// Returns the state for the panels, as of the last poll().
    const TrainingShown& shown() const { return shown_; }

  private:
    /// A request for the predictions of some models on examples of their validation data.
    struct EvaluationRequest {
        std::vector<std::shared_ptr<Trainer>> models;  ///< Accessed only on the worker thread.
        std::vector<SharedParameters> parameters;      ///< One per model.
        std::vector<int> indices;                      ///< Indices of the examples.
    };
    /// For each model, one prediction per example.
    using EvaluationResult = std::vector<std::vector<Prediction>>;

    bool trains(const Document& document) const;
    void take(PreparedLesson prepared);
    void take_views();
    void move_on();
    void evaluate_models();
    SharedParameters weights_on_screen() const;

    template <class Call>
    void each_thread(const Call& call) {
        if (trainer_) call(*trainer_);
        if (learner_) call(*learner_);
        if (features_) call(*features_);
    }

    TrainingShown shown_;
    Document begun_;                                          ///< The document with which the lesson began.
    std::shared_ptr<Trainer> names_;                          ///< A copy of the trainer that names the parameters.
    std::vector<std::shared_ptr<Trainer>> evaluated_models_;  ///< Copies of the models, for the evaluator's thread.
    std::shared_ptr<const Trainer>
        evaluated_source_;                     ///< In Lesson::features: the model that evaluated_models_ are copies of.
    std::vector<SharedParameters> evaluated_;  ///< Parameters of the last EvaluationRequest.
    std::shared_ptr<StepThread<Trainer>> trainer_;
    std::shared_ptr<StepThread<FilterLearner>> learner_;
    std::shared_ptr<StepThread<FeatureLesson>> features_;
    std::vector<std::function<bool()>>
        leaving_;        ///< Threads that are ending; each function returns true when its thread has ended.
    long version_ = -1;  ///< Version of the last view that was taken from the lesson's thread.
    bool replaying_ = false;
    double replayed_ = 0;  ///< Position of the replay: an index into the timeline with a fractional part.
    std::chrono::steady_clock::time_point moved_;  ///< Time at which `replayed_` was last advanced.
    SharedParameters made_of_;                     ///< The parameters from which `made_` was made.
    decltype(Kernels::bank) bank_;                 ///< The kernels with which a lesson on a single convolution began.
    std::shared_ptr<const ParameterMap> made_;     ///< The parameters `made_of_` by their names.
    Worker<LessonRequest, Expected<PreparedLesson>> prepare_;  ///< Prepares lessons.
    Worker<EvaluationRequest, EvaluationResult> evaluator_;    ///< Computes predictions.
    Worker<std::string, Expected<AddedPicture>> add_;          ///< Reads the files of added images.
};

}  // namespace convlens
