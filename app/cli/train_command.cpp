/// `convlens train`: loads the data, runs the training, and writes the files.
#include "app/cli/train_command.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/cli/train_log.h"
#include "app/fonts.h"
#include "engine/core/host.h"
#include "engine/core/parallel.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/document/feature_network.h"
#include "engine/export/training_moments.h"
#include "engine/io/file.h"
#include "engine/nn/kernel_bank.h"
#include "engine/open/checkpoint.h"
#include "engine/open/open.h"
#include "engine/train/feature_lesson.h"
#include "engine/train/filter_learner.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t interrupts = 0;

/// Counts Ctrl+C and SIGTERM; the second one ends the program immediately.
void on_interrupt([[maybe_unused]] int signal) {
    interrupts = interrupts + 1;
    if (interrupts > 1) std::_Exit(130);
#ifdef _WIN32
    std::signal(signal, on_interrupt);  // Windows removes a handler before it calls it
#endif
}

/// Counts Ctrl+C and SIGTERM in `interrupts` while an object exists, instead of ending the program.
class CatchInterrupts {
  public:
    CatchInterrupts() {
        interrupts = 0;
        before_int_ = std::signal(SIGINT, on_interrupt);
        before_term_ = std::signal(SIGTERM, on_interrupt);
    }
    ~CatchInterrupts() {
        std::signal(SIGINT, before_int_);
        std::signal(SIGTERM, before_term_);
    }
    CatchInterrupts(const CatchInterrupts&) = delete;
    CatchInterrupts& operator=(const CatchInterrupts&) = delete;

  private:
    void (*before_int_)(int);
    void (*before_term_)(int);
};

/// Loads the data that --data names. `size` is the size to which images in a folder are scaled.
Expected<DataSplit> load_data(const TrainOptions& o, Size2 size) {
    const std::string rest =
        o.data.find(':') == std::string::npos ? std::string() : o.data.substr(o.data.find(':') + 1);
    if (o.data.starts_with("fashion-mnist")) {
        if (!rest.empty()) return load_idx_folder(rest);
        if (!std::filesystem::exists(debian_fashion_mnist))
            return fail(
                "{} does not exist: install Debian's package dataset-fashion-mnist, or name a folder with --data "
                "fashion-mnist:FOLDER",
                debian_fashion_mnist);
        return load_idx_folder(debian_fashion_mnist);
    }
    if (o.data.starts_with("cifar10:")) return load_cifar10_folder(rest, o.classes);
    if (o.data.starts_with("folder:")) return load_picture_folder(rest, size, o.seed);
    return DataSplit{std::make_shared<const DataSet>(make_bars_and_crosses(4000, o.seed)),
                     std::make_shared<const DataSet>(make_bars_and_crosses(1000, o.seed + 1))};
}

/// Prints which images were skipped, and why, to standard error.
void tell_skipped(const DataSplit& data) {
    for (const std::string& complaint : data.training->complaints)
        fmt::print(stderr, "convlens: skipped: {}\n", printable(complaint));
    const std::size_t skipped = data.training->skipped,
                      all = skipped + static_cast<std::size_t>(data.training->size() + data.validation->size());
    if (skipped > 0) fmt::print(stderr, "convlens: {} of {} pictures skipped\n", skipped, all);
}

/// Loads the images for the lessons "filter" and "filters", each (1, 3, H, W) with values in [0,1].
Expected<std::vector<std::shared_ptr<const Tensor>>> load_images(const TrainOptions& o, const Assets& assets) {
    const std::vector<std::string> cat{"sample:cat"};
    const auto input = open_input(o.images.empty() ? cat : o.images, 1, assets);
    if (!input) return tl::unexpected(input.error());
    std::vector<std::shared_ptr<const Tensor>> images;
    if (const auto* pictures = std::get_if<PictureInput>(&*input)) {
        for (const auto& named : pictures->pictures) images.emplace_back(named.picture, &named.picture->color);
        return images;
    }
    const auto& pattern = std::get<PatternInput>(*input);
    images.push_back(std::make_shared<const Tensor>(make_pattern(pattern.pattern, pattern.size, o.seed)));
    return images;
}

