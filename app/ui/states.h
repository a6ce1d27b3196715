/// What the window's tests are told about it.
#pragma once

#include "app/ui/frame.h"

namespace convlens {

/// Writes what there is to know of `frame` into its map, a word or some numbers a name.
void write_states(const Frame& frame);

}  // namespace convlens
