/// Features of pictures, models on top of them, principal components, neighbours.
#include "engine/train/feature_lesson.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/io/resize.h"

namespace convlens {
namespace {

constexpr Size2 pixel_size{32, 32};

/// The picture as a row of reduced pixels.
Expected<std::vector<float>> pixels_of(const Tensor& picture) {
    const auto small = resize(picture, pixel_size, "the picture");
    if (!small) return tl::unexpected(small.error());
    return std::vector<float>(small->data(), small->data() + small->size());
}

Tensor tensor_of(const DataSet& data, int index) {
    const Image image = picture_of(data, index);
    Tensor tensor({1, 3, image.height, image.width});
    for (int c = 0; c < 3; ++c)
        for (std::size_t i = 0; i < tensor.shape().plane(); ++i) tensor.plane(0, c)[i] = static_cast<float>(image.rgba[i * 4 + static_cast<std::size_t>(c)]) / 255.0F;
    return tensor;
}

/// The first two principal components of rows with mean near 0, by power iteration on X'X without forming it.
std::vector<std::array<float, 2>> principal(const std::vector<float>& rows, std::size_t dimensions) {
    const std::size_t count = rows.size() / dimensions;
    std::vector<std::array<float, 2>> points(count);
    std::vector<std::vector<double>> axes;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        std::vector<double> v(dimensions), next(dimensions);
        for (std::size_t i = 0; i < dimensions; ++i) v[i] = 1.0 + static_cast<double>((i * 7919 + axis * 31) % 101) / 101.0;
        for (int round = 0; round < 20; ++round) {
            std::fill(next.begin(), next.end(), 0.0);
            for (std::size_t n = 0; n < count; ++n) {
                const float* row = &rows[n * dimensions];
                double along = 0;
                for (std::size_t i = 0; i < dimensions; ++i) along += static_cast<double>(row[i]) * v[i];
                for (std::size_t i = 0; i < dimensions; ++i) next[i] += along * static_cast<double>(row[i]);
            }
            for (const auto& before : axes) {  // at right angles to the first
                const double part = std::inner_product(next.begin(), next.end(), before.begin(), 0.0);
                for (std::size_t i = 0; i < dimensions; ++i) next[i] -= part * before[i];
            }
            const double length = std::sqrt(std::max(1e-30, std::inner_product(next.begin(), next.end(), next.begin(), 0.0)));
            for (std::size_t i = 0; i < dimensions; ++i) v[i] = next[i] / length;
        }
        for (std::size_t n = 0; n < count; ++n) {
            double along = 0;
            for (std::size_t i = 0; i < dimensions; ++i) along += static_cast<double>(rows[n * dimensions + i]) * v[i];
            points[n][axis] = static_cast<float>(along);
        }
        axes.push_back(std::move(v));
    }
    return points;
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
    for (std::size_t i = 0; i < std::min(found.size(), static_cast<std::size_t>(std::max(0, wanted))); ++i) indices.push_back(found[i].second);
    return indices;
}

}  // namespace

Expected<FeatureLesson> FeatureLesson::make(const Network& network, Normalize normalize, DataSplit pictures, const FeatureOptions& options, const Simd* simd) {
    if (!pictures.training || !pictures.validation || pictures.training->classes.size() < 2) return fail("features need pictures of at least two classes, some of them held out");
    Shape shape = pictures.training->item;
    shape.c = 3;
    const Shape item = shape;
    std::vector<LayerSpec> layers;
    Network used;
    for (const Layer& layer : network.layers) {
        const auto out = output_shape(layer, shape);
        if (!out) return tl::unexpected(out.error());
        const bool same = std::holds_alternative<Dropout>(layer.operation) || (std::holds_alternative<AdaptiveAvgPool2d>(layer.operation) && *out == shape);
        shape = *out;
        if (same) continue;
        OperationSpec spec = spec_of(layer.operation);
        layers.push_back({layer.name, std::move(spec)});
        used.layers.push_back(layer);
    }
    auto net = LaneNet::make(layers, item);
    if (!net) return tl::unexpected(net.error());
    FeatureLesson lesson(std::move(*net));
    lesson.parameters_ = lesson.net_.flatten(parameters_of(used));
    lesson.normalize_ = normalize;
    lesson.pictures_ = std::move(pictures);
    lesson.options_ = options;
    lesson.simd_ = simd ? simd : &available_simd().front();
    const auto count = static_cast<std::size_t>(lesson.pictures_count());
    lesson.features_.dimensions = static_cast<int>(shape.count());
    lesson.pixels_.dimensions = 3 * pixel_size.h * pixel_size.w;
    if (count * shape.count() > std::size_t{1} << 29U) return fail("{} pictures with {} features each need more than 2 GB", count, shape.count());
    for (Space* space : {&lesson.features_, &lesson.pixels_}) space->values.resize(count * static_cast<std::size_t>(space->dimensions)), space->seen.dimensions = space->dimensions;
    lesson.features_.seen.title = used.layers.back().name;
    lesson.pixels_.seen.title = "pixels";
    return lesson;
}

void FeatureLesson::run(const DataSet& data, std::span<const int> indices, float* rows) {
    const auto dimensions = static_cast<std::size_t>(features_.dimensions);
    net_.forward(*simd_, parameters_,
                 {1, [&](int, float* to) { put_examples(data, indices.data(), static_cast<int>(indices.size()), 3, normalize_, to); },
                  [&](int, const float* output, float*) {
                      for (std::size_t l = 0; l < indices.size(); ++l)
                          for (std::size_t i = 0; i < dimensions; ++i) rows[l * dimensions + i] = output[i * lane_images + l];
                  },
                  {}});
}

