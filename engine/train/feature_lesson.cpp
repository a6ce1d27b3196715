/// Features of pictures, models trained on them, principal components, nearest neighbors.
#include "engine/train/feature_lesson.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/io/resize.h"
#include "engine/nn/graph.h"
#include "engine/nn/network_specs.h"

namespace convlens {
namespace {

constexpr Size2 pixel_size{32, 32};

/// Returns the pixels of the picture, resized to pixel_size, as one row.
Expected<std::vector<float>> pixels_of(const Tensor& picture) {
    const auto small = resize(picture, pixel_size, "the picture");
    if (!small) return tl::unexpected(small.error());
    return std::vector<float>(small->data(), small->data() + small->size());
}

using Axes = std::vector<std::vector<double>>;

/// Maximum number of rows that the axes are computed from, evenly spaced; more rows hardly change them.
constexpr std::size_t max_for_axes = 2000;

double along(const std::vector<double>& axis, const float* row) {
    double sum = 0;
    for (std::size_t i = 0; i < axis.size(); ++i) sum += axis[i] * static_cast<double>(row[i]);
    return sum;
}

/// Returns the first two principal axes of rows whose mean is near 0, by power iteration with X'X (X holds the rows),
/// which is never stored.
Axes principal_axes(const std::vector<float>& rows, std::size_t dimensions) {
    const std::size_t count = rows.size() / dimensions, every = (count + max_for_axes - 1) / max_for_axes;
    Axes axes;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        std::vector<double> v(dimensions), next(dimensions);
        for (std::size_t i = 0; i < dimensions; ++i)
            v[i] = 1.0 + static_cast<double>((i * 7919 + axis * 31) % 101) / 101.0;
        for (int round = 0; round < 20; ++round) {
            std::fill(next.begin(), next.end(), 0.0);
            for (std::size_t n = 0; n < count; n += every) {
                const float* row = &rows[n * dimensions];
                const double part = along(v, row);
                for (std::size_t i = 0; i < dimensions; ++i) next[i] += part * static_cast<double>(row[i]);
            }
            for (const auto& before : axes) {  // makes it orthogonal to the first axis
                const double part = std::inner_product(next.begin(), next.end(), before.begin(), 0.0);
                for (std::size_t i = 0; i < dimensions; ++i) next[i] -= part * before[i];
            }
            const double length =
                std::sqrt(std::max(1e-30, std::inner_product(next.begin(), next.end(), next.begin(), 0.0)));
            for (std::size_t i = 0; i < dimensions; ++i) v[i] = next[i] / length;
        }
        axes.push_back(std::move(v));
    }
    return axes;
}

std::array<float, 2> place(const Axes& axes, const float* row) {
    return {static_cast<float>(along(axes[0], row)), static_cast<float>(along(axes[1], row))};
}

std::vector<int> nearest(const std::vector<float>& rows, const std::vector<float>& to, int wanted) {
    const std::size_t count = rows.size() / to.size();
    std::vector<std::pair<double, int>> found;
    for (std::size_t n = 0; n < count; ++n) {
        double sum = 0;
        for (std::size_t i = 0; i < to.size(); ++i) {
            const double d = static_cast<double>(rows[n * to.size() + i] - to[i]);
            sum += d * d;
        }
        found.emplace_back(sum, static_cast<int>(n));
    }
    std::sort(found.begin(), found.end());
    std::vector<int> indices;
    for (std::size_t i = 0; i < std::min(found.size(), static_cast<std::size_t>(std::max(0, wanted))); ++i)
        indices.push_back(found[i].second);
    return indices;
}

}  // namespace

Expected<FeatureLesson> FeatureLesson::make(const Network& network, Normalize normalize, DataSplit pictures,
                                            const FeatureOptions& options, const Simd* simd) {
    if (!pictures.training || !pictures.validation || pictures.training->classes.size() < 2)
        return fail("the features lesson needs pictures of at least two classes, some of them held out");
    Shape item = pictures.training->item;
    item.c = 3;
    const auto shapes = shapes_for(network.layers, item, static_cast<int>(network.layers.size()) - 1);
    if (!shapes) return tl::unexpected(shapes.error());
    const Shape shape = shapes->back();
    std::string title;  // the last layer that changes values
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const Layer& layer = network.layers[i];
        const bool same = std::holds_alternative<Dropout>(layer.operation) ||
                          (std::holds_alternative<AdaptiveAvgPool2d>(layer.operation) && layer.inputs.empty() &&
                           (*shapes)[i + 1] == (*shapes)[i]);
        if (!same) title = layer.name;
    }
    if (title.empty()) return fail("the layers leave every image unchanged: choose a later layer");
    auto net = LaneNet::make(specs_of(network), item, false);
    if (!net) return tl::unexpected(net.error());
    FeatureLesson lesson(std::move(*net));
    lesson.parameters_ = lesson.net_.flatten(parameters_of(network));
    lesson.normalize_ = normalize;
    lesson.pictures_ = std::move(pictures);
    lesson.options_ = options;
    lesson.simd_ = simd ? simd : &available_simd().front();
    const auto count = static_cast<std::size_t>(lesson.pictures_count());
    lesson.features_.dimensions = static_cast<int>(shape.count());
    lesson.pixels_.dimensions = 3 * pixel_size.h * pixel_size.w;
    if (count * shape.count() > std::size_t{1} << 28U)
        return fail("{} pictures with {} features each need more than 1 GB: use a later layer or fewer pictures", count,
                    shape.count());
    for (Space* space : {&lesson.features_, &lesson.pixels_})
        space->values.resize(count * static_cast<std::size_t>(space->dimensions)),
            space->seen.dimensions = space->dimensions;
    lesson.features_.seen.title = std::move(title);
    lesson.pixels_.seen.title = "pixels";
    return lesson;
}

