/// Weights packed in the order in which the vector loops read them.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_strategy.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Output channels of one group that are computed together.
struct Block {
    int group;                  ///< Index of the group in the layer.
    int first, count;           ///< Range in the list of channels to compute.
    int vectors;                ///< Number of SIMD vectors of output channels with Lanes::channels, otherwise 0.
    std::size_t weights, bias;  ///< Positions of the block's weights and bias in PackedWeights, in floats.
};

/// Weights and bias in the order in which the loops read them.
class PackedWeights {
  public:
    /// Divides `channels` (in ascending order) of the layer into blocks. pack() then fills them. `simd` must outlive
    /// this object.
    PackedWeights(const Conv2d& layer, const std::vector<int>& channels, Lanes lanes, const Simd& simd);

    /// Copies weights and bias unless an earlier call has done so. `layer` and `channels` must be those of the
    /// constructor. Runs on the threads of the Arena that the caller is in. Returns false when canceled.
    bool pack(const Conv2d& layer, const std::vector<int>& channels, const Cancel& cancel);

    /// Returns all blocks. The blocks of a group are adjacent.
    const std::vector<Block>& blocks() const { return blocks_; }
    /// Returns the number of groups that have channels to compute. Only these are counted in first_block().
    int groups() const { return static_cast<int>(groups_.size()) - 1; }
    /// Returns the index in blocks() of the first block of a group, 0 <= group < groups(); for groups(), the number of
    /// blocks.
    int first_block(int group) const { return groups_[static_cast<std::size_t>(group)]; }
    /// Returns the weights of a block, [input channel][ky][kx][channel of the block].
    const float* weights(const Block& block) const { return weights_.data() + block.weights; }
    /// Returns the bias of a block, one value per channel of the block.
    const float* bias(const Block& block) const { return bias_.data() + block.bias; }

    /// Returns the number of channels for which the block has space: `count`, or a multiple of the vector length.
    static int width(const Block& block, const Simd& simd) {
        return block.vectors > 0 ? block.vectors * simd.lanes : block.count;
    }

  private:
    void add_blocks(int group, int begin, int end, Lanes lanes);
    void pack_input_channel(const Conv2d& layer, const std::vector<int>& channels, const Block& block, int c);

    const Simd& simd_;
    std::vector<Block> blocks_;
    std::vector<int> groups_;  ///< Index in blocks_ of the first block of each group, followed by the number of blocks.
    Shape kernel_;             ///< Shape of the weights of one output channel: (1, input channels, KH, KW).
    std::size_t width_ = 0;    ///< Sum of width() over all blocks.
    bool packed_ = false;
    Tensor weights_, bias_;
};

}  // namespace convlens
