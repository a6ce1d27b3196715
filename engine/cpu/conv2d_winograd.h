/// Conv2d of many channels with kernels of 3x3, by Winograd's F(4x4, 3x3).
///
/// The 4 x 4 outputs of a tile are the products of two polynomials, computed at points: 6 x 6 numbers of the tile's
/// inputs times 6 x 6 numbers of the kernel, summed over the input channels, instead of 4 x 4 x 3 x 3 products (Lavin
/// and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4). The points are 0, 3/4, -3/4,
/// 5/4, -5/4 and infinity: with them, all factors of inputs and products are exact in float, and errors are a quarter
/// of those with the usual points 0, 1, -1, 2, -2 (docs/PERFORMANCE.md has both).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_algorithm.h"
#include "engine/cpu/conv2d_weights.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Working memory, which all plans may share that do not run at the same time.
struct Conv2dWinogradMemory {
    Tensor inputs;                 ///< Transformed inputs of all blocks and groups, where threads share them.
    std::vector<PartStats> parts;  ///< [n][channel to compute][row of tiles][column of blocks]
    struct Scratch {
        Tensor line, rows, inputs, products, sums;
        std::vector<float*> outputs, rectified;
        std::vector<LaneStats> stats;
    };
    PerThread<Scratch> threads;
};

/// How the output of a convolution is divided.
struct WinogradTiles {
    Size2 count;   ///< Of tiles per image.
    Size2 block;   ///< Of tiles in a block, except the last ones: a block's numbers stay in the second-level cache.
    Size2 blocks;  ///< Of blocks per image.
};

/// Returns the division with which a convolution takes less time by Winograd's algorithm than by sums, according to
/// measured costs; nullopt if it does not, or if the algorithm does not suit it. Depends on the layer's parameters and
/// shapes only, and on `lanes`, so that some channels are computed as all of them are.
std::optional<WinogradTiles> winograd_tiles(const ConvParams& params, const Shape& weight, const Shape& input,
                                            int lanes);

/// A convolution by Winograd's algorithm, prepared for inputs of one shape; see Conv2dPlan for the functions.
class Conv2dWinograd final : public Conv2dAlgorithm {
  public:
    Conv2dWinograd(const Conv2d& layer, const Shape& input, const WinogradTiles& tiles, const Simd& simd,
                   std::shared_ptr<Conv2dWinogradMemory> memory, std::vector<int> channels);

    /// Values are within 1e-5 of the largest magnitude of the exact ones.
    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified, const PointTail& tail) override;

  private:
    struct Run;
    struct Area;
    Area area_of(std::ptrdiff_t unit) const;
    std::size_t number_floats(const Area& area) const;
    bool transform_weights(const Cancel& cancel);
    void transform_kernels(const Block& block, int channel, float* to) const;
    void pack_row(const Tensor& input, const Area& area, int channel, int row, Conv2dWinogradMemory::Scratch& scratch,
                  std::ptrdiff_t phase_pitch) const;
    void transform_input(const Tensor& input, const Area& area, int channel, float* to) const;
    bool compute(Run& run, const Area& area, const Block& block, const float* inputs) const;
    void store(Run& run, const Area& area, const Block& block, Conv2dWinogradMemory::Scratch& scratch) const;
    bool run_alone(Run& run, std::ptrdiff_t units) const;
    bool run_together(Run& run, std::ptrdiff_t units) const;

    const WinogradTiles tiles_;
    const PackedWeights division_;     ///< Only its blocks of channels: it is never packed.
    std::vector<int> group_of_block_;  ///< Index among the groups that have channels to compute.
    Tensor weights_;                   ///< [block][number][input channel][channel of the block]
    Tensor bias_, zeros_;              ///< [block][channel of the block]; the zeros of the largest block.
    const std::shared_ptr<Conv2dWinogradMemory> memory_;
};

}  // namespace convlens
