/// The rows of a layer's card that say which layers it reads.
#pragma once

#include <cstddef>

namespace convlens {

struct Frame;

/// Draws a list of the earlier layers for each input of layer `index` of the draft's network and, for a layer that
/// joins several, buttons to add and remove inputs.
void layer_inputs(Frame& frame, std::size_t index);

}  // namespace convlens