void FeatureLesson::run(const DataSet& data, std::span<const int> indices, float* rows) {
    const auto dimensions = static_cast<std::size_t>(features_.dimensions);
    const int count = static_cast<int>(indices.size());
    const auto here = [&](int block) { return std::min(lane_images, count - block * lane_images); };
    net_.forward(*simd_, parameters_,
                 {blocks_of(count),
                  [&](int block, float* to) {
                      put_examples(data, indices.data() + block * lane_images, here(block), 3, normalize_, to);
                  },
                  [&](int block, const float* output, float*) {
                      for (std::size_t l = 0; l < static_cast<std::size_t>(here(block)); ++l) {
                          float* row = rows + (static_cast<std::size_t>(block * lane_images) + l) * dimensions;
                          for (std::size_t i = 0; i < dimensions; ++i) row[i] = output[i * lane_images + l];
                      }
                  },
                  {}});
}

/// Computes the features and pixels of the next pictures, from index `first` on: up to sixteen per thread, either all
/// for training or all held out.
void FeatureLesson::compute(int first) {
    const int training = pictures_.training->size();
    const DataSet& data = first < training ? *pictures_.training : *pictures_.validation;
    const int begin = first < training ? first : first - training;
    const int here = std::min(lane_images * loop_threads(), data.size() - begin);
    std::vector<int> indices(static_cast<std::size_t>(here));
    std::iota(indices.begin(), indices.end(), begin);
    run(data, indices,
        &features_.values[static_cast<std::size_t>(first) * static_cast<std::size_t>(features_.dimensions)]);
    for (int i = 0; i < here; ++i) {
        const auto row = pixels_of(example_tensor(data, begin + i));
        const auto at = static_cast<std::ptrdiff_t>(first + i) * pixels_.dimensions;
        if (row) std::copy(row->begin(), row->end(), pixels_.values.begin() + at);
    }
    done_ = first + here;
}

void FeatureLesson::standardize(Space& space) const {
    const auto dimensions = static_cast<std::size_t>(space.dimensions),
               training = static_cast<std::size_t>(pictures_.training->size());
    space.mean.resize(dimensions), space.scale.resize(dimensions);
    for (std::size_t i = 0; i < dimensions; ++i) {
        double sum = 0, squares = 0;
        for (std::size_t n = 0; n < training; ++n) {
            const double v = static_cast<double>(space.values[n * dimensions + i]);
            sum += v, squares += v * v;
        }
        const double mean = sum / static_cast<double>(training),
                     variance = std::max(0.0, squares / static_cast<double>(training) - mean * mean);
        space.mean[i] = static_cast<float>(mean);
        space.scale[i] = variance > 1e-12 ? static_cast<float>(1.0 / std::sqrt(variance)) : 0.0F;
    }
    for (std::size_t at = 0; at < space.values.size(); ++at)
        space.values[at] = (space.values[at] - space.mean[at % dimensions]) * space.scale[at % dimensions];
}

/// Computes what does not depend on the model: standardized values, axes, points and data sets.
void FeatureLesson::prepare(Space& space) {
    standardize(space);
    const auto dimensions = static_cast<std::size_t>(space.dimensions);
    space.axes = principal_axes(space.values, dimensions);
    auto points = std::make_shared<std::vector<std::array<float, 2>>>();
    for (std::size_t n = 0; n < static_cast<std::size_t>(pictures_count()); ++n)
        points->push_back(place(space.axes, &space.values[n * dimensions]));
    space.seen.points = std::move(points);
    const auto part = [&](const DataSet& from, int first) {
        DataSet data;
        data.title = space.seen.title;
        data.item = {1, space.dimensions, 1, 1};
        const auto begin = space.values.begin() + static_cast<std::ptrdiff_t>(first) * space.dimensions;
        data.values = CountedVector<float>(begin, begin + static_cast<std::ptrdiff_t>(from.size()) * space.dimensions);
        data.labels = from.labels;
        data.classes = from.classes;
        return std::make_shared<const DataSet>(std::move(data));
    };
    space.data = {part(*pictures_.training, 0), part(*pictures_.validation, pictures_.training->size())};
}

