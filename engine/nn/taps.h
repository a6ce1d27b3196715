/// Taps and receptive fields of output values.
#pragma once

#include <vector>

#include "engine/nn/network.h"
#include "engine/nn/pixel_position.h"

namespace convlens {

/// Returns the taps of the output value at `position` of `operation` for an input of shape `input`. The layer must be
/// able to run on that input, and `position` must lie in its output. The taps are in row-major order of the window (top
/// to bottom, left to right), and a flip does not change this order. Tap (i, j) is multiplied by element (i, j) of the
/// kernel; if the kernel is flipped, by element (i, j) of the kernel rotated by 180 degrees. A Flatten has one tap: the
/// input value that becomes output channel position.channel. A Linear layer has all input values as taps.
Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position);

/// Returns the boxes of input values that the value at `position` of layer `layer` depends on. Entry i is the box in
/// the input of layer i: entry 0 is the receptive field on the image, entry `layer` the layer's own window. Boxes are
/// clipped to the borders of the input. A value outside the boxes can't change the output value. Boxes cover rows and
/// columns; channels are not distinguished.
std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer, const PixelPosition& position);

}  // namespace convlens
