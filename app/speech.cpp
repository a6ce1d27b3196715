/// Gives texts to spd-say, and waits until they are read.
#include "app/speech.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/child_process.h"
#include "engine/core/numbers.h"
#include "engine/core/printable.h"
#include "engine/core/sentence.h"

namespace convlens {
namespace {

using namespace std::chrono_literals;

/// Runs spd-say with these arguments and `input` until it ends.
Expected<void> run(const std::vector<std::string>& arguments, std::string_view input,
                   std::chrono::milliseconds patience, const Cancel& cancel) {
    std::vector<std::string> command{"spd-say"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto program = ChildProcess::start(command, std::as_bytes(std::span(input)));
    if (!program)
        return fail(
            "nothing is read aloud: the program spd-say is missing; install Debian's package speech-dispatcher");
    std::array<std::byte, 4096> echoed;
    for (std::size_t count = echoed.size(); count == echoed.size();) {
        const auto got = program->read(echoed, patience, cancel);
        if (!got && got.error().canceled) return canceled();
        if (!got) return fail("nothing is read aloud: spd-say {}", got.error().message);
        count = *got;
    }
    const std::string failure = program->failure();
    if (!failure.empty()) return fail("nothing is read aloud: spd-say {}", failure);
    return {};
}

/// Returns the text with a space before each line that spd-say would take for a command of its protocol.
std::string without_commands(std::string_view text) {
    std::string made;
    while (!text.empty()) {
        const std::string_view line = cut(text, '\n');
        if (line.starts_with("!-!")) made += ' ';
        made += line;
        made += '\n';
    }
    return made;
}

}  // namespace

Speech::~Speech() {
    stop();
    for (const auto& reading : readings_) reading->thread.join();
}

void Speech::read(std::string text, std::string language, void (*wake)()) {
    stop();
    for (auto it = readings_.begin(); it != readings_.end();) {
        if ((*it)->ended) (*it)->thread.join();
        it = (*it)->ended ? readings_.erase(it) : it + 1;
    }
    auto reading = std::make_shared<Reading>();
    const auto before = readings_.empty() ? nullptr : readings_.back();
    reading->thread =
        std::thread([r = reading.get(), before, text = without_commands(text), language = std::move(language), wake] {
            while (before && !before->ended) std::this_thread::sleep_for(10ms);
            const Cancel cancel(r->quit, r->newer, {}, r->progress);
            // It waits for the end of the reading: a speech-dispatcher that it has started ends with its last client.
            try {
                const auto done = run({"--wait", "--language", language, "--pipe-mode"}, text, 10min, cancel);
                if (!done && done.error().canceled)
                    (void)run({"--cancel"}, {}, 2s, Cancel());
                else if (!done)
                    r->failure = done.error().message;
            } catch (const std::bad_alloc&) {
                r->failure = sentence("there is not enough memory");
            } catch (const std::exception& error) {
                r->failure = printable(error.what());
            }
            r->ended = true;
            wake();
        });
    readings_.push_back(std::move(reading));
}

void Speech::stop() {
    for (const auto& reading : readings_) reading->quit = true;
}

std::optional<std::string> Speech::take_failure() {
    if (readings_.empty() || !readings_.back()->ended || readings_.back()->failure.empty()) return std::nullopt;
    return std::exchange(readings_.back()->failure, {});
}

}  // namespace convlens
