/// The kernel editor: edits the values of the selected kernel.
#pragma once

#include <string_view>

namespace convlens {

struct Frame;

/// Draws the editor in the panel on the right.
void kernel_editor_panel(Frame& frame);

/// Replaces the selected kernel by the one in `text`, as planes_from_text() reads it: one undo step. Reports an error
/// if the text contains no kernel or the kernels can't be edited.
void paste_kernel(Frame& frame, std::string_view text);

}  // namespace convlens
