/// Training of a network, step by step.
#include "engine/train/trainer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/sentence.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr float nothing = std::numeric_limits<float>::quiet_NaN();

/// Returns true if all values are finite.
bool all_finite(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

/// Shuffles `order` (Fisher-Yates) with random numbers that are the same on every platform.
void shuffle(std::vector<int>& order, std::mt19937& random) {
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[(static_cast<std::uint64_t>(random()) * i) >> 32U]);
}

/// Fails for a layer that does something else while it is trained than LaneNet, which runs layers in inference mode.
Expected<void> check_trainable(const std::vector<LayerSpec>& layers) {
    for (const LayerSpec& layer : layers) {
        if (std::holds_alternative<BatchNorm2dSpec>(layer.operation))
            return fail(
                "{}: BatchNorm2d can't be trained here, because training needs the statistics of each batch; "
                "use GroupNorm",
                layer.name);
        if (std::holds_alternative<Dropout>(layer.operation))
            return fail(
                "{}: Dropout can't be trained here, because training has to drop random values; remove the layer",
                layer.name);
    }
    return {};
}

Expected<void> check_data(const DataSet& data, const TrainingTask& task, const Shape& out) {
    if (data.size() == 0) return fail("{}: there are no examples", data.title);
    const std::size_t outputs = out.count();
    if (task.loss == Loss::mse) {
        if (data.targets.size() != outputs * static_cast<std::size_t>(data.size()))
            return fail("{}: the network outputs {} values per image, but the targets have a different size",
                        data.title, outputs);
        return {};
    }
    const std::size_t classes = data.classes.size(),
                      expected = task.loss == Loss::bce_with_logits && classes == 2 ? 1 : classes;
    if (data.labels.empty() || outputs != expected)
        return fail("{}: {} classes need {} outputs, but {} has {}", data.title, classes, expected,
                    task.architecture.name, outputs);
    return {};
}

}  // namespace

Expected<Trainer> Trainer::make(TrainingTask task, const TrainingOptions& options, const Simd* simd) {
    if (!task.data.training) return fail("{}: there is no training data", task.title);
    if (auto ok = check_trainable(task.architecture.layers); !ok) return tl::unexpected(ok.error());
    // A single channel serves as every input channel of the first convolution.
    Shape item = task.data.training->item;
    if (const auto* conv = std::get_if<Conv2dSpec>(&task.architecture.layers.front().operation); conv && item.c == 1)
        item.c = conv->in_channels;
    auto net = LaneNet::make(task.architecture.layers, item);
    if (!net) return tl::unexpected(net.error());
    for (const auto& data : {task.data.training, task.data.validation})
        if (data)
            if (auto ok = check_data(*data, task, net->output_shape()); !ok) return tl::unexpected(ok.error());
    for (const ParameterSlot& slot : net->slots()) {
        if (task.start.empty()) break;
        const auto found = task.start.find(slot.name);
        if (found == task.start.end()) return fail("{}: the start weights have no {}", task.title, slot.name);
        if (found->second.shape != slot.shape)
            return fail("{}: {} of the start weights has another shape", task.title, slot.name);
    }
    Trainer trainer(std::move(*net));
    trainer.simd_ = simd ? simd : &available_simd().front();
    trainer.options_ = trainer.view_.options = options;
    const std::uint32_t seed = task.seed;
    trainer.task_ = std::move(task);
    trainer.reset(seed);
    return trainer;
}

void Trainer::set_options(const TrainingOptions& options) {
    options_ = view_.options = options;
    if (view_.state == TrainingState::finished) view_.state = TrainingState::running, view_.message.clear();
}

void Trainer::reset(std::uint32_t seed) {
    task_.seed = seed;
    ParameterMap start = task_.start;
    if (start.empty())
        for (const LayerSpec& layer : task_.architecture.layers) start.merge(initial_parameters(layer, seed));
    parameters_ = net_.flatten(start);
    gradient_.assign(parameters_.size(), 0.0F);
    optimizer_ = {};
    random_.seed(seed);
    order_.clear();
    position_ = 0;
    best_epoch_ = 0;
    view_ = TrainingView();
    view_.options = options_;
    view_.time_line.add(0, parameters_);
}

