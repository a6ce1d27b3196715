/// The microscope: every term of one value, in the panel on the right and larger in the central panel.
#pragma once

namespace convlens {

struct Frame;

/// Pins the value under the mouse or keyboard cursor; without one, the center of the selected channel. If that value is
/// already pinned, or a value is pinned and there is no cursor, unpins it.
void keep_value(Frame& frame);

void explanation_panel(Frame& frame);
void microscope_panel(Frame& frame);

}  // namespace convlens
