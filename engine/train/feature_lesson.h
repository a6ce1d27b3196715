/// Lesson 4: train a small model on the features that a trained network extracts from images.
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
    int hidden = 0;  ///< Number of units of a hidden layer with ReLU; 0 means no hidden layer: logistic regression.
    TrainingOptions training{{Optimizer::adam, 0.001F, 0.0F, 1e-4F}, 32, 0, 20, 0};
    std::uint32_t seed = 1;
};

/// Images as points in a space of features or of pixels, and a model trained on them.
struct FeatureSpace {
    std::string title;  ///< "features.12", "pixels".
    int dimensions = 0;
    TrainingView training;  ///< State of the model's training; empty until all features are computed.
    /// First two principal components of each image: training images first, then held-out images. Null until all
    /// features are computed.
    std::shared_ptr<const std::vector<std::array<float, 2>>> points;
    std::shared_ptr<const Trainer> model;  ///< A copy of the model's Trainer from before the first step. Copies of it
                                           ///< can predict() with the parameters of any snapshot. Null until all
                                           ///< features are computed.
};

/// The nearest neighbors of an image, nearest first, as indices of the training images followed by the held-out images.
/// Also contains the position of the image itself.
struct Neighbors {
    std::vector<int> by_features, by_pixels;
    std::array<float, 2> at_features{}, at_pixels{};  ///< Positions of the image itself, on the axes of
                                                      ///< FeatureSpace::points.
    std::shared_ptr<const Tensor> of;                 ///< The image passed to add(); null in the result of neighbors().
};

struct FeatureView {
    int pictures_done = 0, pictures = 0;  ///< Number of images whose features are computed, and number of all images.
    FeatureSpace features, pixels;
    bool finished = false;
    std::string message;                         ///< Why the lesson stopped; empty while it is running.
    std::shared_ptr<const Neighbors> neighbors;  ///< Neighbors of the image passed to add(); null before the first
                                                 ///< result.
};

/// A Job for StepThread. step() computes the features of sixteen images per thread until all are done (they are
/// cached), then trains both models on one batch. Features and pixels (reduced to 32x32) are standardized to mean 0 and
/// standard deviation 1 over the training images.
class FeatureLesson {
  public:
    /// The features are the output of the last layer of `network`; pass only the layers up to the selected one (see
    /// feature_network()). Dropout layers, and an AdaptiveAvgPool2d that changes nothing, are skipped. Fails when
    /// another layer can't run on the images or there are fewer than two classes.
    static Expected<FeatureLesson> make(const Network& network, Normalize normalize, DataSplit pictures,
                                        const FeatureOptions& options, const Simd* simd = nullptr);

    /// Does the next step. Returns false if there is no further step, because both trainings have finished or could not
    /// start.
    bool step();
    FeatureView view() const;

    /// Finds the nearest neighbors among all images, by distance in both spaces. `picture` is (1, 3, H, W) in [0,1].
    /// Fails until all features are computed.
    Expected<Neighbors> neighbors(const Tensor& picture, int count);

    /// Finds the nearest neighbors of `picture` for FeatureView::neighbors. Until all features are computed, the
    /// request is pending.
    void add(std::shared_ptr<const Tensor> picture, int count);

    /// Restarts the training of both models with other options; the computed features are kept.
    void reset(const FeatureOptions& options);

    /// Sets the options of both models, from the next step on.
    void set_options(const TrainingOptions& options);

    /// Restores each model to its last snapshot at or before `step`.
    void go_back(long step);

    const DataSplit& pictures() const { return pictures_; }

  private:
    /// Points in one space, standardized.
    struct Space {
        int dimensions = 0;
        std::vector<float> values;  ///< One row per image.
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