void Trainer::go_back(std::size_t index) {
    view_.time_line.cut_after(index);
    const Snapshot& moment = view_.time_line.back();
    parameters_ = *moment.parameters;
    optimizer_ = {};
    const long per_epoch = steps_per_epoch();
    view_.step = moment.step;
    view_.losses.cut_after(moment.step);
    std::erase_if(view_.epochs, [&](const EpochResult& e) { return e.step > moment.step; });
    const long done = view_.epochs.empty() ? 0 : view_.epochs.back().step;
    // The examples get a new order; the epoch continues after the same number of examples.
    random_.seed(task_.seed ^ static_cast<std::uint32_t>(moment.step) * 2654435761U);
    order_.clear();
    begin_epoch();
    position_ = std::min(order_.size(), static_cast<std::size_t>((moment.step - done) % per_epoch) *
                                            static_cast<std::size_t>(options_.batch_size));
    if (position_ == order_.size()) order_.clear();
    best_epoch_ = 0;
    view_.state = TrainingState::running;
    view_.message.clear();
}

long Trainer::steps_per_epoch() const {
    const long examples = task_.data.training->size(), batch = std::max(1, options_.batch_size);
    return (examples + batch - 1) / batch;
}

void Trainer::begin_epoch() {
    order_.resize(static_cast<std::size_t>(task_.data.training->size()));
    std::iota(order_.begin(), order_.end(), 0);
    if (task_.shuffle) shuffle(order_, random_);
    position_ = 0;
    epoch_sums_ = {};
}

/// Returns the loss of example `index`, and computes its gradient, multiplied by `scale`, and its prediction. `output`
/// and `gradient` point to the lane of the example in a block; `gradient` may be null.
double Trainer::head(const DataSet& data, int index, const float* output, float* gradient, float scale,
                     Prediction& prediction) const {
    const std::size_t outputs = net_.output_shape().count();
    const auto put = [&](std::size_t i, float g) {
        if (gradient) gradient[i * lane_images] = g * scale;
    };
    if (task_.loss == Loss::mse) {
        const float* target = data.targets.data() + static_cast<std::size_t>(index) * outputs;
        double sum = 0;
        for (std::size_t i = 0; i < outputs; ++i) {
            float g = 0;
            sum += squared_error(output[i * lane_images], target[i], g);
            put(i, g / static_cast<float>(outputs));
        }
        return sum / static_cast<double>(outputs);
    }
    prediction.label = data.labels[static_cast<std::size_t>(index)];
    if (task_.loss == Loss::bce_with_logits) {
        float g = 0;
        const double loss = bce_with_logits(output[0], static_cast<float>(prediction.label), g);
        put(0, g);
        const float second = g + static_cast<float>(prediction.label);  // the sigmoid
        prediction.predicted = output[0] > 0 ? 1 : 0;
        prediction.confidence = prediction.predicted == 1 ? second : 1 - second;
        return loss;
    }
    std::vector<float> logits(outputs), gradients(outputs);
    for (std::size_t i = 0; i < outputs; ++i) logits[i] = output[i * lane_images];
    const double loss = cross_entropy(logits, prediction.label, gradients);
    for (std::size_t i = 0; i < outputs; ++i) put(i, gradients[i]);
    prediction.predicted = static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    const auto at = static_cast<std::size_t>(prediction.predicted);
    prediction.confidence = gradients[at] + (prediction.predicted == prediction.label ? 1.0F : 0.0F);
    return loss;
}

Trainer::Measure Trainer::run(const DataSet& data, std::span<const int> indices, bool backward,
                              std::vector<Prediction>* predictions) {
    const int count = static_cast<int>(indices.size());
    const std::size_t outputs = net_.output_shape().count();
    const float scale = 1.0F / static_cast<float>(count);
    std::vector<Measure> sums(static_cast<std::size_t>(blocks_of(count)));
    const auto here = [&](int block) { return std::min(lane_images, count - block * lane_images); };
    const LaneBatch batch{blocks_of(count),
                          [&](int block, float* to) {
                              put_examples(data, indices.data() + block * lane_images, here(block),
                                           net_.input_shape().c, task_.architecture.normalize, to);
                          },
                          [&](int block, const float* output, float* gradient) {
                              if (gradient) std::fill_n(gradient, outputs * lane_images, 0.0F);
                              Measure& sum = sums[static_cast<std::size_t>(block)];
                              for (int l = 0; l < here(block); ++l) {
                                  Prediction p;
                                  const auto at = static_cast<std::size_t>(block * lane_images + l);
                                  sum.loss +=
                                      head(data, indices[at], output + l, gradient ? gradient + l : nullptr, scale, p);
                                  sum.right += p.label == p.predicted ? 1 : 0;
                                  if (predictions) (*predictions)[at] = p;
                              }
                              sum.examples += here(block);
                          },
                          {}};
    if (backward)
        net_.forward_backward(*simd_, parameters_, batch, gradient_);
    else
        net_.forward(*simd_, parameters_, batch);
    Measure total;
    for (const Measure& m : sums) total = {total.loss + m.loss, total.right + m.right, total.examples + m.examples};
    return total;
}

void Trainer::stop(TrainingState state, std::string message) {
    view_.state = state;
    view_.message = std::move(message);
}

