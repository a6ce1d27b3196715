/// Child processes that fail while they decode a picture: the test program with other arguments.
#pragma once

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/picture_reply.h"

/// First argument of the test program when it is such a child. The second names the fault.
inline constexpr std::string_view picture_fault_word = "fail-to-decode-picture";

/// Fails as `arguments` say, and returns the exit status.
inline int run_picture_fault(const std::vector<std::string>& arguments) {
    const std::string& fault = arguments.at(1);
    const auto write = [](convlens::PictureReply reply) {
        std::fwrite(&reply, sizeof reply, 1, stdout);
        std::fflush(stdout);
    };
    constexpr std::uint32_t picture = convlens::PictureReply::picture;
    if (fault == "huge") write({picture, 0, 32768, 32768, 3, 8, 1});
    if (fault == "channels") write({picture, 0, 4, 4, 9, 8, 1});
    if (fault == "message") write({convlens::PictureReply::failure, 4'000'000'000U, 0, 0, 0, 0, 0});
    if (fault == "half" || fault == "not a number") write({picture, 0, 4, 4, 3, 8, 1});
    if (fault == "not a number")
        for (int i = 0; i < 48; ++i) std::fwrite("\xff\xff\xff\xff", 4, 1, stdout);
    if (fault == "status") return 7;
#ifndef _WIN32
    if (fault == "SIGSEGV") {
        std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would report it
        std::raise(SIGSEGV);
    }
    if (fault == "SIGKILL") std::raise(SIGKILL);
    if (fault == "SIGSTOP") std::raise(SIGSTOP);
#endif
    return 0;
}
