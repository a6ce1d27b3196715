/// Data structures of the vector loops of a convolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace convlens {

inline constexpr int max_lanes = 16;  ///< Floats in the longest vector (64 bytes).

/// Running statistics, one set per SIMD lane.
struct alignas(64) LaneStats {
    float min[max_lanes], max[max_lanes], sum[max_lanes], sum_abs[max_lanes];
};

/// Statistics of a few hundred values of one channel.
struct PartStats {
    float min, max, sum, sum_abs;
};

/// Output columns [begin, end) of a row, and their input. The value of input channel c that tap t of output column x
/// reads is input[c * pitch + taps[t] + x - origin].
struct Segment {
    const float* input;
    const std::ptrdiff_t* taps;
    std::ptrdiff_t pitch;  ///< Floats from one input channel to the next.
    int origin;
    int begin;  ///< A multiple of the vector length, like every `end` except that of the last segment.
    int end;
};

/// One output row of a block of output channels, or a partial sum of it over some of the input channels.
struct RowJob {
    std::span<const Segment> segments;  ///< From left to right, without gaps: a whole row or a strip of it.
    int first_channel, channels;        ///< Range of input channels.
    /// Number of taps per input channel. Only kernel rows that overlap input rows count; others would add zeros.
    std::ptrdiff_t taps;
    const float* weights;            ///< [input channel][tap][output channel of the block]
    std::ptrdiff_t skipped_weights;  ///< Floats to skip between two input channels.
    bool stream;  ///< Whether the outputs are aligned and not read again soon. If so, whole vectors are stored with
                  ///< non-temporal stores, which bypass the caches.
    const float* bias;  ///< One value per output channel; null to accumulate onto the sums already in the outputs.
    float* const* rectified;  ///< Rows that receive ReLU of the output rows in convolve_columns(); null if ReLU is not
                              ///< needed.
};

/// The loops for one instruction set. Each output value is bias + product + product ..., with fused multiply-add where
/// available, in the order input channel, ky, kx. The value depends neither on its position in a row or block nor on
/// which loop computes it.
struct ConvLoops {
    int max_columns_block;               ///< Maximum number of output channels of convolve_columns().
    int columns_tile;                    ///< Number of vectors along a row with which a full block is fastest.
    int max_channels_vectors;            ///< Maximum number of vectors of output channels of convolve_channels().
    std::int64_t channels_weight_bytes;  ///< Best size of the weights of one partial sum for convolve_channels().

    /// SIMD lanes are output columns. outputs[o] points to the row of channel o. The input must be readable past the
    /// end of a segment, up to a whole vector. Adds the finished row to `stats` (one per output channel) unless it is
    /// null.
    void (*convolve_columns)(const RowJob& job, int out_channels, float* const* outputs, LaneStats* stats);

    /// SIMD lanes are output channels. `sums` is [column][vectors * lanes].
    void (*convolve_channels)(const RowJob& job, int vectors, float* sums);

    /// Writes a row of the sums of convolve_channels() to outputs[0 .. out_channels), and ReLU of it to `rectified`
    /// unless that is null. Adds it to stats[0 .. vectors), one lane per channel, unless `stats` is null. `sums` must
    /// be readable up to a whole vector of columns.
    void (*store_channels)(const float* sums, int width, int vectors, int out_channels, float* const* outputs,
                           float* const* rectified, LaneStats* stats);

    /// to[p][i] = from[i * stride + p] for 0 <= p < stride, 0 <= i < count.
    void (*deinterleave)(const float* from, int stride, int count, float* const* to);

    void (*clear)(LaneStats& stats);
    PartStats (*reduce)(const LaneStats& stats);
};

}  // namespace convlens
