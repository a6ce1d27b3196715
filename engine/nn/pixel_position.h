/// Positions of output values, and of the input values from which they are computed.
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

/// Position of one value in a layer's input or output: channel, row (y) and column (x), each counted from 0.
struct PixelPosition {
    int channel = 0;
    int y = 0;
    int x = 0;
    friend bool operator==(const PixelPosition&, const PixelPosition&) = default;
};

/// The taps of one output value: the input values that contribute to it, such as the values under the kernel. They are
/// the values in all channels [first_channel, first_channel + channels), all `rows` and all `columns`. Index -1 is
/// padding that is not a copy of an input value: zero in a sum, ignored by a maximum. Padding that is a copy of an
/// input value (padding_mode other than zeros) has the index of that value.
struct Taps {
    int first_channel = 0;
    int channels = 0;          ///< Number of channels.
    std::vector<int> rows;     ///< Rows of the input, or -1.
    std::vector<int> columns;  ///< Columns of the input, or -1.

    /// Returns the smallest rectangle of input rows and columns that contains the taps; {} if all taps are padding.
    Rect box() const;
};

/// Returns taps that consist only of the value at `position`.
inline Taps tap_at(const PixelPosition& position) { return {position.channel, 1, {position.y}, {position.x}}; }

/// Returns taps that consist of all rows and columns of `channels` of an input of shape `input`.
Taps taps_everywhere(ChannelRange channels, const Shape& input);

/// Returns the taps of the output value in row position.y and column position.x: the values of `channels` that are
/// under the sliding window.
Taps taps_under(const WindowShape& window, ChannelRange channels, const Shape& input, const PixelPosition& position);

}  // namespace convlens
