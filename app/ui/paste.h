/// Ctrl+V: pastes an image, files, or a kernel.
#pragma once

namespace convlens {

struct Frame;

/// Pastes what the clipboard holds, as one undo step: an image becomes the input, files are opened like dropped files,
/// and a matrix replaces the selected kernel. Reads the clipboard on a worker thread. In a browser, the page hands over
/// images as files and texts by page::pasted_text().
void paste_clipboard(Frame& frame);

}  // namespace convlens
