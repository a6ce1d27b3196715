/// Prepares lessons.
#include "app/ui/tools/train/lesson.h"

#include <algorithm>
#include <filesystem>

#include "app/assets.h"
#include "app/ui/language.h"
#include "engine/document/feature_network.h"
#include "engine/document/pattern.h"
#include "engine/nn/kernel_bank.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

constexpr int strip_pictures = 24;  ///< Maximum number of images in a PictureStrip.

/// Lesson::features enlarges images of at most 32x32 pixels to this size, because they are too small for AlexNet's
/// pooling, and uses at most `max_small` of them for training, so that computing their features takes only seconds.
constexpr Size2 small_features{96, 96};
constexpr int max_small = 600;

/// Returns the document's images or its pattern, each of shape (1, 3, H, W) with values in [0,1]. Fails for any other
/// input.
Expected<std::vector<std::shared_ptr<const Tensor>>> pictures_of(const Document& document) {
    std::vector<std::shared_ptr<const Tensor>> all;
    if (const auto* pictures = std::get_if<PictureInput>(&document.input.source))
        for (const auto& named : pictures->pictures) all.emplace_back(named.picture, &named.picture->color);
    if (const auto* p = std::get_if<PatternInput>(&document.input.source))
        all.push_back(std::make_shared<const Tensor>(make_pattern(p->pattern, p->size, 1)));
    if (all.empty()) return fail("a lesson needs an image or a pattern: open one first");
    return all;
}

/// Reads or generates the requested labeled images. Images in a folder of images are resized to `size`.
Expected<DataSplit> data_of(const LessonRequest& request, Size2 size, const Cancel& cancel) {
    switch (request.data.choice) {
        case DataChoice::folder:
            if (request.data.folder.empty())
                return fail(
                    "no folder of training images is chosen: choose a folder that contains a subfolder of images for "
                    "each class, or CIFAR-10's .bin files, or MNIST's idx files");
            return load_data_folder(request.data.folder, request.data.classes, size, request.seed, cancel);
        case DataChoice::fashion:
            if (!std::filesystem::exists(debian_fashion_mnist))
                return fail("{} does not exist: install Debian's package dataset-fashion-mnist", debian_fashion_mnist);
            return load_idx_folder(debian_fashion_mnist, cancel);
        case DataChoice::bars: break;
    }
    return DataSplit{std::make_shared<const DataSet>(make_bars_and_crosses(4000, request.seed)),
                     std::make_shared<const DataSet>(make_bars_and_crosses(1000, request.seed + 1))};
}

/// Makes a strip of validation images at equal intervals over the data, so that it contains all classes even if the
/// data is sorted by class.
PictureStrip strip_of(const DataSet& data) {
    PictureStrip strip;
    const int count = std::min(strip_pictures, data.size());
    strip.side = data.item.h;
    auto image =
        std::make_shared<Image>(strip.columns * strip.side, (count + strip.columns - 1) / strip.columns * strip.side);
    for (int i = 0; i < count; ++i) {
        const int index = static_cast<int>(static_cast<std::int64_t>(i) * data.size() / count);
        strip.indices.push_back(index);
        const Image one = picture_of(data, index);
        for (int y = 0; y < strip.side; ++y)
            std::copy_n(one.pixel(0, y), strip.side * 4,
                        image->pixel(i % strip.columns * strip.side, i / strip.columns * strip.side + y));
    }
    strip.image = std::move(image);
    return strip;
}

Expected<void> prepare_largenet(PreparedLesson& p, const Cancel& cancel) {
    const LessonRequest& request = p.request;
    auto data = data_of(request, {32, 32}, cancel);
    if (!data) return tl::unexpected(data.error());
    p.data = *data;
    p.strip = strip_of(*data->validation);
    TrainingTask task = largenet_task(std::move(*data), request.seed);
    LayeredNetwork network{KnownNetwork::own, std::make_shared<const Architecture>(task.architecture),
                           RandomWeights{request.seed}};
    if (request.from_screen) {
        const auto* layered = std::get_if<LayeredNetwork>(&request.document.network);
        const auto* loaded = layered ? std::get_if<LoadedWeights>(&layered->weights) : nullptr;
        if (!loaded || !loaded->parameters)
            return fail(
                "there are no weights to start from: open LargeNet and a file with its weights, or start from random "
                "weights");
        task.start = *loaded->parameters;
        network.weights = *loaded;
    }
    p.title = task.title;
    TrainingOptions options;
    options.epochs = 30;
    auto trainer = Trainer::make(std::move(task), options);
    if (!trainer) return tl::unexpected(trainer.error());
    p.trainer = std::make_shared<Trainer>(std::move(*trainer));
    choose_network(p.document, std::move(network));
    p.document.layer = "conv1";
    return {};
}

