/// Weights in the order in which the vector loops read them.
#include "engine/cpu/conv2d_weights.h"

#include <algorithm>
#include <iterator>

namespace convlens {
namespace {

int at(const std::vector<int>& channels, int i) { return channels[static_cast<std::size_t>(i)]; }

}  // namespace

PackedWeights::PackedWeights(const Conv2d& layer, const std::vector<int>& channels, Lanes lanes,
                             const Simd& simd) {
    const int group_channels = layer.weight->shape().n / layer.params.groups;
    for (int begin = 0, end = 0; begin < std::ssize(channels); begin = end) {
        const int group = at(channels, begin) / group_channels;
        while (end < std::ssize(channels) && at(channels, end) / group_channels == group) ++end;
        groups_.push_back(static_cast<int>(blocks_.size()));
        add_blocks(layer, channels, group, begin, end, lanes, simd);
    }
    groups_.push_back(static_cast<int>(blocks_.size()));
}

/// Blocks as few as possible, of sizes as equal as possible: seven channels are a block of seven.
void PackedWeights::add_blocks(const Conv2d& layer, const std::vector<int>& channels, int group, int begin,
                               int end, Lanes lanes, const Simd& simd) {
    const int step = lanes == Lanes::channels ? simd.lanes : 1;
    const int most = lanes == Lanes::channels ? simd.conv.most_channels_vectors : simd.conv.most_columns_block;
    int steps = (end - begin + step - 1) / step;
    for (int left = (steps + most - 1) / most; left > 0; --left) {
        const int taken = (steps + left - 1) / left, count = std::min(taken * step, end - begin);
        Block block{group, begin, count, lanes == Lanes::channels ? taken : 0, weights_.size(), bias_.size()};
        const Shape& s = layer.weight->shape();
        const auto wide = static_cast<std::size_t>(width(block, simd)),
                   taps = static_cast<std::size_t>(s.c) * s.plane();
        weights_.resize(weights_.size() + wide * taps, 0.0F);
        bias_.resize(bias_.size() + wide, 0.0F);
        for (int i = 0; i < count; ++i)
            pack_channel(layer, at(channels, begin + i), block, static_cast<std::size_t>(i), wide);
        blocks_.push_back(block);
        begin += count;
        steps -= taken;
    }
}

void PackedWeights::pack_channel(const Conv2d& layer, int channel, const Block& block, std::size_t i,
                                 std::size_t wide) {
    float* to = &weights_[block.weights + i];
    for (int c = 0; c < layer.weight->shape().c; ++c) {
        const auto kernel = layer.weight->plane(channel, c);
        for (std::size_t tap = 0; tap < kernel.size(); ++tap, to += wide)
            *to = kernel[layer.params.flip ? kernel.size() - 1 - tap : tap];
    }
    if (layer.bias) bias_[block.bias + i] = (*layer.bias)[static_cast<std::size_t>(channel)];
}

}  // namespace convlens