bool Trainer::step() {
    if (view_.state != TrainingState::running) return false;
    if (options_.steps > 0 && view_.step >= options_.steps)
        return stop(TrainingState::finished, sentence("{} steps are done", view_.step)), false;
    if (options_.epochs > 0 && static_cast<int>(view_.epochs.size()) >= options_.epochs)
        return stop(TrainingState::finished, sentence("{} epochs are done", view_.epochs.size())), false;
    if (order_.empty()) begin_epoch();
    const auto count = std::min(order_.size() - position_, static_cast<std::size_t>(std::max(1, options_.batch_size)));
    const Measure sums = run(*task_.data.training, std::span(order_).subspan(position_, count), true, nullptr);
    const double loss = sums.loss / static_cast<double>(sums.examples);
    if (!std::isfinite(loss) || !all_finite(gradient_))
        return stop(TrainingState::diverged, sentence("the loss is not a finite number at step {}: the "
                                                      "previous weights are kept; try a smaller learning rate",
                                                      view_.step + 1)),
               false;
    std::vector<float> before = parameters_;
    optimize(options_.optimizer, gradient_, parameters_, optimizer_);
    if (!all_finite(parameters_)) {
        parameters_ = std::move(before);
        return stop(TrainingState::diverged, sentence("the weights are not finite numbers at step {}: the previous "
                                                      "ones are kept; try a smaller learning rate",
                                                      view_.step + 1)),
               false;
    }
    ++view_.step;
    position_ += count;
    view_.loss = static_cast<float>(loss);
    view_.losses.add(view_.step, view_.loss);
    view_.time_line.add(view_.step, parameters_);
    epoch_sums_ = {epoch_sums_.loss + sums.loss, epoch_sums_.right + sums.right, epoch_sums_.examples + sums.examples};
    if (position_ == order_.size()) end_epoch();
    if (options_.steps > 0 && view_.step >= options_.steps)
        stop(TrainingState::finished, sentence("{} steps are done", view_.step));
    return view_.state == TrainingState::running;
}

void Trainer::end_epoch() {
    order_.clear();
    const bool labels = task_.loss != Loss::mse;
    const auto rate = [&](const Measure& m) {
        return labels ? static_cast<float>(m.right) / static_cast<float>(m.examples) : nothing;
    };
    const auto mean = [](const Measure& m) { return static_cast<float>(m.loss / static_cast<double>(m.examples)); };
    EpochResult result{
        static_cast<int>(view_.epochs.size()) + 1, view_.step, mean(epoch_sums_), rate(epoch_sums_), nothing, nothing};
    if (const auto& data = task_.data.validation) {
        std::vector<int> all(static_cast<std::size_t>(data->size()));
        std::iota(all.begin(), all.end(), 0);
        const Measure m = run(*data, all, false, nullptr);
        result.validation_loss = mean(m), result.validation_accuracy = rate(m);
        if (best_epoch_ == 0 || result.validation_loss < best_validation_)
            best_epoch_ = result.epoch, best_validation_ = result.validation_loss;
    }
    view_.epochs.push_back(result);
    if (options_.patience > 0 && best_epoch_ > 0 && result.epoch - best_epoch_ >= options_.patience)
        stop(TrainingState::finished, sentence("the validation loss has not improved on epoch {} for {} epochs",
                                               best_epoch_, options_.patience));
    if (options_.epochs > 0 && result.epoch >= options_.epochs)
        stop(TrainingState::finished, sentence("{} epochs are done", result.epoch));
}

TrainingView Trainer::view() const {
    TrainingView view = view_;
    view.parameters = view.time_line.back().parameters;
    const double part = order_.empty() ? 0.0 : static_cast<double>(position_) / static_cast<double>(order_.size());
    view.epoch = static_cast<double>(view_.epochs.size()) + part;
    return view;
}

std::vector<Prediction> Trainer::predict(const std::vector<float>& parameters, const DataSet& data,
                                         std::span<const int> indices) {
    std::vector<Prediction> result(indices.size());
    const std::vector<float> own = std::exchange(parameters_, parameters);
    run(data, indices, false, &result);
    parameters_ = own;
    return result;
}

TrainingTask largenet_task(DataSplit data, std::uint32_t seed) {
    TrainingTask task{
        "LargeNet, " + data.training->title, largenet(), Loss::bce_with_logits, std::move(data), {}, seed, true};
    const std::size_t classes = task.data.training->classes.size();
    if (classes > 2) {
        task.loss = Loss::cross_entropy;
        std::get<LinearSpec>(task.architecture.layers.back().operation).out_features = static_cast<int>(classes);
    }
    return task;
}

}  // namespace convlens