/// Returns kernel --kernel-index of the file that --kernel names, (1, C, KH, KW).
Expected<std::shared_ptr<const Tensor>> own_kernel(const TrainOptions& o, const Assets& assets) {
    std::error_code ignored;
    if (!std::filesystem::exists(o.kernel, ignored) && o.kernel.find(':') == std::string::npos)
        return fail(
            "'{}' is neither one of the 64 edge filters nor a file: expected a name such as 'Sobel x' or "
            "'Gauss dx', or a file of kernels",
            o.kernel);
    const auto opened = open_kernels(o.kernel, assets);
    if (!opened) return tl::unexpected(opened.error());
    const auto* bank = std::get_if<LoadedKernels>(&opened->bank);
    if (!bank) return fail("'{}': expected the name of an edge filter or a file of kernels", o.kernel);
    const Shape& s = bank->weight->shape();
    if (o.kernel_index >= s.n)
        return fail("{}: the file has {} kernels, so --kernel-index {} is out of range", o.kernel, s.n, o.kernel_index);
    auto kernel = std::make_shared<Tensor>(Shape{1, s.c, s.h, s.w});
    for (int c = 0; c < s.c; ++c)
        std::ranges::copy(bank->weight->plane(o.kernel_index, c), kernel->plane(0, c).begin());
    return kernel;
}

/// Returns the training task of the lesson "filter" or "largenet".
Expected<TrainingTask> make_task(const TrainOptions& o, const Assets& assets) {
    if (o.lesson == "filter") {
        const auto images = load_images(o, assets);
        if (!images) return tl::unexpected(images.error());
        const auto& image = images->front();
        for (const NamedKernel& k : edge_kernels()) {
            if (k.name != o.kernel) continue;
            Tensor kernel({1, 1, k.size.h, k.size.w});
            std::copy(k.values.begin(), k.values.end(), kernel.data());
            return learn_filter_task(*image, kernel, o.seed);
        }
        const auto own = own_kernel(o, assets);
        return own ? learn_filter_task(*image, **own, o.seed) : tl::unexpected(own.error());
    }
    auto data = load_data(o, {32, 32});
    if (!data) return tl::unexpected(data.error());
    tell_skipped(*data);
    TrainingTask task = largenet_task(std::move(*data), o.seed);
    task.shuffle = !o.no_shuffle;
    return task;
}

/// Returns the lesson's default options `t`, changed by the options that the user gave.
TrainingOptions training_options(const TrainOptions& o, TrainingOptions t) {
    if (const auto named = optimizer_from(o.optimizer); named && *named != t.optimizer.optimizer) {
        t.optimizer.optimizer = *named;
        if (*named == Optimizer::adam) t.optimizer.learning_rate = 0.001F;
    }
    if (o.learning_rate > 0) t.optimizer.learning_rate = static_cast<float>(o.learning_rate);
    if (o.momentum >= 0) t.optimizer.momentum = static_cast<float>(o.momentum);
    if (o.weight_decay >= 0) t.optimizer.weight_decay = static_cast<float>(o.weight_decay);
    if (o.batch_size > 0) t.batch_size = o.batch_size;
    if (o.steps >= 0) t.steps = o.steps, t.epochs = 0;
    if (o.epochs >= 0) t.epochs = o.epochs;
    t.patience = o.patience;
    return t;
}

/// Returns the trained network with the weights of `view`.
Network network_of(const Trainer& trainer, const TrainingView& view) {
    Network network;
    const ParameterMap parameters = trainer.parameters(*view.parameters);
    for (const LayerSpec& spec : trainer.task().architecture.layers)
        network.layers.push_back(with_parameters(spec, parameters).value());
    return network;
}

/// Trains until a stop condition is met, the training diverges or the user presses Ctrl+C. Draws the progress and
/// writes the log.
void run(Trainer& trainer, Log& log) {
    const CatchInterrupts interrupted;
    ProgressBar bar;
    std::size_t epochs = 0;
    while (interrupts == 0) {
        const bool more = trainer.step();
        const TrainingView& now = trainer.present();
        if (now.state != TrainingState::diverged && now.step > 0) log.step(now);
        for (; epochs < now.epochs.size(); ++epochs) {
            bar.clear();
            log.epoch(now.epochs[epochs]);
            if (std::isfinite(now.epochs[epochs].training_accuracy)) print_epoch(now.epochs[epochs]);
        }
        if (!more) break;
        bar.draw(trainer, static_cast<double>(now.step) / static_cast<double>(trainer.steps_per_epoch()), now.step,
                 now.loss);
    }
    bar.clear();
}

/// Writes how the grid of `document` changes with the weights to the file of --record, if there is one. Ctrl+C removes
/// what was written.
Expected<void> record(const TrainOptions& o, const Document& document, RecordedMoments moments) {
    if (o.record.empty()) return {};
    auto backend = make_cpu_backend({o.threads, ""});
    if (!backend) return tl::unexpected(backend.error());
    RecordOrder order;
    order.what = Recorded::moments, order.frames = o.record_frames, order.size = {720, 1280};
    Recording recording(document, order, o.record, export_typeface(), std::move(moments));
    const CatchInterrupts interrupted;
    for (bool more = true; more;) {
        const auto stepped = recording.step(**backend, Cancel());
        if (!stepped) return tl::unexpected(stepped.error());
        if (*stepped && interrupts > 0) return fail("interrupted: {} was not written", o.record);
        more = *stepped;
    }
    fmt::print("{} frames written to {}\n", recording.frames(), printable(o.record));
    return {};
}

