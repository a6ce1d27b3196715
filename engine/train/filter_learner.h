/// Filters learned from pictures, without labels: lesson 3.
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
    int size = 11;        ///< Rows and columns of a filter, odd, 3 to 15.
    int patches = 10000;  ///< Drawn from the pictures.
    int rounds = 10;      ///< Of the clustering.
    std::uint32_t seed = 1;
};

/// The filters after a round.
struct FilterMoment {
    int round = 0;                           ///< 0: random ones, before the first.
    std::shared_ptr<const Tensor> patterns;  ///< As in FilterLearnerView.
    std::shared_ptr<const Tensor> kernels;
    std::vector<int> patches;
};

/// What can be seen of the learning: a value that any thread may keep.
struct FilterLearnerView {
    int round = 0, rounds = 0;  ///< Rounds done and to do; whitening is not one of them.
    bool finished = false;
    std::shared_ptr<const Tensor>
        patterns;  ///< (filters, 3, size, size): what the filters look like, unit vectors. Null before the whitening.
    std::shared_ptr<const Tensor> kernels;  ///< The same shape: to convolve RGB pictures with, mean 0, unit norm.
    std::vector<int> patches;               ///< How many patches each filter won in the last round.
    std::vector<FilterMoment> time_line;    ///< Of every round: there are few.
};

/// ZCA whitening and spherical k-means (A. Coates, A. Ng, Learning Feature Representations with K-means, 2012) on
/// patches of pictures: edges like Gabor's and spots of opponent colors come out. step() is first the whitening, then
/// a round of the clustering. A Job for StepThread. The same for the same pictures, options and instruction set.
class FilterLearner {
  public:
    /// `pictures` are (1, 3, H, W) in [0,1]. Fails when there is none, one is smaller than a filter, or they are all of
    /// one color.
    static Expected<FilterLearner> make(const std::vector<std::shared_ptr<const Tensor>>& pictures,
                                        const FilterLearnerOptions& options, const Simd* simd = nullptr);

    /// The next step, on the calling arena's threads; false after the last.
    bool step();

    const FilterLearnerView& view() const { return view_; }

    /// Back to moment `index` of the time line, which ends there; the next round is as it was. The whitening stays
    /// done.
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
    int values_ = 0;                ///< Of a patch.
    std::vector<float> window_;     ///< size * size weights, falling off from the middle.
    Tensor patches_;                ///< Blocks in the layout of engine/cpu/lane_loops.h, (blocks, values, 1, 16).
    std::vector<float> whitening_;  ///< values x values, symmetric.
    std::vector<float> filters_;    ///< filters x values.
    struct Start {
        std::mt19937 random;
        std::vector<float> filters;
    };
    std::vector<Start> starts_;  ///< What each round of the time line began its next one with.
    bool whitened_ = false;
    FilterLearnerView view_;
};

}  // namespace convlens
