/// Packing of weights.
#include "engine/cpu/conv2d_weights.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr std::size_t grain_values = 1024;  ///< Minimum number of weights per output channel that a task copies.

int at(const std::vector<int>& channels, int i) { return channels[static_cast<std::size_t>(i)]; }

}  // namespace

PackedWeights::PackedWeights(const Conv2d& layer, const std::vector<int>& channels, Lanes lanes, const Simd& simd)
    : simd_(simd), kernel_{1, layer.weight->shape().c, layer.weight->shape().h, layer.weight->shape().w} {
    const int group_channels = layer.weight->shape().n / layer.params.groups;
    for (int begin = 0, end = 0; begin < std::ssize(channels); begin = end) {
        const int group = at(channels, begin) / group_channels;
        while (end < std::ssize(channels) && at(channels, end) / group_channels == group) ++end;
        groups_.push_back(static_cast<int>(blocks_.size()));
        add_blocks(group, begin, end, lanes);
    }
    groups_.push_back(static_cast<int>(blocks_.size()));
}

/// Makes as few blocks as possible, of sizes as equal as possible.
void PackedWeights::add_blocks(int group, int begin, int end, Lanes lanes) {
    const int step = lanes == Lanes::channels ? simd_.lanes : 1;
    const int most = lanes == Lanes::channels ? simd_.conv.max_channels_vectors : simd_.conv.max_columns_block;
    int steps = (end - begin + step - 1) / step;
    for (int left = (steps + most - 1) / most; left > 0; --left) {
        const int taken = (steps + left - 1) / left, count = std::min(taken * step, end - begin);
        blocks_.push_back(
            {group, begin, count, lanes == Lanes::channels ? taken : 0, width_ * kernel_.count(), width_});
        width_ += static_cast<std::size_t>(width(blocks_.back(), simd_));
        begin += count;
        steps -= taken;
    }
}

bool PackedWeights::pack(const Conv2d& layer, const std::vector<int>& channels, const Cancel& cancel) {
    if (packed_) return true;
    weights_.reshape({static_cast<int>(width_), kernel_.c, kernel_.h, kernel_.w});
    bias_.reshape({1, 1, 1, static_cast<int>(width_)});
    std::ranges::fill(bias_.values(), 0.0F);
    if (layer.bias) {
        for (const Block& block : blocks_)
            for (int i = 0; i < block.count; ++i)
                bias_.data()[block.bias + static_cast<std::size_t>(i)] =
                    (*layer.bias)[static_cast<std::size_t>(at(channels, block.first + i))];
    }
    std::atomic<bool> stopped = false;
    const auto copy = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            if (stopped || cancel.requested()) {
                stopped = true;
                return;
            }
            pack_input_channel(layer, channels, blocks_[static_cast<std::size_t>(i / kernel_.c)],
                               static_cast<int>(i % kernel_.c));
        }
    };
    const auto grain = static_cast<std::int64_t>(grain_values / kernel_.plane() + 1);
    parallel_ranges<std::int64_t>(std::ssize(blocks_) * kernel_.c, grain, copy);  // input channels of blocks
    packed_ = !stopped;
    return packed_;
}

/// Copies the weights of one input channel for all channels of a block. Unused space of the block is filled with zeros.
void PackedWeights::pack_input_channel(const Conv2d& layer, const std::vector<int>& channels, const Block& block,
                                       int c) {
    const auto wide = static_cast<std::size_t>(width(block, simd_)), taps = kernel_.plane();
    float* const to = weights_.data() + block.weights + static_cast<std::size_t>(c) * taps * wide;
    for (std::size_t i = 0; i < wide; ++i) {
        if (i >= static_cast<std::size_t>(block.count)) {
            for (std::size_t tap = 0; tap < taps; ++tap) to[tap * wide + i] = 0.0F;
            continue;
        }
        const auto kernel = layer.weight->plane(at(channels, block.first + static_cast<int>(i)), c);
        for (std::size_t tap = 0; tap < taps; ++tap)
            to[tap * wide + i] = kernel[layer.params.flip ? taps - 1 - tap : tap];
    }
}

}  // namespace convlens
