/// Taps (the input values that contribute to an output value) and receptive fields.
#pragma once

#include <vector>

#include "engine/nn/network.h"
#include "engine/nn/pixel_position.h"

namespace convlens {

/// Returns the taps of the value at `position` in the output of `operation` for an input of shape `input`. The layer
/// must be able to run on that input, and `position` must lie in its output. The rows and columns of the taps are in
/// the order of the window, top to bottom and left to right, also if the kernel is flipped. Tap (i, j) is multiplied by
/// element (i, j) of the kernel; if the kernel is flipped, by element (i, j) of the kernel rotated by 180 degrees. A
/// Flatten has one tap, the input value that becomes output channel position.channel. The taps of a Linear layer are
/// all input values.
Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position);

/// Returns a box (a rectangle of rows and columns) for the network's input and for the output of each layer before
/// `layer`: only values inside these boxes can change the value at `position` in the output of layer `layer`. Entry 0
/// is the receptive field in the image, entry i + 1 the box in the output of layer i; in a chain, entry `layer` is
/// therefore the layer's own window. If several paths lead to a layer, its box contains those of all of them; the box
/// of a layer on which the value does not depend is empty. Boxes are clipped to the borders of the input and are the
/// same for all channels.
std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer, const PixelPosition& position);

}  // namespace convlens
