/// Weights in the order in which the vector loops read them.
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
    int group;                  ///< Of the layer.
    int first, count;           ///< In the list of channels to compute.
    int vectors;                ///< Where lanes are channels.
    std::size_t weights, bias;  ///< Where PackedWeights has them.
};

/// Weights and bias in the order in which the loops read them.
class PackedWeights {
  public:
    /// Of `channels` (ascending) of the layer. Finds the blocks; pack() fills them.
    PackedWeights(const Conv2d& layer, const std::vector<int>& channels, Lanes lanes, const Simd& simd);

    /// Copies weights and bias of the same layer and channels, unless that was done before. On the calling task_arena's
    /// threads. Returns false when canceled.
    bool pack(const Conv2d& layer, const std::vector<int>& channels, const Cancel& cancel);

    /// All blocks of a group lie side by side.
    const std::vector<Block>& blocks() const { return blocks_; }
    int groups() const { return static_cast<int>(groups_.size()) - 1; }  ///< That have channels to compute.
    int first_block(int group) const { return groups_[static_cast<std::size_t>(group)]; }
    /// [input channel][ky][k][channel of the block]
    const float* weights(const Block& block) const { return weights_.data() + block.weights; }
    /// One a channel of the block.
    const float* bias(const Block& block) const { return bias_.data() + block.bias; }

    /// Channels of a block as it is stored.
    static int width(const Block& block, const Simd& simd) {
        return block.vectors > 0 ? block.vectors * simd.lanes : block.count;
    }

  private:
    void add_blocks(int group, int begin, int end, Lanes lanes);
    void pack_input_channel(const Conv2d& layer, const std::vector<int>& channels, const Block& block, int c);

    const Simd& simd_;
    std::vector<Block> blocks_;
    std::vector<int> groups_;  ///< Where in blocks_ each group begins, and the end.
    Shape kernel_;             ///< (1, input channels, ky, k) of an output channel.
    std::size_t width_ = 0;    ///< Of all blocks.
    bool packed_ = false;
    Tensor weights_, bias_;
};

}  // namespace convlens
