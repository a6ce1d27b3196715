/// Gives texts to spd-say.
#include "app/speech.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/child_process.h"

namespace convlens {
namespace {

/// Runs spd-say with these arguments and `input`.
Expected<void> run(const std::vector<std::string>& arguments, std::string_view input) {
    std::vector<std::string> command{"spd-say"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto program = ChildProcess::start(command, std::as_bytes(std::span(input)));
    if (!program)
        return fail(
            "nothing is read aloud: the program spd-say is missing; install Debian's package speech-dispatcher");
    std::array<std::byte, 4096> echoed;
    for (std::size_t count = echoed.size(); count == echoed.size();) {
        const auto got = program->read(echoed, std::chrono::seconds(20), Cancel());
        if (!got) return fail("nothing is read aloud: spd-say {}", got.error().message);
        count = *got;
    }
    const std::string failure = program->failure();
    if (!failure.empty()) return fail("nothing is read aloud: spd-say {}", failure);
    return {};
}

}  // namespace

Expected<void> speak(std::string_view text, std::string_view language) {
    if (auto ok = run({"--cancel"}, {}); !ok || text.empty()) return ok;
    return run({"--language", std::string(language), "--pipe-mode"}, text);
}

}  // namespace convlens