/// Sixteen pictures from the `first` on, all of the training or all held out.
void FeatureLesson::compute(int first) {
    const int training = pictures_.training->size();
    const DataSet& data = first < training ? *pictures_.training : *pictures_.validation;
    const int begin = first < training ? first : first - training, here = std::min(lane_images, data.size() - begin);
    std::vector<int> indices(static_cast<std::size_t>(here));
    std::iota(indices.begin(), indices.end(), begin);
    run(data, indices, &features_.values[static_cast<std::size_t>(first) * static_cast<std::size_t>(features_.dimensions)]);
    for (int i = 0; i < here; ++i) {
        const auto row = pixels_of(tensor_of(data, begin + i));
        const auto at = static_cast<std::ptrdiff_t>(first + i) * pixels_.dimensions;
        if (row) std::copy(row->begin(), row->end(), pixels_.values.begin() + at);
    }
    done_ = first + here;
}

void FeatureLesson::standardise(Space& space) const {
    const auto dimensions = static_cast<std::size_t>(space.dimensions), training = static_cast<std::size_t>(pictures_.training->size());
    space.mean.resize(dimensions), space.scale.resize(dimensions);
    for (std::size_t i = 0; i < dimensions; ++i) {
        double sum = 0, squares = 0;
        for (std::size_t n = 0; n < training; ++n) {
            const double v = static_cast<double>(space.values[n * dimensions + i]);
            sum += v, squares += v * v;
        }
        const double mean = sum / static_cast<double>(training), variance = std::max(0.0, squares / static_cast<double>(training) - mean * mean);
        space.mean[i] = static_cast<float>(mean);
        space.scale[i] = variance > 1e-12 ? static_cast<float>(1.0 / std::sqrt(variance)) : 0.0F;
    }
    for (std::size_t at = 0; at < space.values.size(); ++at) space.values[at] = (space.values[at] - space.mean[at % dimensions]) * space.scale[at % dimensions];
}

Expected<void> FeatureLesson::prepare(Space& space) {
    standardise(space);
    space.seen.points = std::make_shared<const std::vector<std::array<float, 2>>>(principal(space.values, static_cast<std::size_t>(space.dimensions)));
    const auto part = [&](const DataSet& from, int first) {
        DataSet data;
        data.title = space.seen.title;
        data.item = {1, space.dimensions, 1, 1};
        const auto begin = space.values.begin() + static_cast<std::ptrdiff_t>(first) * space.dimensions;
        data.values = std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(from.size()) * space.dimensions);
        data.labels = from.labels;
        data.classes = from.classes;
        return std::make_shared<const DataSet>(std::move(data));
    };
    TrainingTask task;
    task.title = "a model on " + space.seen.title;
    task.seed = options_.seed;
    task.data = {part(*pictures_.training, 0), part(*pictures_.validation, pictures_.training->size())};
    const int classes = static_cast<int>(pictures_.training->classes.size());
    auto& layers = task.architecture.layers;
    if (options_.hidden > 0) layers = {{"fc1", LinearSpec{space.dimensions, options_.hidden}}, {"relu1", ReLU{}}, {"fc2", LinearSpec{options_.hidden, classes}}};
    if (options_.hidden <= 0) layers = {{"fc1", LinearSpec{space.dimensions, classes}}};
    task.architecture.name = "the model";
    auto trainer = Trainer::make(std::move(task), options_.training, simd_);
    if (!trainer) return tl::unexpected(trainer.error());
    space.trainer = std::move(*trainer);
    return {};
}

bool FeatureLesson::step() {
    if (finished_) return false;
    if (done_ < pictures_count()) return compute(done_), true;
    if (!ready_) {
        // The models' shapes are the features' own, so that they can't be refused.
        for (Space* space : {&features_, &pixels_})
            if (const auto ok = prepare(*space); !ok) return space->seen.training.message = ok.error().message, finished_ = true, false;
        return ready_ = true;
    }
    const bool features = features_.trainer->step(), pixels = pixels_.trainer->step();
    finished_ = !features && !pixels;
    return !finished_;
}

FeatureView FeatureLesson::view() const {
    FeatureView view{done_, pictures_count(), features_.seen, pixels_.seen, finished_};
    if (ready_) view.features.training = features_.trainer->view(), view.pixels.training = pixels_.trainer->view();
    return view;
}

Expected<Neighbours> FeatureLesson::neighbours(const Tensor& picture, int count) {
    if (!ready_) return fail("the features of the pictures are not all there yet");
    const Shape item = net_.input_shape();
    auto shown = resize(picture, {item.h, item.w}, "the picture");
    if (!shown) return tl::unexpected(shown.error());
    auto pixels = pixels_of(picture);
    if (!pixels) return tl::unexpected(pixels.error());
    DataSet one;
    one.item = item;
    one.values = std::vector<float>(shown->data(), shown->data() + shown->size());
    one.labels = {0};
    std::vector<float> features(static_cast<std::size_t>(features_.dimensions));
    const int first = 0;
    run(one, {&first, 1}, features.data());
    for (std::size_t i = 0; i < features.size(); ++i) features[i] = (features[i] - features_.mean[i]) * features_.scale[i];
    for (std::size_t i = 0; i < pixels->size(); ++i) (*pixels)[i] = ((*pixels)[i] - pixels_.mean[i]) * pixels_.scale[i];
    return Neighbours{nearest(features_.values, features, count), nearest(pixels_.values, *pixels, count)};
}

}  // namespace convlens
