/// Copies images with wl-copy or xclip.
#include "app/clipboard.h"

#ifdef __APPLE__

namespace convlens {

Expected<void> copy_picture(std::span<const std::byte> /*png*/) {
    return fail("the picture was not copied: Convlens can't copy images on macOS; save the picture instead");
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

extern char** environ;  // NOLINT: POSIX requires this declaration

namespace convlens {

Expected<void> copy_picture(std::span<const std::byte> png) {
    const char* wayland = std::getenv("WAYLAND_DISPLAY");
    const bool on_wayland = wayland && *wayland;
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