Expected<void> FeatureLesson::begin(Space& space) {
    TrainingTask task;
    task.title = "a model on " + space.seen.title;
    task.seed = options_.seed;
    task.data = space.data;
    const int classes = static_cast<int>(pictures_.training->classes.size());
    auto& layers = task.architecture.layers;
    if (options_.hidden > 0)
        layers = {{"fc1", LinearSpec{space.dimensions, options_.hidden}},
                  {"relu1", ReLU{}},
                  {"fc2", LinearSpec{options_.hidden, classes}}};
    if (options_.hidden <= 0) layers = {{"fc1", LinearSpec{space.dimensions, classes}}};
    task.architecture.name = "the model";
    auto trainer = Trainer::make(std::move(task), options_.training, simd_);
    if (!trainer) return tl::unexpected(trainer.error());
    space.trainer = std::move(*trainer);
    space.seen.model = std::make_shared<const Trainer>(*space.trainer);
    return {};
}

void FeatureLesson::begin_both() {
    finished_ = false;
    message_.clear();
    for (Space* space : {&features_, &pixels_})
        if (const auto ok = begin(*space); !ok) message_ = ok.error().message, finished_ = true;
    ready_ = !finished_;
}

bool FeatureLesson::step() {
    if (finished_) return false;
    if (done_ < pictures_count()) return compute(done_), true;
    if (!ready_) {
        for (Space* space : {&features_, &pixels_}) prepare(*space);
        begin_both();
        if (added_) find_neighbors();
        return ready_;
    }
    const bool features = features_.trainer->step(), pixels = pixels_.trainer->step();
    finished_ = !features && !pixels;
    if (finished_) message_ = features_.trainer->present().message;
    return !finished_;
}

void FeatureLesson::reset(const FeatureOptions& options) {
    options_ = options;
    if (ready_ || finished_) begin_both();
}

void FeatureLesson::set_options(const TrainingOptions& options) {
    options_.training = options;
    if (!ready_) return;
    for (Space* space : {&features_, &pixels_}) space->trainer->set_options(options);
    finished_ = false;
    message_.clear();
}

void FeatureLesson::go_back(long step) {
    if (!ready_) return;
    for (Space* space : {&features_, &pixels_})
        space->trainer->go_back(space->trainer->present().time_line.index_at(step));
    finished_ = false;
    message_.clear();
}

FeatureView FeatureLesson::view() const {
    FeatureView view{done_, pictures_count(), features_.seen, pixels_.seen, finished_, message_, neighbors_};
    if (ready_) view.features.training = features_.trainer->view(), view.pixels.training = pixels_.trainer->view();
    return view;
}

void FeatureLesson::add(std::shared_ptr<const Tensor> picture, int count) {
    added_ = std::move(picture);
    wanted_ = count;
    if (ready_) find_neighbors();
}

void FeatureLesson::find_neighbors() {
    auto found = neighbors(*added_, wanted_);
    if (found)
        found->of = added_, neighbors_ = std::make_shared<const Neighbors>(std::move(*found));
    else
        message_ = found.error().message;
}

Expected<Neighbors> FeatureLesson::neighbors(const Tensor& picture, int count) {
    if (!ready_) return fail("the features of the pictures are not all computed yet");
    const Shape item = net_.input_shape();
    auto shown = resize(picture, {item.h, item.w}, "the picture");
    if (!shown) return tl::unexpected(shown.error());
    auto pixels = pixels_of(picture);
    if (!pixels) return tl::unexpected(pixels.error());
    DataSet one;
    one.item = item;
    one.values = CountedVector<float>(shown->data(), shown->data() + shown->size());
    one.labels = {0};
    std::vector<float> features(static_cast<std::size_t>(features_.dimensions));
    const int first = 0;
    run(one, {&first, 1}, features.data());
    for (std::size_t i = 0; i < features.size(); ++i)
        features[i] = (features[i] - features_.mean[i]) * features_.scale[i];
    for (std::size_t i = 0; i < pixels->size(); ++i) (*pixels)[i] = ((*pixels)[i] - pixels_.mean[i]) * pixels_.scale[i];
    return Neighbors{nearest(features_.values, features, count), nearest(pixels_.values, *pixels, count),
                     place(features_.axes, features.data()), place(pixels_.axes, pixels->data()), nullptr};
}

}  // namespace convlens
