/// The kernel editor, which edits every value of the selected kernel.
#pragma once

namespace convlens {

struct Frame;

void kernel_editor_panel(Frame& frame);

}  // namespace convlens
