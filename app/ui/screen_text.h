/// The text on the screen as plain text: copied, or read aloud.
#pragma once

#include <string>
#include <vector>

#include "app/ui/drawn_text.h"

namespace convlens {

struct Frame;

/// What happens to the text on the screen.
enum class ScreenText { copied, spoken };

/// Returns texts in lines: those beside each other in one line, with two spaces between, and an empty line before each
/// panel.
std::string lines_of(const std::vector<DrawnText>& texts);

/// Copies the text of the frame that was drawn last, or reads it aloud. What tools draw as
/// pictures of text comes first; see Tool::words.
void take_screen_text(Frame& frame, ScreenText how);

}  // namespace convlens
