/// Runs the threads of the current lesson and takes their results.
#include "app/ui/tools/train/training.h"

#include <algorithm>
#include <array>
#include <new>
#include <thread>

#include "app/ui/wake.h"
#include "engine/core/parallel.h"
#include "engine/export/training_moments.h"
#include "engine/io/image_file.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int max_evaluated = 500;   ///< Maximum number of held-out images with predictions.
constexpr int wanted_neighbors = 8;  ///< Number of nearest neighbors in each space.
constexpr int added_side = 224;      ///< Side of the displayed picture of an added image in pixels.

/// Returns the number of threads for training: one less than the number of cores, so that one is left to the window.
int training_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1); }

/// Asks the thread to end, without waiting, and resets `thread`. The returned function returns true when it has ended.
template <class Job>
std::function<bool()> end(std::shared_ptr<StepThread<Job>>& thread) {
    thread->end();
    return [leaving = std::exchange(thread, nullptr)] { return leaving->ended(); };
}

/// Reads an image file.
Expected<AddedPicture> load_added(const std::string& path) {
    auto picture = load_picture(path);
    if (!picture) return tl::unexpected(picture.error());
    constexpr std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
    AddedPicture added{std::filesystem::path(path).filename().string(), nullptr,
                       std::make_shared<const Tensor>(std::move(picture->color))};
    added.image = std::make_shared<const Image>(input_picture(*added.tensor, 0, added_side, lo.data(), hi.data()));
    return added;
}

}  // namespace

Training::Training()
    : prepare_(
          [] {
              return [](const LessonRequest& request, const Cancel& cancel) -> std::optional<Expected<PreparedLesson>> {
                  try {
                      auto prepared = prepare_lesson(request, cancel);
                      if (!prepared && prepared.error().canceled) return std::nullopt;
                      return prepared;
                  } catch (const std::bad_alloc&) {
                      return fail("there is not enough memory for this lesson: use fewer or smaller images");
                  }
              };
          },
          wake_window),
      evaluator_(
          [] {
              return [arena = std::make_shared<Arena>(1)](const EvaluationRequest& r, const Cancel&) {
                  EvaluationResult evaluated;
                  for (std::size_t i = 0; i < r.models.size(); ++i)
                      evaluated.push_back(arena->execute([&] {
                          return r.models[i]->predict(*r.parameters[i], *r.models[i]->task().data.validation,
                                                      r.indices);
                      }));
                  return std::optional(std::move(evaluated));
              };
          },
          wake_window),
      add_(
          [] {
              return [](const std::string& path, const Cancel&) -> std::optional<Expected<AddedPicture>> {
                  try {
                      return load_added(path);
                  } catch (const std::bad_alloc&) {
                      return fail("{}: there is not enough memory to load it", path);
                  }
              };
          },
          wake_window) {}

void Training::begin(LessonRequest request) {
    stop();
    shown_.preparing = true;
    shown_.lesson = request.lesson;
    prepare_.submit(std::make_shared<const LessonRequest>(std::move(request)));
}

void Training::cancel() {
    if (!shown_.preparing) return;
    // An empty request replaces the running one, which then gives up.
    prepare_.submit(std::make_shared<const LessonRequest>());
    stop();
}

void Training::take(PreparedLesson p) {
    stop();
    shown_.lesson = p.request.lesson;
    shown_.title = p.title;
    shown_.note = p.note;
    shown_.target = p.target;
    shown_.data = p.data;
    shown_.strip = std::move(p.strip);
    shown_.feature_options = p.request.features;
    shown_.feature_options.seed = p.request.seed;
    begun_ = p.document;
    bank_ = p.document.kernels.bank;
    if (p.trainer) {
        names_ = std::make_shared<Trainer>(*p.trainer);
        if (shown_.strip) evaluated_models_ = {std::make_shared<Trainer>(*p.trainer)};
        trainer_ = std::make_shared<StepThread<Trainer>>(std::move(*p.trainer), training_threads(), wake_window);
    } else if (p.learner) {
        learner_ = std::make_shared<StepThread<FilterLearner>>(std::move(*p.learner), training_threads(), wake_window);
    } else {
        features_ =
            std::make_shared<StepThread<FeatureLesson>>(std::move(*p.features), training_threads(), wake_window);
    }
    play();
}

void Training::play() {
    shown_.live = true;
    replaying_ = false;
    each_thread([](auto& thread) { thread.play(); });
}

void Training::pause() {
    replaying_ = false;
    each_thread([](auto& thread) { thread.pause(); });
}

