/// Lesson 3: filters learned from images, without labels.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"

namespace convlens {

struct FilterLearnerOptions {
    int filters = 64;
    int size = 11;        ///< Rows and columns of a filter: odd, 3 to 15 inclusive.
    int patches = 10000;  ///< Number of patches drawn from the images.
    int rounds = 10;      ///< Number of rounds of the clustering.
    std::uint32_t seed = 1;
};

/// The filters after a round.
struct FilterMoment {
    int round = 0;                           ///< Round after which these are the filters; 0 means the random filters
                                             ///< before the first round.
    std::shared_ptr<const Tensor> patterns;  ///< As in FilterLearnerView.
    std::shared_ptr<const Tensor> kernels;
    std::vector<int> patches;
};

/// Observable state of the learning: a value that any thread may keep.
struct FilterLearnerView {
    int round = 0, rounds = 0;  ///< Number of finished rounds, and number of all rounds. The whitening does not count
                                ///< as a round.
    bool finished = false;
    std::shared_ptr<const Tensor> patterns;  ///< (filters, 3, size, size): the appearance of the filters, unit vectors.
                                             ///< Null before the whitening.
    std::shared_ptr<const Tensor> kernels;  ///< The same shape: kernels to convolve RGB images with, mean 0, unit norm.
    std::vector<int> patches;               ///< For each filter, the number of patches that were assigned to it in the
                                            ///< last round.
    std::vector<FilterMoment> time_line;    ///< One entry per round.
};

/// ZCA whitening and spherical k-means (A. Coates, A. Ng, Learning Feature Representations with K-means, 2012) on
/// patches of images. The results are edges similar to Gabor filters and blobs of opponent colors. The first step()
/// does the whitening, each later one a round of the clustering. A Job for StepThread. Results are identical for the
/// same images, options and instruction set.
class FilterLearner {
  public:
    /// `pictures` are (1, 3, H, W) in [0,1]. Fails if there are none, one is smaller than a filter, or each has only a
    /// single color.
    static Expected<FilterLearner> make(const std::vector<std::shared_ptr<const Tensor>>& pictures,
                                        const FilterLearnerOptions& options, const Simd* simd = nullptr);

    /// Runs the next step on the threads of the calling arena. Returns false when no step is left.
    bool step();

    const FilterLearnerView& view() const { return view_; }

    /// Goes back to entry `index` of the timeline and drops all later ones; the next round gives the same result as
    /// before. The whitening is kept.
    void go_back(std::size_t index);

  private:
    FilterLearner() = default;
    float draw_unit();
    int draw(int below);
    void take_patch(const Tensor& picture, int lane, float* block);
    void center();
    void whiten();
    void restart(int filter);
    void cluster();
    void publish();

    FilterLearnerOptions options_;
    const Simd* simd_ = nullptr;
    std::mt19937 random_;
    int values_ = 0;                ///< Number of values per patch.
    std::vector<float> window_;     ///< size * size weights that decrease from the center.
    Tensor patches_;                ///< Blocks in the layout of engine/cpu/lane_loops.h, (blocks, values, 1, 16).
    std::vector<float> whitening_;  ///< values x values, symmetric.
    std::vector<float> filters_;    ///< filters x values.
    struct Start {
        std::mt19937 random;
        std::vector<float> filters;
    };
    std::vector<Start> starts_;  ///< For each entry of the timeline, the state from which the next round starts.
    bool whitened_ = false;
    FilterLearnerView view_;
};

}  // namespace convlens
