/// What the window's tests are told about it.
#pragma once

namespace convlens {

struct Frame;

/// Writes what there is to know of `frame` and of every tool into its map, a word or some numbers a name.
void write_states(Frame& frame);

}  // namespace convlens
