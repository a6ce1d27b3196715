/// Choice of the algorithm for a convolution from its shape.
#pragma once

#include <cstdint>

namespace convlens {

/// What the SIMD lanes of a vector hold: output columns or output channels.
enum class Lanes { columns, channels };
/// Where the loops read their rows: the input itself, a copy that each task makes as it proceeds (window), or a copy of
/// all rows made before (shared).
enum class Rows { in_place, window, shared };

struct ConvStrategy {
    Lanes lanes;
    Rows rows;
};

/// The properties that determine the strategy. They depend only on the layer and on the shape of the input.
struct ConvProblem {
    int vector;                 ///< SIMD lanes of a vector.
    int columns;                ///< Number of output columns.
    int group_channels;         ///< Output channels per group.
    std::int64_t taps;          ///< Multiply-accumulates per output value.
    std::int64_t window_bytes;  ///< Size of the packed rows that one output row reads.
    std::int64_t ends_bytes;    ///< Size of the packed rows when only the ends of the rows are packed; a very large
                                ///< number if that is not possible.
    std::int64_t shared_bytes;  ///< Size of all packed rows.
    int in_channels;            ///< Input channels per group.
};

/// Returns the strategy for a problem, according to the table in conv2d_strategy.cpp.
ConvStrategy choose_strategy(const ConvProblem& problem);

}  // namespace convlens
