/// The kernel editor: every value of the marked kernel.
#pragma once

namespace convlens {

struct Frame;

void kernel_editor_panel(Frame& frame);

}  // namespace convlens
