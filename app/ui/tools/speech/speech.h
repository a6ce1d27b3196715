/// Reads the text on the screen aloud.
#pragma once

#include "app/speech.h"
#include "app/ui/tool.h"

namespace convlens {

/// State of the tool.
struct SpeechView {
    Speech speech;
};

/// Reads aloud instead of what is read now, in the language of the window; see take_screen_text().
void read_aloud(Frame& frame, std::string text);

/// The entry in the table of tools.
extern const Tool speech_tool;

}  // namespace convlens
