/// Lessons in the window: a training on its own thread, and the document that shows its weights.
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

/// A picture whose neighbors are looked for in Lesson::features.
struct AddedPicture {
    std::string title;
    std::shared_ptr<const Image> image;    ///< As it is shown.
    std::shared_ptr<const Tensor> tensor;  ///< (1, 3, H, W) in [0,1].
};

/// What a panel reads of the lesson at hand.
struct TrainingShown {
    Lesson lesson = Lesson::none;
    std::string title, note;
    bool preparing = false, playing = false;
    float prepared = 0;          ///< The part of the preparation that is done.
    TrainingView view;           ///< Of all lessons but Lesson::patterns; of Lesson::features the model on features.
    FilterLearnerView patterns;  ///< Of Lesson::patterns.
    FeatureView features;        ///< Of Lesson::features.
    FeatureOptions feature_options;
    DataSplit data;          ///< Of Lesson::largenet and Lesson::features.
    std::size_t moment = 0;  ///< The moment of the time line that is on screen ...
    bool live = true;        ///< ... which is the newest.
    float speed = 60;        ///< Of replay(): moments a second.
    std::shared_ptr<const Tensor> target,
        learned;                        ///< The hidden kernel of Lesson::filter, and what stands for it at that moment.
    std::optional<PictureStrip> strip;  ///< Of Lesson::largenet.
    std::vector<Prediction> predictions;  ///< At that moment or just before, of strip->indices; of Lesson::features of
                                          ///< the held-out pictures, by the model on features ...
    std::vector<Prediction> pixel_predictions;  ///< ... and by the model on pixels.
    std::optional<AddedPicture> added;

    std::size_t moments() const {
        return lesson == Lesson::patterns ? patterns.time_line.size() : view.time_line.size();
    }
    /// The step, of Lesson::patterns the round, after which moment `index` is.
    long step_at(std::size_t index) const {
        return lesson == Lesson::patterns ? patterns.time_line[index].round : view.time_line[index].step;
    }
};

/// A lesson that ran is kept until the next one begins. For the main thread; nothing here waits for a step.
class Training {
  public:
    Training();

    void begin(LessonRequest request);
    void cancel();  ///< Of a preparation.
    void play();
    void pause();
    void single_step();
    void reset(std::uint32_t seed);
    void stop();  ///< Ends the lesson; the document keeps the weights it has.
    void set_options(const TrainingOptions& options);
    void set_hidden(int units);           ///< Of Lesson::features: both models anew.
    void show_moment(std::size_t index);  ///< Of the time line; pauses.
    void replay();                        ///< Shows the time line's moments one after the other.
    void set_speed(float moments_per_second) { shown_.speed = moments_per_second; }
    void resume_from_here();  ///< Forgets what was learned after the moment on screen.

    /// Looks for the neighbors of a picture, by its file or as it is.
    void add(const std::string& path);
    void add(AddedPicture picture);

    /// Takes what the threads have done. A document, when a lesson has been prepared: its network before the first
    /// step. A sentence, when it can't begin.
    Expected<std::optional<Document>> poll();

    /// True while something moves.
    bool needs_redraw() const;

    /// `document` with the weights of the moment on screen, where it has the lesson's network; else as it is.
    Document with_weights(const Document& document);

    const TrainingShown& shown() const { return shown_; }

  private:
    /// What some models say of some examples of their validation data.
    struct EvaluationRequest {
        std::vector<std::shared_ptr<Trainer>> models;  ///< Used on the worker's thread only.
        std::vector<SharedParameters> parameters;      ///< One a model.
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
    Document begun_;                                          ///< The document that the lesson began with.
    std::shared_ptr<Trainer> names_;                          ///< A copy that knows the parameters' names.
    std::vector<std::shared_ptr<Trainer>> evaluated_models_;  ///< Copies for the worker.
    std::shared_ptr<const Trainer>
        evaluated_source_;                     ///< Of Lesson::features: the model that evaluated_models_ are copies of.
    std::vector<SharedParameters> evaluated_;  ///< What it was asked for last.
    std::shared_ptr<StepThread<Trainer>> trainer_;
    std::shared_ptr<StepThread<FilterLearner>> learner_;
    std::shared_ptr<StepThread<FeatureLesson>> features_;
    std::vector<std::function<bool()>> leaving_;  ///< Threads that end: true when one has.
    long version_ = -1;
    bool replaying_ = false;
    double replayed_ = 0;  ///< Moments, with the part of the next one.
    std::chrono::steady_clock::time_point moved_;
    SharedParameters made_of_;      ///< What `made_` was made of.
    decltype(Kernels::bank) bank_;  ///< For a lesson of one convolution.
    std::shared_ptr<const ParameterMap> made_;
    Worker<LessonRequest, Expected<PreparedLesson>> prepare_;
    Worker<EvaluationRequest, EvaluationResult> evaluator_;
    Worker<std::string, Expected<AddedPicture>> add_;
};

}  // namespace convlens
