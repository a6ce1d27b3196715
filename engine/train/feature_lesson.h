/// Lesson 4: train a small model on the features that a trained network extracts from pictures.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/network.h"
#include "engine/train/trainer.h"

namespace convlens {

struct FeatureOptions {
    int hidden = 0;  ///< 0: logistic regression; otherwise the size of a hidden layer with ReLU.
    TrainingOptions training{{Optimizer::adam, 0.001F, 0.0F, 1e-4F}, 32, 0, 20, 0};
    std::uint32_t seed = 1;
};

/// Pictures as points in a space of features or of pixels, and a model trained on them.
struct FeatureSpace {
    std::string title;  ///< "features.12", "pixels".
    int dimensions = 0;
    TrainingView training;  ///< Of the model; empty until all features are computed.
    /// First two principal components: training pictures first, then held-out ones. Null until all features are
    /// computed.
    std::shared_ptr<const std::vector<std::array<float, 2>>> points;
    std::shared_ptr<const Trainer> model;  ///< A copy from before the first step; copies of it can predict() with the
                                           ///< parameters of any snapshot. Null until all features are computed.
};

/// The nearest neighbors of a picture, nearest first, as indices of the training pictures followed by the held-out
/// ones; and the position of the picture itself.
struct Neighbors {
    std::vector<int> by_features, by_pixels;
    std::array<float, 2> at_features{}, at_pixels{};  ///< On the axes of FeatureSpace::points.
    std::shared_ptr<const Tensor> of;  ///< The picture passed to add(); null in the result of neighbors().
};

struct FeatureView {
    int pictures_done = 0, pictures = 0;  ///< Pictures whose features are computed; all pictures.
    FeatureSpace features, pixels;
    bool finished = false;
    std::string message;                         ///< Why it stopped; empty while it is running.
    std::shared_ptr<const Neighbors> neighbors;  ///< Neighbors of the picture passed to add(); null before.
};

/// A Job for StepThread. step() computes the features of sixteen pictures per thread until all are done (they are
/// cached), then trains both models on one batch. Features and pixels (reduced to 32x32) are standardized to mean 0 and
/// standard deviation 1 over the training pictures.
class FeatureLesson {
  public:
    /// Runs `network` up to its last layer; for AlexNet pass only the layers that have weights. Dropout layers, and an
    /// AdaptiveAvgPool2d that changes nothing, are skipped. Fails when another layer can't run on the pictures or there
    /// are fewer than two classes.
    static Expected<FeatureLesson> make(const Network& network, Normalize normalize, DataSplit pictures,
                                        const FeatureOptions& options, const Simd* simd = nullptr);

    /// Returns false after the last step.
    bool step();
    FeatureView view() const;

    /// Finds the nearest neighbors among all pictures, by distance in both spaces. `picture` is (1, 3, H, W) in [0,1].
    /// Fails until all features are computed.
    Expected<Neighbors> neighbors(const Tensor& picture, int count);

    /// Does the same for the view. Until all features are computed, the request is pending.
    void add(std::shared_ptr<const Tensor> picture, int count);

    /// Restarts both models with other options; the features are kept.
    void reset(const FeatureOptions& options);

    /// Sets the options of both models, from the next step on.
    void set_options(const TrainingOptions& options);

    /// Restores both models to their last snapshots at or before `step`.
    void go_back(long step);

    const DataSplit& pictures() const { return pictures_; }

  private:
    /// Points in one space, standardized.
    struct Space {
        int dimensions = 0;
        std::vector<float> values;  ///< One row per picture.
        std::vector<float> mean, scale;
        std::vector<std::vector<double>> axes;  ///< The two principal axes.
        DataSplit data;                         ///< A copy of the values, for the model.
        std::optional<Trainer> trainer;
        FeatureSpace seen;
    };
    explicit FeatureLesson(LaneNet net) : net_(std::move(net)) {}
    int pictures_count() const { return pictures_.training->size() + pictures_.validation->size(); }
    void compute(int first);
    void run(const DataSet& data, std::span<const int> indices, float* rows);
    void prepare(Space& space);
    Expected<void> begin(Space& space);
    void begin_both();
    void find_neighbors();
    void standardize(Space& space) const;

    LaneNet net_;
    Normalize normalize_ = Normalize::none;
    std::vector<float> parameters_;
    DataSplit pictures_;
    FeatureOptions options_;
    const Simd* simd_ = nullptr;
    Space features_, pixels_;
    int done_ = 0;
    bool ready_ = false, finished_ = false;
    std::string message_;
    std::shared_ptr<const Tensor> added_;
    int wanted_ = 0;  ///< Number of neighbors requested for added_.
    std::shared_ptr<const Neighbors> neighbors_;
};

}  // namespace convlens
