/// Actions that read the text on the screen aloud, and what becomes of it.
#include "app/ui/tools/speech/speech.h"

#include <string>
#include <utility>

#include "app/ui/actions.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/wake.h"
#include "app/web/page.h"

namespace convlens {
namespace {

Speech& speech_of(Frame& f) { return f.states.of<SpeechView>().speech; }

bool can_speak(const Frame& /*frame*/) { return !in_browser; }

constexpr Action rows[] = {
    {"speak",
     "Read the text on the screen aloud",
     Menu::help,
     {{}},
     can_speak,
     [](Frame& f) { f.requests.screen_text = ScreenText::spoken; }},
    {"silence", "Stop reading aloud", Menu::help, {{}}, can_speak, [](Frame& f) { speech_of(f).stop(); }},
};

void poll(Frame& f) {
    if (auto failure = speech_of(f).take_failure()) f.requests.error = std::move(*failure);
}

}  // namespace

void read_aloud(Frame& f, std::string text) {
    speech_of(f).read(std::move(text), std::string(current_language()), wake_window);
    f.requests.note = tr("the text on the screen is read aloud");
}

const Tool speech_tool{.id = "speech", .actions = rows, .poll = poll, .closed = [](States& states, Closing) {
                           states.of<SpeechView>().speech.stop();
                       }};

}  // namespace convlens
