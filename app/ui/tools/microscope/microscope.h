/// The microscope: every term of one value, at the side and large in the middle.
#pragma once

namespace convlens {

struct Frame;

/// Keeps the value under the cursor, or of the marked channel's middle; lets it go when it is kept already.
void keep_value(Frame& frame);

void explanation_panel(Frame& frame);
void microscope_panel(Frame& frame);

}  // namespace convlens
