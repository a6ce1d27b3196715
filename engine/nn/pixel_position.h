/// Positions of output values, and of the input values that they are computed from.
#pragma once

#include <vector>

#include "engine/core/image.h"
#include "engine/core/shape.h"
#include "engine/nn/window.h"

namespace convlens {

/// The channels first, first + 1, ..., first + count - 1.
struct ChannelRange {
    int first = 0;
    int count = 0;
};

/// Position of one value of a layer's output: channel, row and column of its map, counted from 0.
struct PixelPosition {
    int channel = 0;
    int y = 0;
    int x = 0;
    friend bool operator==(const PixelPosition&, const PixelPosition&) = default;
};

/// Taps: the input values that contribute to one output value, which lie under its kernel, window or bin. They are
/// every channel of [first_channel, first_channel + channels) at each of `rows` and each of `columns`. Index -1 is a
/// padding position that holds no value of the input: a zero for a convolution, ignored by pooling. Padding that
/// repeats input values has the indices of the repeated values.
struct Taps {
    int first_channel = 0;
    int channels = 0;
    std::vector<int> rows;
    std::vector<int> columns;

    /// Returns the smallest rectangle of input rows and columns that contains the taps; empty if all taps are padding.
    Rect box() const;
};

/// Returns the taps of the single value at `position`.
inline Taps tap_at(const PixelPosition& position) { return {position.channel, 1, {position.y}, {position.x}}; }

/// Returns taps of `channels` at all rows and columns of the input.
Taps taps_everywhere(ChannelRange channels, const Shape& input);

/// Returns taps of `channels` under a sliding window, at the place that belongs to the row and column of `position` in
/// the output.
Taps taps_under(const WindowShape& window, ChannelRange channels, const Shape& input, const PixelPosition& position);

}  // namespace convlens
