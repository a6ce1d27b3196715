/// The input values that an output value is computed from.
#pragma once

#include <vector>

#include "engine/nn/network.h"
#include "engine/nn/pixel_position.h"

namespace convlens {

/// Returns the taps of the output value at `position` of `operation` for an input of shape `input`. The layer must be
/// able to run on that input, and `position` must lie in its output. The taps are in the order of the kernel as it is
/// applied: a flipped kernel's taps are those of the kernel rotated by 180 degrees. A Flatten's channel maps back to
/// the value that it holds; a Linear layer sees all values.
Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position);

/// Returns the input boxes that the value at `position` of layer `layer` depends on: entry i is the box in the input of
/// layer i, so entry 0 is the receptive field on the image and entry `layer` is the layer's own window. Boxes end at
/// the input's borders. A value outside the box can't change the output value. Boxes consist of rows and columns;
/// channels are not distinguished.
std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer, const PixelPosition& position);

}  // namespace convlens
