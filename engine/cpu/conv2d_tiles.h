/// Interface of the vector loops of a convolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/cpu/part_stats.h"

namespace convlens {

inline constexpr int max_lanes = 16;  ///< Number of floats in the longest SIMD vector (64 bytes).

/// Statistics while they are computed, one set per SIMD lane.
struct alignas(64) LaneStats {
    float min[max_lanes], max[max_lanes], sum[max_lanes], sum_abs[max_lanes];
};

/// Output columns [begin, end) of a row, and their input. For output column x and input channel c, weight t of the
/// kernel is multiplied by input[c * pitch + taps[t] + x - origin].
struct Segment {
    const float* input;
    const std::ptrdiff_t* taps;
    std::ptrdiff_t pitch;  ///< Number of floats from one input channel to the next.
    int origin;            ///< Output column whose inputs begin at `input`.
    int begin;             ///< A multiple of the vector length, like every `end` except that of the last segment.
    int end;
};

/// One output row of a block of output channels, or a partial sum of it over some of the input channels.
struct RowJob {
    std::span<const Segment> segments;  ///< From left to right, without gaps: a whole row or a strip of it.
    int first_channel, channels;        ///< First input channel and number of input channels.
    /// Number of weights per input channel. Kernel rows that only overlap rows of zeros are left out.
    std::ptrdiff_t taps;
    const float* weights;            ///< [input channel][weight][output channel of the block]
    std::ptrdiff_t skipped_weights;  ///< Number of floats to skip between two input channels, for omitted kernel rows.
    bool stream;  ///< Whether the outputs are aligned and not read again soon. If so, whole vectors are stored with
                  ///< non-temporal stores, which bypass the caches.
    const float* bias;  ///< One value per output channel; null to add to the sums that are already in the outputs.
    float* const* rectified;  ///< For convolve_columns(): rows that receive ReLU of the output rows, or null.
};

/// Some output rows of an output channel that reads one input channel. Tap t of the kernel is multiplied by
/// input[y * row_step + taps[t] + x] for the output in row y and column x.
struct PlaneJob {
    const float* input;
    std::ptrdiff_t row_step;               ///< Number of floats between the inputs of two output rows.
    std::span<const std::ptrdiff_t> taps;  ///< The order in which products are added.
    const float* weights;                  ///< One for each tap.
    float bias;
    int rows, columns;
    float* output;     ///< [rows][columns]
    float* rectified;  ///< Receives ReLU of the output, or is null.
};

/// The loops for one instruction set. They compute each output value as bias + product + product ..., in the order
/// input channel, ky, kx, with fused multiply-add where available. So a value depends neither on its position in a row
/// or block nor on which loop computes it.
struct ConvLoops {
    int max_columns_block;               ///< Maximum number of output channels per call of convolve_columns().
    int columns_tile;                    ///< Number of vectors along a row with which a full block is fastest.
    int max_channels_vectors;            ///< Maximum number of vectors per call of convolve_channels().
    std::int64_t channels_weight_bytes;  ///< Best size in bytes of the weights of one call of convolve_channels().

    /// Computes one row of `out_channels` output channels; the SIMD lanes are output columns. outputs[o] points to the
    /// row of channel o. The input must be readable past the end of a segment, up to a whole vector. Adds the row's
    /// values to `stats` (one entry per output channel) unless it is null.
    void (*convolve_columns)(const RowJob& job, int out_channels, float* const* outputs, LaneStats* stats);

    /// Computes one row of `vectors` vectors of output channels; the SIMD lanes are output channels. Writes
    /// sums[column][vectors * lanes].
    void (*convolve_channels)(const RowJob& job, int vectors, float* sums);

    /// Transposes a row of the sums of convolve_channels(), `width` columns, into the rows outputs[0 .. out_channels).
    /// Writes ReLU of it to the rows `rectified` unless that is null. Adds the values to stats[0 .. vectors), one lane
    /// per channel, unless `stats` is null. `sums` must be readable up to a whole vector of columns.
    void (*store_channels)(const float* sums, int width, int vectors, int out_channels, float* const* outputs,
                           float* const* rectified, LaneStats* stats);

    /// Computes a PlaneJob. The input must be readable up to a whole vector past the last column. Adds the values to
    /// `stats` unless it is null.
    void (*convolve_plane)(const PlaneJob& job, LaneStats* stats);

    /// Sets to[p][i] = from[i * stride + p] for 0 <= p < stride, 0 <= i < count.
    void (*deinterleave)(const float* from, int stride, int count, float* const* to);

    /// Sets `stats` to the statistics of no values.
    void (*clear)(LaneStats& stats);
    /// Returns the statistics of the values in all lanes.
    PartStats (*reduce)(const LaneStats& stats);
};

}  // namespace convlens
