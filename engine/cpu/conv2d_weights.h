/// Weights in the order in which the vector loops read them.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/cpu/conv2d_way.h"
#include "engine/cpu/simd.h"
#include "engine/nn/conv2d.h"

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
    /// Of `channels` (ascending) of the layer.
    PackedWeights(const Conv2d& layer, const std::vector<int>& channels, Lanes lanes, const Simd& simd);

    /// All blocks of a group lie side by side.
    const std::vector<Block>& blocks() const { return blocks_; }
    int groups() const { return static_cast<int>(groups_.size()) - 1; }  ///< That have channels to compute.
    int first_block(int group) const { return groups_[static_cast<std::size_t>(group)]; }
    /// [input channel][ky][k][channel of the block]
    const float* weights(const Block& block) const { return &weights_[block.weights]; }
    /// One a channel of the block.
    const float* bias(const Block& block) const { return &bias_[block.bias]; }

    /// Channels of a block as it is stored.
    static int width(const Block& block, const Simd& simd) {
        return block.vectors > 0 ? block.vectors * simd.lanes : block.count;
    }

  private:
    void add_blocks(const Conv2d& layer, const std::vector<int>& channels, int group, int begin, int end,
                    Lanes lanes, const Simd& simd);
    void pack_channel(const Conv2d& layer, int channel, const Block& block, std::size_t i, std::size_t wide);

    std::vector<Block> blocks_;
    std::vector<int> groups_;  ///< Where in blocks_ each group begins, and the end.
    std::vector<float> weights_, bias_;
};

}  // namespace convlens
