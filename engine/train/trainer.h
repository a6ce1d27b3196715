/// Training of a network, step by step, and the tasks of lessons 1 and 2. A lesson is one of the four training
/// experiments of the window and of `convlens train`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"
#include "engine/nn/parameters.h"
#include "engine/train/dataset.h"
#include "engine/train/lane_net.h"
#include "engine/train/loss.h"
#include "engine/train/optimizer.h"
#include "engine/train/time_line.h"

namespace convlens {

struct Simd;

/// What is trained, and on what. Cheap to copy: the large parts are shared.
struct TrainingTask {
    std::string title;          ///< Display title: "LargeNet, bars and crosses".
    Architecture architecture;  ///< Conv2d, MaxPool2d, ReLU, Flatten and Linear layers.
    Loss loss = Loss::cross_entropy;
    DataSplit data;          ///< The data; `validation` may be null.
    ParameterMap start;      ///< Initial weights by name; if empty, the initial_parameters() for `seed`.
    std::uint32_t seed = 1;  ///< Seed of the initial weights and of the order of the examples.
    /// Whether each epoch uses the examples in a new random order; if false, in the order of the data.
    bool shuffle = true;
};

/// The training options; all of them may change between two steps.
struct TrainingOptions {
    OptimizerOptions optimizer;
    int batch_size = 64;  ///< At least 1; the last batch of an epoch may be smaller.
    long steps = 0;       ///< Stop after this many steps; 0 means no limit.
    int epochs = 0;       ///< Stop after this many epochs; 0 means no limit.
    /// Stop when the validation loss has not improved for this many epochs; 0 means never (no early stopping).
    int patience = 0;
    friend bool operator==(const TrainingOptions&, const TrainingOptions&) = default;
};

/// Results of an epoch.
struct EpochResult {
    int epoch = 0;  ///< Number of the epoch, from 1.
    long step = 0;  ///< Number of steps done at the end of the epoch.
    /// Means over the examples of the epoch, measured while the weights change. Accuracies are 0..1; NaN if the data
    /// has no labels.
    float training_loss = 0, training_accuracy = 0;
    /// Means over the validation data at the end of the epoch; NaN without validation data.
    float validation_loss = 0, validation_accuracy = 0;
};

/// Whether a training can do another step.
enum class TrainingState {
    running,   ///< There is a next step.
    finished,  ///< A limit in the options was reached, or early stopping. set_options(), reset() or go_back() make it
               ///< running again.
    /// The loss, a gradient or a weight became NaN or infinite. The last finite weights are kept. reset() or go_back()
    /// make it running again.
    diverged,
};

/// Observable state of a training: a value that any thread may keep.
struct TrainingView {
    TrainingState state = TrainingState::running;
    std::string message;  ///< One sentence on why the training stopped; empty while it is running.
    long step = 0;
    double epoch = 0;  ///< Number of epochs done, including the fraction of the current one.
    float loss = 0;    ///< Loss of the last batch; 0 before the first batch.
    TrainingOptions options;
    SharedParameters parameters;      ///< Parameters after `step` steps, in the order of Trainer::slots().
    TimeLine time_line;               ///< Snapshots of the parameters, for going back.
    Curve losses;                     ///< The loss of each batch.
    std::vector<EpochResult> epochs;  ///< One entry per finished epoch.
};

/// A network's prediction for an example.
struct Prediction {
    int label = 0;         ///< The true class.
    int predicted = 0;     ///< The predicted class.
    float confidence = 0;  ///< Probability of `predicted`, 0..1.
};

/// A training between two steps. A value: copies continue independently. Not thread-safe; the user interface lets a
/// StepThread own it and reads its view(). The same task, options and instruction set give bit-identical weights for
/// any number of threads.
class Trainer {
  public:
    /// Makes a training that has done no step. `simd` null means the best instruction set of this machine. Fails if
    /// layers can't be trained or do not fit the images, if there are no examples, if the number of classes does not
    /// match the network's outputs, or if weights in task.start are missing or have another shape.
    static Expected<Trainer> make(TrainingTask task, const TrainingOptions& options, const Simd* simd = nullptr);

    /// Runs one batch forward and backward and updates the weights, on the threads of the caller's Arena
    /// (engine/core/parallel.h); after the last batch of an epoch, also computes the validation loss. Returns false if
    /// there is no next step; view().state and view().message say why.
    bool step();

    const TrainingTask& task() const { return task_; }
    const TrainingOptions& options() const { return options_; }
    /// Sets the options from the next step on. A training that has finished becomes running again.
    void set_options(const TrainingOptions& options);

    /// Restarts from TrainingTask::start or, if that is empty, from the initial weights for `seed`. `seed` also
    /// determines the order of the examples.
    void reset(std::uint32_t seed);

    /// Goes back to snapshot `index` of the timeline and drops all later ones. The optimizer starts without memory of
    /// earlier gradients, and the examples get a new order.
    void go_back(std::size_t index);

    /// Returns a copy of the current state.
    TrainingView view() const;

    /// Returns the current state without copying it, for the thread that calls step(). Its members `parameters` and
    /// `epoch` are not set.
    const TrainingView& present() const { return view_; }

    /// Returns the number of steps in an epoch at the current batch size.
    long steps_per_epoch() const;

    /// Returns the parameters of a snapshot by their names in the state dict; with_parameters() makes layers of them.
    ParameterMap parameters(const std::vector<float>& snapshot) const { return net_.unflatten(snapshot); }
    /// Returns names, shapes and positions of the parameters in a snapshot.
    std::span<const ParameterSlot> slots() const { return net_.slots(); }

    /// Returns the predictions of the network with the weights `parameters` for the examples `indices` of `data`. Must
    /// not run concurrently with step(): call it on a copy, or on the thread that calls step().
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
    std::vector<int> order_;    ///< Order of the examples in this epoch; empty between two epochs.
    std::size_t position_ = 0;  ///< Index in order_ of the next example.
    Measure epoch_sums_;
    int best_epoch_ = 0;
    float best_validation_ = 0;
    TrainingView view_;
};

/// Returns the task of lesson 1: an nn.Conv2d learns the filter `kernel` from input images and the outputs of `kernel`
/// on them. `kernel` is (1, C, KH, KW) with C of 1 or 3 and at most 31 rows and columns. The inputs are `count` random
/// crops of the image `picture` (1, 3, H, W) in [0,1], normalized to [-1,1]; with one input channel they are gray
/// (0.299 R + 0.587 G + 0.114 B). A crop has `size` rows and columns, or more if the kernel is large: at least 7 more
/// than the kernel. There is no padding. The layer is "conv1", without bias. Fails for another kernel, or if the image
/// is smaller than a crop or has a single color.
Expected<TrainingTask> learn_filter_task(const Tensor& picture, const Tensor& kernel, std::uint32_t seed,
                                         int count = 1024, int size = 16);

/// Returns options for learn_filter_task(): Adam with a learning rate that finds the Sobel filter within seconds,
/// batches of 32, and 20000 steps.
TrainingOptions learn_filter_options();

/// Returns the task of lesson 2: LargeNet for the classes of `data`. With two classes, LargeNet is unchanged: its last
/// layer, fc2, has one output and the loss is Loss::bce_with_logits. With more classes, fc2 has one output per class
/// and the loss is Loss::cross_entropy. The default TrainingOptions fit it: SGD with learning rate 0.01 and momentum
/// 0.9, batches of 64, as in the assignment notebook (see largenet()).
TrainingTask largenet_task(DataSplit data, std::uint32_t seed);

}  // namespace convlens
