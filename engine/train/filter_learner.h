/// Lesson 3: learns filters from images without labels.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

struct Simd;

/// Options of the learning.
struct FilterLearnerOptions {
    int filters = 64;     ///< Number of filters, 1 to 1024.
    int size = 11;        ///< Rows and columns of a filter: odd, 3 to 15.
    int patches = 10000;  ///< Number of patches drawn from the images, 16 to 1000000. A patch has the size of a filter.
    int rounds = 10;      ///< Number of rounds of k-means.
    std::uint32_t seed = 1;  ///< Seed of the patches and of the first filters.
};

/// The filters after a round. The members are those of FilterLearnerView.
struct FilterMoment {
    int round = 0;  ///< Number of the round, from 1; 0 means the random filters before the first round.
    std::shared_ptr<const Tensor> patterns;  ///< See FilterLearnerView.
    std::shared_ptr<const Tensor> kernels;
    std::vector<int> patches;
};

/// Observable state of the learning: a value that any thread may keep.
struct FilterLearnerView {
    int round = 0, rounds = 0;  ///< Number of finished rounds, and number of all rounds. The whitening does not count.
    bool finished = false;
    std::shared_ptr<const Tensor> patterns;  ///< (filters, 3, size, size): what each filter looks for in whitened
                                             ///< patches, unit vectors. Null before the whitening.
    std::shared_ptr<const Tensor> kernels;   ///< The same shape: kernels for convolving RGB images, mean 0, unit norm.
    std::vector<int> patches;  ///< For each filter, the number of patches that the last round assigned to it.
    std::vector<FilterMoment> time_line;  ///< The filters before the first round and after each round.
};

/// Learns filters by ZCA whitening of image patches and spherical k-means (A. Coates, A. Ng, Learning Feature
/// Representations with K-means, 2012). The results resemble Gabor filters (edges) and blobs of opponent colors. The
/// first step() whitens the patches, each later one does a round of k-means. A Job for StepThread. Results are
/// identical for the same images, options and instruction set, with any number of threads.
class FilterLearner {
  public:
    /// Draws the patches from `pictures`, (1, 3, H, W) in [0,1]. `simd` null means the best instruction set of this
    /// machine. Fails for options out of range, if there are no pictures, if a side of one is shorter than size + 4
    /// pixels, or if each picture has only a single color.
    static Expected<FilterLearner> make(const std::vector<std::shared_ptr<const Tensor>>& pictures,
                                        const FilterLearnerOptions& options, const Simd* simd = nullptr);

    /// Does the next step on the threads of the caller's Arena. Returns false when no step is left.
    bool step();

    /// Returns the current state; valid until the next call of step() or go_back().
    const FilterLearnerView& view() const { return view_; }

    /// Goes back to entry `index` of the timeline and drops all later ones. The next round then gives the same result
    /// as the first time. The whitening is kept.
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
    int values_ = 0;             ///< Number of values per patch.
    std::vector<float> window_;  ///< size * size weights that decrease from the center to the border.
    Tensor patches_;             ///< Blocks of interleaved patches (engine/cpu/lane_loops.h), (blocks, values, 1, 16).
    std::vector<float> whitening_;  ///< values x values matrix, symmetric.
    std::vector<float> filters_;    ///< filters x values matrix: one filter per row.
    struct Start {
        std::mt19937 random;
        std::vector<float> filters;
    };
    std::vector<Start> starts_;  ///< For each entry of the timeline, the state from which the next round starts.
    bool whitened_ = false;
    FilterLearnerView view_;
};

}  // namespace convlens
