/// Preparing lessons, following their threads.
#include "app/ui/training.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <thread>

#include "engine/nn/kernel_bank.h"
#include "engine/pattern.h"

namespace convlens {
namespace {

/// One core is left for the window.
int training_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1); }

/// The document's picture, (1, C, H, W) in [0,1].
Expected<std::shared_ptr<const Tensor>> picture_of(const Document& document) {
    if (const auto* pictures = std::get_if<PictureInput>(&document.input.source)) {
        const auto& picture = pictures->pictures.front().picture;
        return std::shared_ptr<const Tensor>(picture, &picture->color);
    }
    if (const auto* p = std::get_if<PatternInput>(&document.input.source)) return std::make_shared<const Tensor>(make_pattern(p->pattern, p->size, 1));
    return fail("a lesson learns from a picture or a pattern: open one first");
}

/// The edge filter as a kernel (1, 1, KH, KW).
std::shared_ptr<const Tensor> edge_tensor(int index) {
    const NamedKernel& k = edge_kernels()[static_cast<std::size_t>(std::clamp(index, 0, static_cast<int>(edge_kernels().size()) - 1))];
    auto kernel = std::make_shared<Tensor>(Shape{1, 1, k.size.h, k.size.w});
    std::ranges::copy(k.values, kernel->data());
    return kernel;
}

Expected<DataSplit> data_of(const LessonRequest& request) {
    if (request.fashion) {
        if (!std::filesystem::exists(debian_fashion_mnist)) return fail("{} is not there: install Debian's package dataset-fashion-mnist", debian_fashion_mnist);
        return load_idx_folder(debian_fashion_mnist);
    }
    return DataSplit{std::make_shared<const DataSet>(make_bars_and_crosses(4000, request.seed)),
                     std::make_shared<const DataSet>(make_bars_and_crosses(1000, request.seed + 1))};
}

}  // namespace

Training::Training(std::function<void()> wake)
    : wake_(wake),
      prepare_([] {
          return [](const LessonRequest& request, const Cancel&) -> std::optional<Expected<Prepared>> {
              try {
                  return prepare(request);
              } catch (const std::bad_alloc&) {
                  return fail("there is not enough memory for this lesson");
              }
          };
      }, std::move(wake)) {}

Expected<Training::Prepared> Training::prepare(const LessonRequest& request) {
    Prepared p;
    p.request = request;
    p.document = request.document;
    Document& d = p.document;
    if (request.lesson == Lesson::largenet) {
        auto data = data_of(request);
        if (!data) return tl::unexpected(data.error());
        TrainingTask task = largenet_task(std::move(*data), request.seed);
        p.title = task.title;
        LayeredNetwork network{"", std::make_shared<const Architecture>(task.architecture), RandomWeights{request.seed}};
        TrainingOptions options;
        options.epochs = 30;
        auto trainer = Trainer::make(std::move(task), options);
        if (!trainer) return tl::unexpected(trainer.error());
        p.trainer = std::make_shared<Trainer>(std::move(*trainer));
        choose_network(d, std::move(network));
        d.layer = "conv1";
        d.input.gray = false;
        return p;
    }
    const auto picture = picture_of(d);
    if (!picture) return tl::unexpected(picture.error());
    choose_network(d, ConvChain{});
    if (request.lesson == Lesson::filter) {
        p.target = edge_tensor(request.kernel);
        auto task = learn_filter_task(**picture, *p.target, request.seed);
        if (!task) return tl::unexpected(task.error());
        p.title = fmt::format("Learn the filter {}", edge_kernels()[static_cast<std::size_t>(request.kernel)].name);
        auto trainer = Trainer::make(std::move(*task), learn_filter_options());
        if (!trainer) return tl::unexpected(trainer.error());
        p.trainer = std::make_shared<Trainer>(std::move(*trainer));
        const auto start = p.trainer->parameters(*p.trainer->view().parameters);
        choose_kernels(d, LoadedKernels{"", "a kernel that learns", start.at("conv1.weight").tensor, nullptr, Normalize::half});
        d.input.gray = true;
        return p;
    }
    auto learner = FilterLearner::make({*picture}, {.seed = request.seed});
    if (!learner) return tl::unexpected(learner.error());
    p.title = "Filters from this image";
    p.learner = std::make_shared<FilterLearner>(std::move(*learner));
    choose_kernels(d, RandomKernels{64, {11, 11}, request.seed});
    d.input.gray = false;
    return p;
}

void Training::begin(LessonRequest request) {
    stop();
    shown_.preparing = true;
    shown_.lesson = request.lesson;
    prepare_.submit(std::make_shared<const LessonRequest>(std::move(request)));
}

void Training::take(Prepared p) {
    stop();
    shown_ = TrainingShown();
    shown_.lesson = p.request.lesson;
    shown_.title = p.title;
    shown_.target = p.target;
    seed_ = p.request.seed;
    begun_ = p.document;
    bank_ = p.document.kernels.bank;
    if (p.trainer) {
        names_ = *p.trainer;
        trainer_ = std::make_unique<StepThread<Trainer>>(std::move(*p.trainer), training_threads(), wake_);
    } else {
        learner_ = std::make_unique<StepThread<FilterLearner>>(std::move(*p.learner), training_threads(), wake_);
    }
    play();
}

