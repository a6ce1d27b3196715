/// The texts of a frame, read back from what Dear ImGui draws, for tests of translations.
#pragma once

#include <string>
#include <vector>

struct ImDrawData;

namespace convlens {

/// A line of text on the screen, in pixels.
struct DrawnText {
    std::string text;     ///< UTF-8; gaps are spaces.
    float x0, y, x1;      ///< Left end, top of the line, right end.
    float room;           ///< From x1 to the right edge of what clips the text; negative if a letter is cut.
    bool first_of_panel;  ///< Whether it is the first text of a draw list, that is, of a window or a child window.
};

/// Returns all texts in the order in which they are drawn: letters are recognized by their place in the font atlas.
/// Letters that are clipped as a whole are missing.
std::vector<DrawnText> drawn_texts(const ImDrawData& data);

}  // namespace convlens
