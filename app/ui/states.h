/// Writes the states that tests of the window read.
#pragma once

namespace convlens {

struct Frame;

/// Writes the state of the window and of every tool to frame.map: for each name one word, some numbers, or a title.
void write_states(Frame& frame);

}  // namespace convlens