void Training::play() {
    shown_.live = true;
    replaying_ = false;
    if (trainer_) trainer_->play();
    if (learner_) learner_->play();
}

void Training::pause() {
    replaying_ = false;
    if (trainer_) trainer_->pause();
    if (learner_) learner_->pause();
}

void Training::single_step() {
    shown_.live = true;
    replaying_ = false;
    if (trainer_) trainer_->single_step();
    if (learner_) learner_->single_step();
}

void Training::reset() {
    pause();
    shown_.live = true;
    if (trainer_) trainer_->change([seed = seed_](Trainer& t) { t.reset(seed); });
}

void Training::stop() {
    trainer_.reset();
    learner_.reset();
    names_.reset();
    made_of_.reset();
    made_.reset();
    version_ = -1;
    replaying_ = false;
    shown_ = TrainingShown();
}

void Training::set_options(const TrainingOptions& options) {
    shown_.view.options = options;
    if (trainer_) trainer_->change([options](Trainer& t) { t.set_options(options); });
}

void Training::show_moment(std::size_t index) {
    pause();
    shown_.live = false;
    shown_.moment = index;
}

void Training::replay() {
    if (shown_.view.time_line.empty()) return;
    show_moment(shown_.live || shown_.moment + 1 >= shown_.view.time_line.size() ? 0 : shown_.moment);
    replaying_ = true;
}

void Training::go_on_from_here() {
    if (!trainer_ || shown_.live || shown_.moment >= shown_.view.time_line.size()) return;
    trainer_->change([step = shown_.view.time_line[shown_.moment].step](Trainer& t) { t.go_back(t.present().time_line.index_at(step)); });
    play();
}

Expected<std::optional<Document>> Training::poll() {
    std::optional<Document> begun;
    if (auto prepared = prepare_.poll()) {
        shown_.preparing = false;
        if (!*prepared) {
            stop();
            return tl::unexpected(prepared->error());
        }
        take(std::move(**prepared));
        begun = begun_;
    }
    shown_.playing = trainer_ ? trainer_->playing() : learner_ && learner_->playing();
    if (trainer_ && trainer_->version() != version_) {
        version_ = trainer_->version();
        shown_.view = trainer_->view();
    }
    if (trainer_ && shown_.view.time_line.empty()) shown_.view = trainer_->view();
    if (learner_ && learner_->version() != version_) {
        version_ = learner_->version();
        shown_.patterns = learner_->view();
    }
    const std::size_t moments = shown_.view.time_line.size();
    if (shown_.live && moments > 0) shown_.moment = moments - 1;
    if (replaying_ && ++shown_.moment >= moments) replaying_ = false;
    shown_.moment = std::min(shown_.moment, moments > 0 ? moments - 1 : 0);
    return begun;
}

bool Training::lively() const { return shown_.preparing || shown_.playing || replaying_; }

const std::vector<float>* Training::weights_on_screen() const {
    if (!trainer_) return nullptr;
    if (shown_.live) return shown_.view.parameters.get();
    return shown_.view.time_line.empty() ? nullptr : shown_.view.time_line[shown_.moment].parameters.get();
}

Document Training::with_weights(const Document& document) {
    if (shown_.lesson == Lesson::none || shown_.preparing) return document;
    Document next = document;
    auto* layered = std::get_if<LayeredNetwork>(&next.network);
    if (learner_) {
        const bool ours = std::holds_alternative<ConvChain>(document.network) && document.kernels.bank == bank_;
        if (!ours || !shown_.patterns.kernels) return document;
        next.kernels.bank = LoadedKernels{"", "64 filters learned from this image", shown_.patterns.kernels, nullptr, Normalize::none};
        return next;
    }
    const std::vector<float>* weights = weights_on_screen();
    if (!weights || !names_) return document;
    if (!made_ || made_of_.get() != weights) {
        made_ = std::make_shared<const ParameterMap>(names_->parameters(*weights));
        made_of_ = shown_.live ? shown_.view.parameters : shown_.view.time_line[shown_.moment].parameters;
        if (shown_.lesson == Lesson::filter) shown_.learned = made_->at("conv1.weight").tensor;
    }
    if (shown_.lesson == Lesson::filter) {
        if (layered || !(document.kernels.bank == bank_)) return document;
        next.kernels.bank = LoadedKernels{"", "a kernel that learns", shown_.learned, nullptr, Normalize::half};
        return next;
    }
    const auto& ours = std::get<LayeredNetwork>(begun_.network);
    if (!layered || layered->architecture != ours.architecture || !(layered->weights == ours.weights)) return document;
    layered->weights = LoadedWeights{"", fmt::format("LargeNet after {} steps", shown_.live ? shown_.view.step : shown_.view.time_line[shown_.moment].step), made_, nullptr};
    return next;
}

}  // namespace convlens
