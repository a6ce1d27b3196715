/// Ctrl+V: pastes an image, files, or a kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace convlens {

struct Frame;

/// Pastes what the clipboard holds, as one undo step: an image becomes the input, files are opened like dropped files,
/// and a matrix replaces the selected kernel. Reads the clipboard on a worker thread. In a browser, the page hands over
/// images as files and texts by page::pasted_text().
void paste_clipboard(Frame& frame);

/// Returns the paths in a text that consists of nothing else: absolute paths or file: URLs (RFC 8089), one a line;
/// lines that begin with '#' are comments (RFC 2483). Returns nullopt for any other text.
std::optional<std::vector<std::string>> paths_in(std::string_view text);

}  // namespace convlens