void Training::single_step() {
    shown_.live = true;
    replaying_ = false;
    each_thread([](auto& thread) { thread.single_step(); });
}

void Training::reset(std::uint32_t seed) {
    pause();
    shown_.live = true;
    shown_.feature_options.seed = seed;
    if (trainer_) trainer_->change([seed](Trainer& t) { t.reset(seed); });
    if (learner_) learner_->change([](FilterLearner& l) { l.go_back(0); });
    if (features_) features_->change([options = shown_.feature_options](FeatureLesson& l) { l.reset(options); });
}

void Training::stop() {
    if (trainer_) leaving_.push_back(end(trainer_));
    if (learner_) leaving_.push_back(end(learner_));
    if (features_) leaving_.push_back(end(features_));
    names_.reset();
    evaluated_models_.clear();
    evaluated_source_.reset();
    evaluated_.clear();
    made_of_.reset();
    made_.reset();
    version_ = -1;
    replaying_ = false;
    shown_ = TrainingShown();
}

void Training::set_options(const TrainingOptions& options) {
    shown_.view.options = options;
    shown_.feature_options.training = options;
    if (trainer_) trainer_->change([options](Trainer& t) { t.set_options(options); });
    if (features_) features_->change([options](FeatureLesson& l) { l.set_options(options); });
}

void Training::set_hidden(int units) {
    shown_.feature_options.hidden = units;
    evaluated_models_.clear();
    if (features_) features_->change([options = shown_.feature_options](FeatureLesson& l) { l.reset(options); });
}

void Training::show_moment(std::size_t index) {
    pause();
    shown_.live = false;
    shown_.moment = index;
}

void Training::replay() {
    if (shown_.moments() == 0) return;
    show_moment(shown_.live || shown_.moment + 1 >= shown_.moments() ? 0 : shown_.moment);
    replaying_ = true;
    replayed_ = static_cast<double>(shown_.moment);
    moved_ = std::chrono::steady_clock::now();
}

void Training::resume_from_here() {
    if (shown_.live || shown_.moment >= shown_.moments()) return;
    const long step = shown_.step_at(shown_.moment);
    if (trainer_) trainer_->change([step](Trainer& t) { t.go_back(t.present().time_line.index_at(step)); });
    if (learner_) learner_->change([index = shown_.moment](FilterLearner& l) { l.go_back(index); });
    if (features_) features_->change([step](FeatureLesson& l) { l.go_back(step); });
    play();
}

void Training::add(const std::string& path) { add_.submit(std::make_shared<const std::string>(path)); }

void Training::add(AddedPicture picture) {
    if (!features_) return;
    features_->change([tensor = picture.tensor](FeatureLesson& l) { l.add(tensor, wanted_neighbors); });
    shown_.added = std::move(picture);
}

void Training::take_views() {
    const auto newer = [&](const auto& thread) {
        if (!thread || thread->version() == version_) return false;
        version_ = thread->version();
        return true;
    };
    if (newer(trainer_)) shown_.view = trainer_->view();
    if (newer(learner_)) shown_.patterns = learner_->view();
    if (newer(features_)) {
        shown_.features = features_->view();
        shown_.view = shown_.features.features.training;
        shown_.view.options = shown_.feature_options.training;
    }
    shown_.playing = shown_.working = false;
    each_thread([&](auto& thread) { shown_.playing = thread.playing(), shown_.working = !thread.idle(); });
}

/// Sets the timeline entry on screen: the newest one or, during a replay, the one whose turn it is.
void Training::move_on() {
    const std::size_t moments = shown_.moments();
    if (shown_.live && moments > 0) shown_.moment = moments - 1;
    if (replaying_) {
        const auto now = std::chrono::steady_clock::now();
        replayed_ += std::chrono::duration<double>(now - moved_).count() * static_cast<double>(shown_.speed);
        moved_ = now;
        shown_.moment = static_cast<std::size_t>(std::max(0.0, replayed_));
        if (shown_.moment + 1 >= moments) replaying_ = false;
    }
    shown_.moment = std::min(shown_.moment, moments > 0 ? moments - 1 : 0);
}

