/// Choice of the algorithm for a convolution from its shape.
#pragma once

#include <cstdint>

namespace convlens {

/// What the SIMD lanes of a vector hold: output columns or output channels.
enum class Lanes { columns, channels };

/// From where the loops read input rows.
enum class Rows {
    in_place,  ///< From the input itself; only the ends of the rows are copied.
    window,    ///< From copies of the rows that a task needs next; each task makes its own.
    shared,    ///< From a copy of all rows, which is made before the tasks start.
};

/// The algorithm of a convolution.
struct ConvStrategy {
    Lanes lanes;
    Rows rows;
};

/// The properties that determine the strategy. They depend only on the layer, the shape of the input and the
/// instruction set. "Packed" rows are copies with padding.
struct ConvProblem {
    int vector;                 ///< Number of SIMD lanes of a vector.
    int columns;                ///< Number of output columns.
    int group_channels;         ///< Output channels per group.
    std::int64_t taps;          ///< Multiply-accumulates per output value.
    std::int64_t window_bytes;  ///< Size in bytes of the packed rows that one output row reads.
    std::int64_t ends_bytes;    ///< The same if only the ends of the rows are packed; INT64_MAX if Rows::in_place is
                                ///< not possible.
    std::int64_t shared_bytes;  ///< Size in bytes of all packed rows of the input.
    int in_channels;            ///< Input channels per group.
};

/// Returns the strategy for `problem`, according to the table of rules in conv2d_strategy.cpp.
ConvStrategy choose_strategy(const ConvProblem& problem);

}  // namespace convlens
