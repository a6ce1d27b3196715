/// Copies images with wl-copy or xclip, and reads the clipboard with wl-paste or xclip.
#include "app/clipboard.h"

#ifdef __APPLE__

namespace convlens {

Expected<void> copy_picture(std::span<const std::byte> /*png*/) {
    return fail("the picture was not copied: Convlens can't copy images on macOS; save the picture instead");
}

Expected<Clipped> read_clipboard() {
    return fail(
        "nothing was pasted: Convlens can't read the clipboard on macOS; save what it holds, and open the file");
}

}  // namespace convlens

#else

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "engine/core/child_process.h"
#include "engine/core/numbers.h"

extern char** environ;  // NOLINT: POSIX requires this declaration

namespace convlens {

namespace {

bool is_wayland() {
    const char* wayland = std::getenv("WAYLAND_DISPLAY");
    return wayland && *wayland;
}

/// Returns what `command` prints, at most 256 MiB; empty if the program reports an error.
Expected<std::vector<std::byte> > printed_by(const std::vector<std::string>& command) {
    constexpr std::size_t part = std::size_t{1} << 16U, most = std::size_t{256} << 20U;
    auto program = ChildProcess::start(command, {});
    if (!program)
        return fail("nothing was pasted: the program {} is missing; install Debian's package {}", command.front(),
                    is_wayland() ? "wl-clipboard" : "xclip");
    std::vector<std::byte> all;
    for (;;) {
        const std::size_t filled = all.size();
        all.resize(filled + part);
        const auto count = program->read(std::span(all).subspan(filled), std::chrono::seconds(3), Cancel());
        if (!count) return fail("nothing was pasted: {} {}", command.front(), count.error().message);
        all.resize(filled + *count);
        if (*count < part) break;
        if (all.size() > most) return fail("nothing was pasted: the clipboard holds more than {} MiB", most >> 20U);
    }
    return program->failure().empty() ? all : std::vector<std::byte>();
}

std::vector<std::string> command_for(std::string_view type) {
    if (!is_wayland()) return {"xclip", "-selection", "clipboard", "-o", "-t", std::string(type)};
    if (type == "TARGETS") return {"wl-paste", "--list-types"};
    return {"wl-paste", "--no-newline", "--type", std::string(type)};
}

}  // namespace

Expected<Clipped> read_clipboard() {
    const auto list = printed_by(command_for("TARGETS"));
    if (!list) return tl::unexpected(list.error());
    const std::string_view all(reinterpret_cast<const char*>(list->data()), list->size());
    const auto offered = [&](std::string_view type) {
        for (std::string_view rest = all; !rest.empty();)
            if (cut(rest, '\n') == type) return true;
        return false;
    };
    // PNG first: other programs offer what they show as PNG, and the same as JPEG with losses.
    for (const char* type : {"image/png", "image/webp", "image/gif", "image/tiff", "image/jpeg", "image/bmp"}) {
        if (!offered(type)) continue;
        auto picture = printed_by(command_for(type));
        if (!picture) return tl::unexpected(picture.error());
        if (!picture->empty()) return Clipped{std::move(*picture), {}};
    }
    for (const char* type : {"text/uri-list", "UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING"}) {
        if (!offered(type)) continue;
        const auto text = printed_by(command_for(type));
        if (!text) return tl::unexpected(text.error());
        if (!text->empty()) return Clipped{{}, {reinterpret_cast<const char*>(text->data()), text->size()}};
    }
    return fail("nothing was pasted: the clipboard holds neither a picture nor a text");
}

Expected<void> copy_picture(std::span<const std::byte> png) {
    const bool on_wayland = is_wayland();
    const char* program = on_wayland ? "wl-copy" : "xclip";
    // A file in memory, because a pipe can fill up or break.
    const int bytes = ::memfd_create("convlens-clipboard", MFD_CLOEXEC);
    const bool written = bytes >= 0 && ::write(bytes, png.data(), png.size()) == static_cast<ssize_t>(png.size()) &&
                         ::lseek(bytes, 0, SEEK_SET) == 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, bytes, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                     0);  // otherwise xclip's child keeps our output open
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const char* wl[] = {"wl-copy", "--type", "image/png", nullptr};
    const char* x11[] = {"xclip", "-selection", "clipboard", "-t", "image/png", "-i", nullptr};
    pid_t child = 0;
    const int error = written ? ::posix_spawnp(&child, program, &actions, nullptr,
                                               const_cast<char* const*>(on_wayland ? wl : x11), environ)
                              : EIO;
    posix_spawn_file_actions_destroy(&actions);
    if (bytes >= 0) ::close(bytes);
    if (error == ENOENT)
        return fail("the picture was not copied: the program {} is missing; install Debian's package {}", program,
                    on_wayland ? "wl-clipboard" : "xclip");
    if (error != 0) return fail("the picture was not copied: {} cannot be started", program);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail("the picture was not copied: {} reported an error", program);
    return {};
}

}  // namespace convlens

#endif
