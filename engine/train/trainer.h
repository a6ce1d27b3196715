/// Training a network, step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/cpu/simd.h"
#include "engine/nn/architecture.h"
#include "engine/nn/parameters.h"
#include "engine/train/dataset.h"
#include "engine/train/lane_net.h"
#include "engine/train/loss.h"
#include "engine/train/optimizer.h"
#include "engine/train/time_line.h"

namespace convlens {

/// What is learned. A cheap value: the large parts are shared.
struct TrainingTask {
    std::string title;          ///< For people: "LargeNet, bars and crosses".
    Architecture architecture;  ///< Conv2d, MaxPool2d, ReLU, Flatten and Linear layers.
    Loss loss = Loss::cross_entropy;
    DataSplit data;          ///< data.validation may be null.
    ParameterMap start;      ///< Weights to go on from; empty: initial_parameters() of `seed`.
    std::uint32_t seed = 1;  ///< Of the initial weights and of the order of the examples.
    bool shuffle = true;     ///< A new order each epoch; else the order of the data.
};

/// How it is learned: all of it may change between two steps.
struct TrainingOptions {
    OptimizerOptions optimizer;
    int batch_size = 64;  ///< At least 1; the last batch of an epoch may be smaller.
    long steps = 0;       ///< Stop after so many; 0: no end.
    int epochs = 0;       ///< Stop after so many; 0: no end.
    int patience = 0;     ///< Stop when the validation loss has not been a new best for so many epochs; 0: never.
    friend bool operator==(const TrainingOptions&, const TrainingOptions&) = default;
};

/// What an epoch came to.
struct EpochResult {
    int epoch = 0;                                   ///< From 1.
    long step = 0;                                   ///< Steps made at its end.
    float training_loss = 0, training_accuracy = 0;  ///< Means over its batches, as the weights changed. Accuracies are
                                                     ///< 0..1; NaN where nothing has a label.
    float validation_loss = 0, validation_accuracy = 0;  ///< At its end; NaN without validation data.
};

enum class TrainingState {
    going,     ///< There is a next step.
    finished,  ///< A stop condition of the options was met; goes on when the options change.
    diverged,  ///< Loss or weights were no longer finite: the last finite weights stand. Goes on after a reset or
               ///< go_back().
};

/// What can be seen of a training: a value that any thread may keep.
struct TrainingView {
    TrainingState state = TrainingState::going;
    std::string message;  ///< One sentence on why it stopped; empty while it is going.
    long step = 0;
    double epoch = 0;  ///< Epochs done, with the part of the present one.
    float loss = 0;    ///< Of the last batch; 0 before the first.
    TrainingOptions options;
    SharedParameters parameters;  ///< After `step` steps.
    TimeLine time_line;
    Curve losses;  ///< The loss of each batch.
    std::vector<EpochResult> epochs;
};

/// What a network says of an example.
struct Prediction {
    int label = 0;  ///< The true class.
    int predicted = 0;
    float confidence = 0;  ///< Its probability, 0..1.
};

/// A training that stands between two steps. A value: copies go on independently. Not for two threads at once; a window
/// lets a StepThread own one and looks at its view(). The same task and options give the same weights to the bit, for
/// any number of threads.
class Trainer {
  public:
    /// Fails in a sentence: layers that can't be trained or don't fit the images, no examples, classes that don't match
    /// the network's outputs, start weights that are missing or of another shape.
    static Expected<Trainer> make(TrainingTask task, const TrainingOptions& options, const Simd* simd = nullptr);

    /// One batch forward, backward and into the weights, on the calling arena's threads; at the end of an epoch also
    /// the validation. False when there is no next step: see view().state.
    bool step();

    const TrainingTask& task() const { return task_; }
    const TrainingOptions& options() const { return options_; }
    void set_options(const TrainingOptions& options);

    /// Back to the start, with the weights of `seed` (or the task's start).
    void reset(std::uint32_t seed);

    /// Back to moment `index` of the time line, which ends there; the optimizer begins anew.
    void go_back(std::size_t index);

    TrainingView view() const;

    /// The same without its copy, where step() is called; `parameters` and `epoch` are not set.
    const TrainingView& present() const { return view_; }

    /// Steps in an epoch at the present batch size.
    long steps_per_epoch() const;

    /// All weights of a moment by their names in state_dict; with with_parameters() they make a Network of
    /// task().architecture.layers.
    ParameterMap parameters(const std::vector<float>& snapshot) const { return net_.unflatten(snapshot); }
    std::span<const ParameterSlot> slots() const { return net_.slots(); }

    /// What the network with `parameters` says of some examples of `data`. Not while step() runs: copy the trainer, or
    /// call it where step() is called.
    std::vector<Prediction> predict(const std::vector<float>& parameters, const DataSet& data,
                                    std::span<const int> indices);

  private:
    struct Measure {  ///< Sums over examples.
        double loss = 0;
        long right = 0, examples = 0;
    };
    explicit Trainer(LaneNet net) : net_(std::move(net)) {}
    void begin_epoch();
    Measure run(const DataSet& data, std::span<const int> indices, bool backward, std::vector<Prediction>* predictions);
    double head(const DataSet& data, int index, const float* output, float* gradient, float scale,
                Prediction& prediction) const;
    void end_epoch();
    void stop(TrainingState state, std::string message);

    TrainingTask task_;
    TrainingOptions options_;
    const Simd* simd_ = nullptr;
    LaneNet net_;
    std::vector<float> parameters_, gradient_;
    OptimizerState optimizer_;
    std::mt19937 random_;
    std::vector<int> order_;    ///< Of the examples in this epoch.
    std::size_t position_ = 0;  ///< In order_.
    Measure epoch_sums_;
    int best_epoch_ = 0;
    float best_validation_ = 0;
    TrainingView view_;
};

/// nn.Conv2d(...) that learns what a hidden one does: lesson 1. `kernel` (1, C, KH, KW) with 1 or 3 input channels; the
/// examples are `count` crops of `size` from the picture (1, 3, H, W) in [0,1] (gray for one channel, 0.299 R + 0.587 G
/// + 0.114 B), normalized to [-1,1], and what the kernel makes of them without padding. The layer is "conv1" without
/// bias. Fails when the picture is smaller than a crop or flat.
Expected<TrainingTask> learn_filter_task(const Tensor& picture, const Tensor& kernel, std::uint32_t seed,
                                         int count = 1024, int size = 16);

/// What fits learn_filter_task(): Adam, and the rate that finds Sobel's filter within seconds.
TrainingOptions learn_filter_options();

/// LargeNet for the classes of `data`: lesson 2. With two classes as it is, with one output and Loss::bce_with_logits;
/// with more, fc2 has an output a class and the loss is Loss::cross_entropy. The notebook's SGD with rate 0.01,
/// momentum 0.9, batches of 64.
TrainingTask largenet_task(DataSplit data, std::uint32_t seed);

}  // namespace convlens
