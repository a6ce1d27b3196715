/// Which shape of a convolution goes which way.
#pragma once

#include <cstdint>

namespace convlens {

/// What the lanes of a vector are.
enum class Lanes { columns, channels };
/// Where the loops read their rows: the input itself, a copy made by each task as it goes, one made of all
/// rows before.
enum class Rows { in_place, window, shared };

struct ConvStrategy {
    Lanes lanes;
    Rows rows;
};

/// What the choice depends on: the layer and the input's shape, nothing else.
struct ConvProblem {
    int vector;                 ///< Lanes of a vector.
    int columns;                ///< Of the output.
    int group_channels;         ///< Output channels of a group.
    std::int64_t taps;          ///< Of an output value.
    std::int64_t window_bytes;  ///< Of packed rows under one output row.
    std::int64_t ends_bytes;    ///< The same when only the rows' ends are packed; a very large number where
                                ///< that can't be.
    std::int64_t shared_bytes;  ///< Of all packed rows.
    int in_channels;            ///< Of a group.
};

/// The way for these facts: one table decides, see conv2d_way.cpp.
ConvStrategy choose_strategy(const ConvProblem& facts);

}  // namespace convlens