/// Returns a document with the first image of --image.
Expected<Document> document_of(const TrainOptions& o, const Assets& assets) {
    Document document;
    auto input = open_input({o.images.empty() ? "sample:cat" : o.images.front()}, 1, assets);
    if (!input) return tl::unexpected(input.error());
    document.input.source = std::move(*input);
    return document;
}

/// Records the lesson "filter" or "largenet".
Expected<void> record(const TrainOptions& o, const Trainer& trainer, const Assets& assets) {
    if (o.record.empty()) return {};
    auto document = document_of(o, assets);
    if (!document) return tl::unexpected(document.error());
    const TrainingView view = trainer.view();
    if (o.lesson == "largenet") {
        const auto architecture = std::make_shared<const Architecture>(trainer.task().architecture);
        choose_network(*document, LayeredNetwork{KnownNetwork::own, architecture, RandomWeights{o.seed}});
        document->layer = "conv1";
    } else {
        document->input.gray = trainer.parameters(*view.parameters).at("conv1.weight").tensor->shape().c == 1;
        document->kernels.gray = GrayKernels::luminance;
    }
    return record(o, *document, training_moments(view, trainer));
}

/// The lesson "filters": learns kernels by clustering patches of the images, without a network and without a loss.
Expected<void> learn_filters(const TrainOptions& o, const Assets& assets) {
    const auto images = load_images(o, assets);
    if (!images) return tl::unexpected(images.error());
    FilterLearnerOptions options;
    options.size = o.kernel_size, options.seed = o.seed;
    auto learner = FilterLearner::make(*images, options);
    if (!learner) return tl::unexpected(learner.error());
    const auto begun = Clock::now();
    Arena arena(o.threads);
    {
        const CatchInterrupts interrupted;
        while (interrupts == 0 && arena.execute([&] { return learner->step(); })) {
        }
    }
    const FilterLearnerView& view = learner->view();
    fmt::print("{} filters of {}x{} in {} rounds, {:.1f} s\n", options.filters, options.size, options.size, view.round,
               std::chrono::duration<double>(Clock::now() - begun).count());
    if (o.out.empty() && o.record.empty()) return {};
    if (!view.kernels)
        return fail("{}: not written, because the training was stopped before it learned anything",
                    o.out.empty() ? o.record : o.out);
    const auto record_it = [&]() -> Expected<void> {
        auto document = document_of(o, assets);
        if (!document) return tl::unexpected(document.error());
        return record(o, *document, filter_moments(view.time_line));
    };
    if (o.out.empty()) return record_it();
    const auto bytes =
        o.out.ends_with(".npz")
            ? encode_npz({{"weight", *view.kernels}})
            : Expected<std::vector<std::byte>>(encode_safetensors(
                  {{"weight", *view.kernels}},
                  {{"title",
                    fmt::format("filters learned from {}",
                                o.images.empty() ? "sample:cat" : fmt::format("{}", fmt::join(o.images, ", ")))}}));
    if (!bytes) return tl::unexpected(bytes.error());
    if (auto ok = write_file(o.out, *bytes); !ok) return ok;
    fmt::print("kernels written to {}\n", printable(o.out));
    return record_it();
}

