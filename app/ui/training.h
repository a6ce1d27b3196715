/// Lessons in the window: a training on its own thread, and the document that shows its weights.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/ui/worker.h"
#include "engine/document.h"
#include "engine/train/filter_learner.h"
#include "engine/train/step_thread.h"
#include "engine/train/trainer.h"

namespace convlens {

enum class Lesson { none, filter, largenet, patterns };

/// What is to be learnt, and on what.
struct LessonRequest {
    Lesson lesson = Lesson::none;
    int kernel = 0;        ///< Of the edge filters: the hidden one of Lesson::filter.
    bool fashion = false;  ///< Lesson::largenet on Fashion-MNIST instead of bars and crosses.
    std::uint32_t seed = 1;
    Document document;     ///< Its picture is learnt from, or shown meanwhile.
    friend bool operator==(const LessonRequest&, const LessonRequest&) = default;
};

/// What a panel reads of the lesson at hand.
struct TrainingShown {
    Lesson lesson = Lesson::none;
    std::string title;
    bool preparing = false, playing = false;
    TrainingView view;               ///< Of Lesson::filter and Lesson::largenet.
    FilterLearnerView patterns;      ///< Of Lesson::patterns.
    std::size_t moment = 0;          ///< The moment of view.time_line that is on screen ...
    bool live = true;                ///< ... which is the newest.
    std::shared_ptr<const Tensor> target, learned;  ///< The hidden kernel of Lesson::filter, and what stands for it at that moment.
};

/// A lesson that ran is kept until the next one begins. For the main thread; nothing here waits for a step.
class Training {
  public:
    /// `wake` is called from other threads when there is news.
    explicit Training(std::function<void()> wake);

    void begin(LessonRequest request);
    void play();
    void pause();
    void single_step();
    void reset();
    void stop();  ///< Ends the lesson; the document keeps the weights it has.
    void set_options(const TrainingOptions& options);
    void show_moment(std::size_t index);  ///< Of the time line; pauses.
    void replay();                        ///< Shows the time line's moments one after the other.
    void go_on_from_here();               ///< Forgets what was learnt after the moment on screen.

    /// Takes what the threads have done. A document, when a lesson has been prepared: its network before the first step. A sentence, when it
    /// can't begin.
    Expected<std::optional<Document>> poll();

    /// True while something moves.
    bool lively() const;

    /// `document` with the weights of the moment on screen, where it has the lesson's network; else as it is.
    Document with_weights(const Document& document);

    const TrainingShown& shown() const { return shown_; }

  private:
    struct Prepared {
        LessonRequest request;
        std::string title;
        Document document;
        std::shared_ptr<const Tensor> target;
        std::shared_ptr<Trainer> trainer;
        std::shared_ptr<FilterLearner> learner;
    };
    static Expected<Prepared> prepare(const LessonRequest& request);
    void take(Prepared prepared);
    const std::vector<float>* weights_on_screen() const;

    std::function<void()> wake_;
    Worker<LessonRequest, Expected<Prepared>> prepare_;
    TrainingShown shown_;
    Document begun_;                         ///< The document that the lesson began with.
    std::optional<Trainer> names_;           ///< A copy that knows the parameters' names.
    std::unique_ptr<StepThread<Trainer>> trainer_;
    std::unique_ptr<StepThread<FilterLearner>> learner_;
    long version_ = -1;
    std::uint32_t seed_ = 1;
    bool replaying_ = false;
    SharedParameters made_of_;               ///< What `made_` was made of.
    decltype(Kernels::bank) bank_;           ///< For a lesson of one convolution.
    std::shared_ptr<const ParameterMap> made_;
};

}  // namespace convlens
