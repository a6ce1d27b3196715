/// Train on features: what a trained network makes of pictures, and a small model on top: lesson 4.
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
    int hidden = 0;  ///< 0: logistic regression; else a hidden layer of so many, with ReLU.
    TrainingOptions training{{Optimizer::adam, 0.001F, 0.0F, 1e-4F}, 32, 0, 20, 0};
    std::uint32_t seed = 1;
};

/// Pictures as points: of features or of pixels, and a model that learns from them.
struct FeatureSpace {
    std::string title;  ///< "features.12", "pixels".
    int dimensions = 0;
    TrainingView training;  ///< Of the model; empty before all features are there.
    std::shared_ptr<const std::vector<std::array<float, 2>>>
        points;  ///< First two principal components: the training pictures, then the held-out ones. Null before.
    std::shared_ptr<const Trainer> model;  ///< A copy from before the first step: copies of it predict() with the
                                           ///< parameters of any moment. Null before.
};

/// The pictures nearest to one, nearest first: indices of the training pictures, then of the held-out ones. And where
/// it lies itself.
struct Neighbors {
    std::vector<int> by_features, by_pixels;
    std::array<float, 2> at_features{}, at_pixels{};  ///< On the axes of FeatureSpace::points.
    std::shared_ptr<const Tensor> of;                 ///< The picture that was added; null for neighbors()' own answer.
};

struct FeatureView {
    int pictures_done = 0, pictures = 0;  ///< Whose features are computed.
    FeatureSpace features, pixels;
    bool finished = false;
    std::string message;                         ///< Why it stopped: empty while it goes on.
    std::shared_ptr<const Neighbors> neighbors;  ///< Of add()'s picture; null before.
};

/// A Job for StepThread. step() computes the features of sixteen pictures a thread until all are done (they are kept),
/// then trains both models by one batch. Features and pixels (reduced to 32x32) are shifted and scaled to mean 0 and
/// deviation 1 over the training pictures.
class FeatureLesson {
  public:
    /// `network` runs up to its last layer: of AlexNet what there are weights of. Dropout layers, and an
    /// AdaptiveAvgPool2d that changes nothing, are passed over. Fails when another layer can't run on the pictures or
    /// there are fewer than two classes.
    static Expected<FeatureLesson> make(const Network& network, Normalize normalize, DataSplit pictures,
                                        const FeatureOptions& options, const Simd* simd = nullptr);

    /// False after the last step.
    bool step();
    FeatureView view() const;

    /// Among all pictures, by distance in both spaces; `picture` is (1, 3, H, W) in [0,1]. Fails before all features
    /// are there.
    Expected<Neighbors> neighbors(const Tensor& picture, int count);

    /// The same for the view. Before all features are there it is kept until they are.
    void add(std::shared_ptr<const Tensor> picture, int count);

    /// Both models anew with other options; the features stay.
    void reset(const FeatureOptions& options);

    /// For both models, from the next step on.
    void set_options(const TrainingOptions& options);

    /// Both models back to their last moments that are not after `step`.
    void go_back(long step);

    const DataSplit& pictures() const { return pictures_; }

  private:
    /// Points in one space, standardized.
    struct Space {
        int dimensions = 0;
        std::vector<float> values;  ///< A row a picture.
        std::vector<float> mean, scale;
        std::vector<std::vector<double>> axes;  ///< The two principal ones.
        DataSplit data;                         ///< The values once more, for the model.
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
    int wanted_ = 0;  ///< Neighbors of added_.
    std::shared_ptr<const Neighbors> neighbors_;
};

}  // namespace convlens
