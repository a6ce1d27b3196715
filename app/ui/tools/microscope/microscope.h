/// The microscope: every term of one value, in the panel on the right and large in the middle.
#pragma once

namespace convlens {

struct Frame;

/// Pins the value under the cursor, or the center of the marked channel; unpins it if it is already pinned.
void keep_value(Frame& frame);

void explanation_panel(Frame& frame);
void microscope_panel(Frame& frame);

}  // namespace convlens