/// The lesson "features": computes the features of all images once, then trains one model on the features and one on
/// the pixels.
Expected<void> train_on_features(const TrainOptions& o, const NetworkPlaces& places) {
    if (!o.out.empty()) return fail("--out is for the other lessons: features writes no weights");
    if (!o.record.empty()) return fail("--record is for the other lessons: features shows no grid");
    const auto opened = open_network(o.network, o.weights, places);
    if (!opened) return tl::unexpected(opened.error());
    const auto network = feature_network(*opened, o.layer);
    if (!network) return tl::unexpected(network.error());
    if (!network->note.empty()) fmt::print("{}\n", printable(network->note));
    auto data = load_data(o, network->input_size);
    if (!data) return tl::unexpected(data.error());
    tell_skipped(*data);
    constexpr Size2 small{96, 96};  // 32x32 pixels are too few for AlexNet's pooling
    if (data->training->item.h < small.h && network->input_size.h > small.h) data = resized(*data, small, 0);
    if (!data) return tl::unexpected(data.error());
    FeatureOptions options;
    options.hidden = o.hidden, options.seed = o.seed;
    options.training = training_options(o, options.training);
    auto lesson = FeatureLesson::make(network->network, network->normalize, *data, options);
    if (!lesson) return tl::unexpected(lesson.error());
    Arena arena(o.threads);
    const CatchInterrupts interrupted;
    const bool terminal = stderr_is_terminal();
    const int all = lesson->pictures().training->size() + lesson->pictures().validation->size();
    for (int steps = 0; interrupts == 0 && arena.execute([&] { return lesson->step(); }); ++steps)
        if (terminal && steps * lane_images < all)
            fmt::print(stderr, "\r\033[Kfeatures of picture {} of {}", lesson->view().pictures_done, all);
    if (terminal) fmt::print(stderr, "\r\033[K");
    const FeatureView view = lesson->view();
    fmt::print("{}: {} features; {} classes, {} pictures, {} of them held out\n", printable(network->title),
               view.features.dimensions, data->training->classes.size(), all, data->validation->size());
    auto log = Log::open(o.json_log);
    if (!log) return tl::unexpected(log.error());
    for (const FeatureSpace* space : {&view.features, &view.pixels}) {
        if (space->training.epochs.empty()) continue;
        const EpochResult& last = space->training.epochs.back();
        fmt::print("model on {}: {} epochs, accuracy {:.3f}, held out {:.3f}\n", space->title, last.epoch,
                   last.training_accuracy, last.validation_accuracy);
        for (const EpochResult& e : space->training.epochs) log->epoch(e, space->title);
    }
    if (auto closed = log->close(); !closed) return closed;
    for (const FeatureSpace* space : {&view.features, &view.pixels})
        if (space->training.state == TrainingState::diverged)
            return fail("model on {}: {}", space->title, space->training.message);
    return {};
}

}  // namespace

Expected<void> train(const TrainOptions& o, const NetworkPlaces& places) {
    const Assets& assets = places.assets;
    if (o.lesson == "features") return train_on_features(o, places);
    if (o.lesson == "filters") return learn_filters(o, assets);
    if (!o.record.empty())  // so that hours of training are not lost for a name that does not exist
        if (const auto image = document_of(o, assets); !image) return tl::unexpected(image.error());
    auto task = make_task(o, assets);
    if (!task) return tl::unexpected(task.error());
    if (!o.weights.empty()) {
        const auto file = TensorFile::open(o.weights);
        if (!file) return tl::unexpected(file.error());
        auto checkpoint = match_checkpoint(*file, o.weights, task->architecture.layers, task->architecture.name);
        if (!checkpoint) return tl::unexpected(checkpoint.error());
        task->start = std::move(checkpoint->parameters);
    }
    auto trainer = Trainer::make(
        std::move(*task),
        training_options(o, o.lesson == "filter" ? learn_filter_options() : TrainingOptions{{}, 64, 0, 10, 0}));
    if (!trainer) return tl::unexpected(trainer.error());
    auto log = Log::open(o.json_log);
    if (!log) return tl::unexpected(log.error());
    const auto begun = Clock::now();
    Arena arena(o.threads);
    arena.execute([&] { run(*trainer, *log); });
    const TrainingView view = trainer->view();
    fmt::print("{} steps in {:.1f} s, last loss {:.6f}{}\n", view.step,
               std::chrono::duration<double>(Clock::now() - begun).count(), view.loss,
               interrupts > 0 ? ", ended by Ctrl+C" : "");
    if (auto closed = log->close(); !closed) return closed;
    if (o.lesson == "filter") {
        float worst = 0;
        for (const NamedKernel& k : edge_kernels())
            if (k.name == o.kernel)
                for (std::size_t i = 0; i < k.values.size(); ++i)
                    worst = std::max(worst, std::abs(k.values[i] - (*view.parameters)[i]));
        if (const auto own = own_kernel(o, assets))
            for (std::size_t i = 0; i < (*own)->size(); ++i)
                worst = std::max(worst, std::abs((*own)->data()[i] - (*view.parameters)[i]));
        fmt::print("largest difference from '{}': {:.4f}\n", printable(o.kernel), worst);
    }
    if (!o.out.empty()) {
        const auto network = network_of(*trainer, view);
        if (auto saved = save_weights(o.out, network, trainer->task().title); !saved) return saved;
        fmt::print("weights written to {}\n", printable(o.out));
    }
    if (auto recorded = record(o, *trainer, assets); !recorded) return recorded;
    if (view.state == TrainingState::diverged) return fail("{}", view.message);
    return {};
}

}  // namespace convlens
