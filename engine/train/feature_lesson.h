/// Lesson 4: trains a small model on the features that a trained network computes from images, and the same model on
/// the pixels for comparison.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/network.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Options of the small models.
struct FeatureOptions {
    int hidden = 0;  ///< Number of hidden units with ReLU; 0 means no hidden layer, that is, logistic regression.
    /// By default Adam with learning rate 0.001 and weight decay 0.0001, batches of 32, 20 epochs.
    TrainingOptions training{{Optimizer::adam, 0.001F, 0.0F, 1e-4F}, 32, 0, 20, 0};
    std::uint32_t seed = 1;  ///< Seed of the initial weights and of the order of the examples.
};

/// The images as points in one of two spaces, features or pixels, and the model that is trained in it.
struct FeatureSpace {
    std::string title;  ///< Name of the layer that computes the features, such as "features.12", or "pixels".
    int dimensions = 0;
    TrainingView training;  ///< State of the model's training; empty until all features are computed.
    /// The first two principal components of each image: training images first, then held-out (validation) images. Null
    /// until all features are computed.
    std::shared_ptr<const std::vector<std::array<float, 2>>> points;
    /// The model's Trainer before its first step. A copy of it can predict() with the parameters of any snapshot in
    /// training.time_line. Null until all features are computed.
    std::shared_ptr<const Trainer> model;
};

/// The nearest neighbors of an image in both spaces, nearest first, and the position of the image. Neighbors are
/// indices: training images from 0, then held-out images.
struct Neighbors {
    std::vector<int> by_features, by_pixels;
    std::array<float, 2> at_features{}, at_pixels{};  ///< Position of the image on the axes of FeatureSpace::points.
    std::shared_ptr<const Tensor> of;                 ///< The image passed to add(); null in the result of neighbors().
};

/// Observable state of the lesson: a value that any thread may keep.
struct FeatureView {
    int pictures_done = 0, pictures = 0;  ///< Number of images whose features are computed, and number of all images.
    FeatureSpace features, pixels;        ///< The two spaces.
    bool finished = false;                ///< Whether there is no further step.
    std::string message;  ///< Why the training stopped, or why no neighbors could be found; empty otherwise.
    std::shared_ptr<const Neighbors> neighbors;  ///< Neighbors of the image passed to add(); null before the first
                                                 ///< result.
};

/// The lesson as a Job for StepThread. Each step() computes the features of up to sixteen images per thread until those
/// of all images are computed; after that, each step() trains both models on one batch. Features and pixels (of the
/// image resized to 32x32) are standardized to mean 0 and standard deviation 1 over the training images.
class FeatureLesson {
  public:
    /// Makes the lesson. The features are the output of the last layer of `network`: pass only the layers up to the
    /// selected one (see feature_network()). `pictures` must have training and validation images of at least two
    /// classes. Dropout layers, and an AdaptiveAvgPool2d that changes nothing, are skipped. `simd` null means the best
    /// instruction set of this machine. Fails when another layer can't run in a LaneNet, when there are too few
    /// classes, or when all features take more than 1 GiB.
    static Expected<FeatureLesson> make(const Network& network, Normalize normalize, DataSplit pictures,
                                        const FeatureOptions& options, const Simd* simd = nullptr);

    /// Does the next step on the threads of the caller's Arena. Returns false if there is no further step, because both
    /// trainings have finished or could not start.
    bool step();
    /// Returns a copy of the current state.
    FeatureView view() const;

    /// Returns the `count` nearest neighbors of `picture` among all images, by Euclidean distance in each space.
    /// `picture` is (1, 3, H, W) in [0,1]. Fails until all features are computed.
    Expected<Neighbors> neighbors(const Tensor& picture, int count);

    /// Sets FeatureView::neighbors to the `count` nearest neighbors of `picture`: at once, or as soon as all features
    /// are computed.
    void add(std::shared_ptr<const Tensor> picture, int count);

    /// Restarts the training of both models with `options`. The computed features are kept.
    void reset(const FeatureOptions& options);

    /// Sets the training options of both models, from the next step on. Training that had finished continues.
    void set_options(const TrainingOptions& options);

    /// Restores each model to its last snapshot at or before `step`, and drops the later ones.
    void go_back(long step);

    const DataSplit& pictures() const { return pictures_; }

  private:
    /// The points of one space, standardized, and the model in it.
    struct Space {
        int dimensions = 0;
        std::vector<float> values;  ///< One row of `dimensions` values per image.
        std::vector<float> mean, scale;
        std::vector<std::vector<double>> axes;  ///< The two principal axes, unit vectors.
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
