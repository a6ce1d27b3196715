/// Writes the states that the tests of the window read.
#pragma once

namespace convlens {

struct Frame;

/// Writes the state of `frame` and of every tool to its UI map, as one word or a few numbers per name.
void write_states(Frame& frame);

}  // namespace convlens
