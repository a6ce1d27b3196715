/// One value of a layer's output, and where the values of the input lie that it is made of.
#pragma once

#include <vector>

#include "engine/core/image.h"
#include "engine/core/shape.h"
#include "engine/nn/window.h"

namespace convlens {

/// Channels first, first + 1, ..., first + count - 1.
struct ChannelRange {
    int first = 0;
    int count = 0;
};

/// One value of a layer's output: channel, row and column of its map, counted from 0.
struct PixelPosition {
    int channel = 0;
    int y = 0;
    int x = 0;
    friend bool operator==(const PixelPosition&, const PixelPosition&) = default;
};

/// The values under the kernel, window or bin of one output value: every channel of [first_channel, first_channel +
/// channels) at each of `rows` and each of `columns`. -1 is a place in the padding that holds no value of the input: a
/// zero for a convolution, nothing at all for pooling. Padding that repeats values has their indices.
struct Taps {
    int first_channel = 0;
    int channels = 0;
    std::vector<int> rows;
    std::vector<int> columns;

    /// The smallest rectangle of the input's plane that holds them; empty where all lie in padding.
    Rect box() const;
};

/// The one value at `position`.
inline Taps tap_at(const PixelPosition& position) { return {position.channel, 1, {position.y}, {position.x}}; }

/// `channels` of all of the input's places.
Taps taps_everywhere(ChannelRange channels, const Shape& input);

/// `channels` under a window that slides, where it makes the value at `position`'s row and column.
Taps taps_under(const WindowShape& window, ChannelRange channels, const Shape& input, const PixelPosition& position);

}  // namespace convlens