/// Takes the latest predictions, and requests those of the weights on screen if the weights have changed.
void Training::evaluate_models() {
    if (auto evaluated = evaluator_.poll(); evaluated && evaluated->size() == evaluated_models_.size()) {
        if (!evaluated->empty()) shown_.predictions = std::move(evaluated->front());
        if (evaluated->size() > 1) shown_.pixel_predictions = std::move(evaluated->back());
    }
    const FeatureView& f = shown_.features;
    if (features_ && f.features.model != evaluated_source_)
        evaluated_models_.clear();  // the new weights belong to a model with other layers
    if (features_) evaluated_source_ = f.features.model;
    if (evaluated_models_.empty() && f.features.model && f.pixels.model)
        evaluated_models_ = {std::make_shared<Trainer>(*f.features.model), std::make_shared<Trainer>(*f.pixels.model)};
    const auto weights = weights_on_screen();
    if (evaluated_models_.empty() || !weights) return;
    EvaluationRequest request{evaluated_models_, {weights}, {}};
    if (evaluated_models_.size() > 1) {
        const TimeLine& pixels = f.pixels.training.time_line;
        if (pixels.empty()) return;
        request.parameters.push_back(shown_.live ? pixels.back().parameters
                                                 : pixels[pixels.index_at(shown_.step_at(shown_.moment))].parameters);
    }
    if (request.parameters == evaluated_) return;
    evaluated_ = request.parameters;
    if (shown_.strip) request.indices = shown_.strip->indices;
    for (int i = 0; !shown_.strip && i < std::min(max_evaluated, shown_.data.validation->size()); ++i)
        request.indices.push_back(i);
    evaluator_.submit(std::make_shared<const EvaluationRequest>(std::move(request)));
}

Expected<std::optional<Document>> Training::poll() {
    std::erase_if(leaving_, [](const auto& ended) { return ended(); });
    std::optional<Document> begun;
    shown_.prepared = prepare_.progress();
    // Ignores results that were canceled, or replaced while they ran.
    if (auto prepared = prepare_.poll(); prepared && shown_.preparing && !prepare_.busy()) {
        if (!*prepared) {
            stop();
            return tl::unexpected(prepared->error());
        }
        take(std::move(**prepared));
        if (!features_) begun = begun_;
    }
    if (auto added = add_.poll()) {
        if (!*added) return tl::unexpected(added->error());
        add(std::move(**added));
    }
    std::string failure;
    each_thread([&](auto& thread) {
        thread.poll();
        failure = thread.take_failure();
    });
    take_views();
    move_on();
    evaluate_models();
    if (!failure.empty()) return fail("training has stopped: {}", failure);
    return begun;
}

bool Training::needs_redraw() const { return shown_.preparing || shown_.working || replaying_; }

SharedParameters Training::weights_on_screen() const {
    const TimeLine& line = shown_.view.time_line;
    if (line.empty()) return nullptr;
    return shown_.live ? line.back().parameters : line[shown_.moment].parameters;
}

/// Returns whether the grid of the document shows what the lesson trains.
bool Training::trains(const Document& document) const {
    if (shown_.lesson == Lesson::none || shown_.lesson == Lesson::features || shown_.preparing) return false;
    const auto* layered = std::get_if<LayeredNetwork>(&document.network);
    if (shown_.lesson != Lesson::largenet) return has_kernels_of_lesson(document);
    const auto& ours = std::get<LayeredNetwork>(begun_.network);
    return layered && layered->architecture == ours.architecture && layered->weights == ours.weights;
}

bool Training::has_kernels_of_lesson(const Document& document) const {
    return (trainer_ || learner_) && std::holds_alternative<ConvChain>(document.network) &&
           document.kernels.bank == bank_;
}

Document Training::with_weights(const Document& document) {
    if (shown_.lesson == Lesson::none || shown_.lesson == Lesson::features || shown_.preparing) return document;
    if (learner_) {
        const auto& line = shown_.patterns.time_line;
        return trains(document) && !line.empty() ? with_learned_filters(document, line[shown_.moment].kernels)
                                                 : document;
    }
    const auto weights = weights_on_screen();
    if (!weights || !names_) return document;
    if (made_of_ != weights) {
        made_ = std::make_shared<const ParameterMap>(names_->parameters(*weights));
        made_of_ = weights;
        if (shown_.lesson == Lesson::filter) shown_.learned = made_->at("conv1.weight").tensor;
    }
    return trains(document) ? with_trained_weights(document, made_, shown_.step_at(shown_.moment)) : document;
}

RecordedMoments Training::moments(const Document& document) const {
    if (!trains(document) || shown_.moments() == 0) return {};
    if (learner_) return filter_moments(shown_.patterns.time_line);
    return names_ ? training_moments(shown_.view, *names_) : RecordedMoments{};
}

}  // namespace convlens
