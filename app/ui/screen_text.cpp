/// Collects the text of a frame.
#include "app/ui/screen_text.h"

#include <imgui.h>

#include <cmath>

#include "app/ui/files.h"
#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "app/ui/tools/speech/speech.h"

namespace convlens {

std::string lines_of(const std::vector<DrawnText>& texts) {
    std::string lines;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const bool beside = i > 0 && !texts[i].first_of_panel && std::abs(texts[i].y - texts[i - 1].y) < 4 &&
                            texts[i].x0 > texts[i - 1].x1;
        if (i > 0) lines += beside ? "  " : texts[i].first_of_panel ? "\n\n" : "\n";
        lines += texts[i].text;
    }
    return lines;
}

void take_screen_text(Frame& f, ScreenText how) {
    std::string text;
    for (const Tool* tool : tools())
        if (const std::string words = tool->words ? tool->words(f) : ""; !words.empty()) text += words + "\n\n";
    if (const ImDrawData* drawn = ImGui::GetDrawData()) text += lines_of(drawn_texts(*drawn));
    f.requests.redraw = true;
    if (how == ScreenText::copied) {
        f.requests.copy = std::move(text);
        return;
    }
    read_aloud(f, std::move(text));
}

}  // namespace convlens
