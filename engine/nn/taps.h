/// Which values of a layer's input one value of its output is made of.
#pragma once

#include <vector>

#include "engine/nn/network.h"
#include "engine/nn/pixel_position.h"

namespace convlens {

/// The taps of output value `position` of `operation` on an input of shape `input`; the layer must be able to run on it
/// and `position` lie in its output. In the order of the kernel as it is applied: a flipped kernel's taps are those of
/// the kernel turned round. A Flatten's channel is taken back to the value that it is; a Linear layer sees all.
Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position);

/// Where output value (y, x) of layer `layer` looks: entry i is the box in the input of layer i, so that entry 0 is the
/// receptive field on the picture and entry `layer` the layer's own window. Boxes end at the input's borders. A value
/// outside the box can't change the output value. Boxes are of rows and columns; channels are not told apart.
std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer, const PixelPosition& position);

}  // namespace convlens