Expected<void> prepare_filter(PreparedLesson& p) {
    const LessonRequest& request = p.request;
    const auto pictures = pictures_of(p.document);
    if (!pictures) return tl::unexpected(pictures.error());
    p.target = request.own ? request.own->weight : edge_tensor(request.kernel);
    auto task = learn_filter_task(*pictures->front(), *p.target, request.seed);
    if (!task) return tl::unexpected(task.error());
    p.title =
        request.own ? request.own->title : std::string(edge_kernels()[static_cast<std::size_t>(request.kernel)].name);
    auto trainer = Trainer::make(std::move(*task), learn_filter_options());
    if (!trainer) return tl::unexpected(trainer.error());
    p.trainer = std::make_shared<Trainer>(std::move(*trainer));
    const auto start = p.trainer->parameters(*p.trainer->view().parameters);
    choose_network(p.document, ConvChain{});
    choose_kernels(p.document, LoadedKernels{KnownKernels::own, "trained kernel", start.at("conv1.weight").tensor,
                                             nullptr, Normalize::half});
    p.document.input.gray = p.target->shape().c == 1;
    // So that the kernel gives the same output on the color image after the lesson.
    p.document.kernels.gray = GrayKernels::luminance;
    return {};
}

Expected<void> prepare_patterns(PreparedLesson& p) {
    const LessonRequest& request = p.request;
    const auto pictures = pictures_of(p.document);
    if (!pictures) return tl::unexpected(pictures.error());
    FilterLearnerOptions options;
    options.size = request.filter_size, options.seed = request.seed;
    auto learner = FilterLearner::make(*pictures, options);
    if (!learner) return tl::unexpected(learner.error());
    p.title = pictures->size() > 1 ? fmt::format("{}", pictures->size()) : "";
    p.learner = std::make_shared<FilterLearner>(std::move(*learner));
    choose_network(p.document, ConvChain{});
    choose_kernels(p.document, RandomKernels{options.filters, {options.size, options.size}, request.seed});
    p.document.input.gray = false;
    return {};
}

Expected<void> prepare_features(PreparedLesson& p, const Cancel& cancel) {
    const LessonRequest& request = p.request;
    const auto* on_screen = std::get_if<LayeredNetwork>(&request.document.network);
    const auto network =
        on_screen ? Expected<LayeredNetwork>(*on_screen) : open_network("alexnet", "", find_network_places());
    if (!network) return tl::unexpected(network.error());
    const auto features = feature_network(*network, on_screen && request.shown_layer ? request.document.layer : "");
    if (!features) return tl::unexpected(features.error());
    auto data = data_of(request, features->input_size, cancel.part(0.0F, 0.9F));
    if (!data) return tl::unexpected(data.error());
    if (data->training->item.h <= 32 && features->input_size.h > 32)
        data = resized(*data, small_features, max_small, cancel.part(0.9F, 1.0F));
    if (!data) return tl::unexpected(data.error());
    p.note = features->note;
    FeatureOptions options = request.features;
    options.seed = request.seed;
    auto lesson = FeatureLesson::make(features->network, features->normalize, *data, options);
    if (!lesson) return tl::unexpected(lesson.error());
    p.title = features->title;
    p.data = std::move(*data);
    p.features = std::make_shared<FeatureLesson>(std::move(*lesson));
    return {};
}

}  // namespace

std::string lesson_title(Lesson lesson, const std::string& title) {
    switch (lesson) {
        case Lesson::filter: return tr_format("Learn the filter {}", title);
        case Lesson::patterns:
            return title.empty() ? tr("Filters from this image") : tr_format("Filters from these {} images", title);
        case Lesson::features: return tr_format("Train on features: {}", title);
        case Lesson::none:
        case Lesson::largenet: break;
    }
    return title;
}

std::string skipped_note(const DataSplit& data) {
    if (!data.training || data.training->skipped == 0) return "";
    const DataSet& training = *data.training;
    return tr_format("{} of {} images were skipped; the first: {}", training.skipped,
                     training.skipped + static_cast<std::size_t>(training.size() + data.validation->size()),
                     training.complaints.empty() ? "" : training.complaints.front());
}

std::shared_ptr<const Tensor> edge_tensor(int index) {
    const NamedKernel& k =
        edge_kernels()[static_cast<std::size_t>(std::clamp(index, 0, static_cast<int>(edge_kernels().size()) - 1))];
    auto kernel = std::make_shared<Tensor>(Shape{1, 1, k.size.h, k.size.w});
    std::ranges::copy(k.values, kernel->data());
    return kernel;
}

Expected<PreparedLesson> prepare_lesson(const LessonRequest& request, const Cancel& cancel) {
    PreparedLesson p;
    p.request = request;
    p.document = request.document;
    Expected<void> done;
    switch (request.lesson) {
        case Lesson::none: return canceled();
        case Lesson::filter: done = prepare_filter(p); break;
        case Lesson::largenet: done = prepare_largenet(p, cancel); break;
        case Lesson::patterns: done = prepare_patterns(p); break;
        case Lesson::features: done = prepare_features(p, cancel); break;
    }
    if (!done) return tl::unexpected(done.error());
    return p;
}

}  // namespace convlens
