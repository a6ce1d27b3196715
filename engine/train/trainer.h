/// Training a network, step by step, for lessons. Lesson: one of the window's four training experiments.
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

/// The training problem. A cheap value: the large parts are shared.
struct TrainingTask {
    std::string title;          ///< Display title: "LargeNet, bars and crosses".
    Architecture architecture;  ///< Conv2d, MaxPool2d, ReLU, Flatten and Linear layers.
    Loss loss = Loss::cross_entropy;
    DataSplit data;          ///< data.validation may be null.
    ParameterMap start;      ///< Weights to continue from; if empty, training starts from the initial_parameters() of
                             ///< `seed`.
    std::uint32_t seed = 1;  ///< Seed of the initial weights and of the order of the examples.
    bool shuffle = true;     ///< Whether each epoch uses a new random order of the examples; if false, it uses the
                             ///< order of the data.
};

/// The training options; all of them may change between two steps.
struct TrainingOptions {
    OptimizerOptions optimizer;
    int batch_size = 64;  ///< At least 1; the last batch of an epoch may be smaller.
    long steps = 0;       ///< Stop after this many steps; 0 means no limit.
    int epochs = 0;       ///< Stop after this many epochs; 0 means no limit.
    int patience = 0;     ///< Stop when the validation loss has not improved for this many epochs; 0 turns early
                          ///< stopping off.
    friend bool operator==(const TrainingOptions&, const TrainingOptions&) = default;
};

/// Results of an epoch.
struct EpochResult {
    int epoch = 0;  ///< Starts at 1.
    long step = 0;  ///< Number of steps done at the end of the epoch.
    /// Means over the batches of the epoch, measured while the weights change. Accuracies are 0..1; NaN if the data has
    /// no labels.
    float training_loss = 0, training_accuracy = 0;
    float validation_loss = 0, validation_accuracy = 0;  ///< Measured at the end of the epoch; NaN without validation
                                                         ///< data.
};

enum class TrainingState {
    running,   ///< There is a next step.
    finished,  ///< A stop condition of the options was met. Training continues when the options change.
    /// The loss or a weight became NaN or infinite. The last finite weights are kept; training continues after reset()
    /// or go_back().
    diverged,
};

/// Observable state of a training: a value that any thread may keep.
struct TrainingView {
    TrainingState state = TrainingState::running;
    std::string message;  ///< One sentence on why the training stopped; empty while it is running.
    long step = 0;
    double epoch = 0;  ///< Number of epochs done, including the fraction of the current epoch.
    float loss = 0;    ///< Loss of the last batch; 0 before the first batch.
    TrainingOptions options;
    SharedParameters parameters;  ///< Parameters after `step` steps.
    TimeLine time_line;
    Curve losses;  ///< The loss of each batch.
    std::vector<EpochResult> epochs;
};

/// A network's prediction for an example.
struct Prediction {
    int label = 0;  ///< The true class.
    int predicted = 0;
    float confidence = 0;  ///< Probability of `predicted`, 0..1.
};

/// A training paused between two steps. A value: copies continue independently. Not thread-safe; a user interface lets
/// a StepThread own it and reads its view(). The same task and options give bit-identical weights for any number of
/// threads.
class Trainer {
  public:
    /// Fails if layers can't be trained or don't fit the images, if there are no examples, if the classes don't match
    /// the network's outputs, or if start weights are missing or have another shape.
    static Expected<Trainer> make(TrainingTask task, const TrainingOptions& options, const Simd* simd = nullptr);

    /// Runs one batch forward and backward and updates the weights, on the threads of the calling arena; at the end of
    /// an epoch also runs the validation. Returns false if there is no next step; view().state says why.
    bool step();

    const TrainingTask& task() const { return task_; }
    const TrainingOptions& options() const { return options_; }
    void set_options(const TrainingOptions& options);

    /// Restarts from TrainingTask::start or, if that is empty, from the initial weights of `seed`.
    void reset(std::uint32_t seed);

    /// Goes back to snapshot `index` of the timeline and drops all later ones; resets the optimizer.
    void go_back(std::size_t index);

    TrainingView view() const;

    /// Returns the view without copying it, for the thread that calls step(). The view's members `parameters` and
    /// `epoch` are not set.
    const TrainingView& present() const { return view_; }

    /// Returns the number of steps in an epoch at the current batch size.
    long steps_per_epoch() const;

    /// Returns all weights of a snapshot by their names in the state dict. From these, with_parameters() makes the
    /// layers of task().architecture.
    ParameterMap parameters(const std::vector<float>& snapshot) const { return net_.unflatten(snapshot); }
    std::span<const ParameterSlot> slots() const { return net_.slots(); }

    /// Returns the predictions of the network with `parameters` for some examples of `data`. Must not run concurrently
    /// with step(): copy the trainer, or call it on the thread that calls step().
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
    std::vector<int> order_;    ///< Order of the examples in this epoch.
    std::size_t position_ = 0;  ///< Index in order_.
    Measure epoch_sums_;
    int best_epoch_ = 0;
    float best_validation_ = 0;
    TrainingView view_;
};

/// Lesson 1: an nn.Conv2d that learns a target filter from its input and output images. `kernel` is the target, (1, C,
/// KH, KW) with 1 or 3 input channels. The examples are `count` crops of `size` from the image `picture` (1, 3, H, W)
/// in [0,1], normalized to [-1,1]; for one input channel they are gray (0.299 R + 0.587 G + 0.114 B). The training
/// targets are the outputs of `kernel` on the crops, without padding. The layer is "conv1" without bias. Fails if the
/// image is smaller than a crop or has a single color.
Expected<TrainingTask> learn_filter_task(const Tensor& picture, const Tensor& kernel, std::uint32_t seed,
                                         int count = 1024, int size = 16);

/// Returns options that fit learn_filter_task(): Adam, with a learning rate that finds the Sobel filter within seconds.
TrainingOptions learn_filter_options();

/// Lesson 2: LargeNet for the classes of `data`. With two classes, LargeNet is unchanged: fc2 has one output and the
/// loss is Loss::bce_with_logits. With more classes, fc2 has one output per class and the loss is Loss::cross_entropy.
/// Train it with the default TrainingOptions, which are those of the assignment notebook: SGD with learning rate 0.01,
/// momentum 0.9 and batches of 64.
TrainingTask largenet_task(DataSplit data, std::uint32_t seed);

}  // namespace convlens
