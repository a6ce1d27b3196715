/// Everything that is done with a session or a lecture file, for the fuzz target and for the replay of its corpus.
#pragma once

#include <string>
#include <string_view>

#include "engine/session/lecture.h"

namespace convlens {

struct ReadSession {
    std::string message;      ///< Why it is none; empty when it was read.
    bool reads_back = false;  ///< What is printed reads back and prints the same.
};

/// Reads `text`, prints it, reads that and prints it again. Files that it names are not opened.
inline ReadSession read_session(std::string_view text, std::string_view name) {
    const auto session = parse_session(text, name);
    if (!session) return {session.error().message, false};
    const std::string printed = print_session(*session);
    const auto again = parse_session(printed, name);
    return {"", again && print_session(*again) == printed};
}

/// The same for a lecture.
inline ReadSession read_lecture(std::string_view text, std::string_view name) {
    const auto lecture = parse_lecture(text, name);
    if (!lecture) return {lecture.error().message, false};
    const std::string printed = print_lecture(*lecture);
    const auto again = parse_lecture(printed, name);
    return {"", again && print_lecture(*again) == printed};
}

}  // namespace convlens
