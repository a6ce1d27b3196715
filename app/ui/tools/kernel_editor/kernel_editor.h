/// The kernel editor: edits the values of the selected kernel.
#pragma once

namespace convlens {

struct Frame;

/// Draws the editor in the panel on the right.
void kernel_editor_panel(Frame& frame);

}  // namespace convlens
