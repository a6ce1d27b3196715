/// What the vector loops of a convolution work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace convlens {

inline constexpr int max_lanes = 16;  ///< Floats in the longest vector, of 64 bytes.

/// Running statistics of some values, lane by lane.
struct alignas(64) LaneStats {
    float min[max_lanes], max[max_lanes], sum[max_lanes], sum_abs[max_lanes];
};

/// Statistics of a few hundred values of one channel.
struct PartStats {
    float min, max, sum, sum_abs;
};

/// Output columns [begin, end) of a row, and their input: the value of input channel c that tap t of output x takes
/// lies at input[c * pitch + taps[t] + x - origin].
struct Segment {
    const float* input;
    const std::ptrdiff_t* taps;
    std::ptrdiff_t pitch;  ///< Floats from one input channel to the next.
    int origin;
    int begin;  ///< A multiple of the vector length, as is every end but the row's.
    int end;
};

/// One output row of a block of output channels, or a part of its sum: some of the input channels.
struct RowJob {
    std::span<const Segment> segments;  ///< From left to right, without gaps: a whole row or a strip of it.
    int first_channel, channels;        ///< Of the input.
    std::ptrdiff_t
        taps;  ///< Of an input channel: those of the kernel rows that lie on input rows; others would add zeros.
    const float* weights;            ///< [input channel][tap][output channel of the block] ...
    std::ptrdiff_t skipped_weights;  ///< ... and so many floats are between two input channels.
    bool stream;                     ///< Outputs are aligned and not soon read again: whole vectors go past the caches.
    const float* bias;               ///< One an output channel; null to go on from the sums that are there.
    float* const* rectified;  ///< Where convolve_columns() also writes what a ReLU makes of a row; null for nowhere.
};

/// The loops, for one instruction set. Each output value is bias + product + product ..., fused where the
/// machine can, in the order input channel, ky, k: it depends neither on its place in a row or a block nor on
/// the loop that made it.
struct ConvLoops {
    int max_columns_block;               ///< Output channels that convolve_columns() takes at most.
    int columns_tile;                    ///< Vectors along a row that a full block goes best with.
    int max_channels_vectors;            ///< Vectors of output channels that convolve_channels() takes at most ...
    std::int64_t channels_weight_bytes;  ///< ... and the weights of a part of a sum that it goes best with.

    /// Lanes are output columns. outputs[o] is where channel o's row begins. The values read reach past a
    /// segment's end up to a whole vector. Adds the finished row to `stats` (one an output channel) unless
    /// that is null.
    void (*convolve_columns)(const RowJob& job, int out_channels, float* const* outputs, LaneStats* stats);

    /// Lanes are output channels. sums is [column][vectors * lanes].
    void (*convolve_channels)(const RowJob& job, int vectors, float* sums);

    /// Writes a row of such sums to outputs[0 .. out_channels), what a ReLU makes of it to `rectified` likewise unless
    /// that is null, and adds it to stats[0 .. vectors), a lane a channel, unless that is null. sums must be readable
    /// up to a whole vector of columns.
    void (*store_channels)(const float* sums, int width, int vectors, int out_channels, float* const* outputs,
                           float* const* rectified, LaneStats* stats);

    /// to[p][i] = from[i * stride + p] for 0 <= p < stride, 0 <= i < count.
    void (*deinterleave)(const float* from, int stride, int count, float* const* to);

    void (*clear)(LaneStats& stats);
    PartStats (*reduce)(const LaneStats& stats);
};

}  // namespace convlens
