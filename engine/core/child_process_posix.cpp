/// Child processes by posix_spawn().
#include "engine/core/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

extern char** environ;  // NOLINT: POSIX requires this declaration

namespace convlens {
namespace {

/// Returns a descriptor of an open file without a name that holds `bytes`; -1 if that fails.
int file_of(std::span<const std::byte> bytes) {
#ifdef __linux__
    const int file = ::memfd_create("convlens-input", MFD_CLOEXEC);
#else
    std::FILE* temporary = std::tmpfile();
    const int file = temporary ? ::fcntl(::fileno(temporary), F_DUPFD_CLOEXEC, 3) : -1;
    if (temporary) std::fclose(temporary);
#endif
    for (std::size_t at = 0; file >= 0 && at < bytes.size();) {
        const ssize_t written = ::write(file, bytes.data() + at, bytes.size() - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            ::close(file);
            return -1;
        }
        at += static_cast<std::size_t>(written);
    }
    if (file >= 0) ::lseek(file, 0, SEEK_SET);
    return file;
}

}  // namespace

Expected<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, std::span<const std::byte> input) {
#ifdef __EMSCRIPTEN__
    return fail("{} is not started in a browser", command.front());
#else
    int ends[2] = {-1, -1};
    const int from = file_of(input);
    if (from < 0 || ::pipe(ends) != 0) {
        if (from >= 0) ::close(from);
        return fail("{} can't be started ({})", command.front(), std::strerror(errno));
    }
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(from);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        return fail("{} can't be started ({})", command.front(), std::strerror(error));
    }
    return ChildProcess(child, ends[0]);
#endif
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)), output_(std::exchange(other.output_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(output_, other.output_);
    return *this;
}

ChildProcess::~ChildProcess() {
    if (output_ >= 0) ::close(output_);
    if (id_ == 0) return;
    ::kill(static_cast<pid_t>(id_), SIGKILL);
    while (::waitpid(static_cast<pid_t>(id_), nullptr, 0) < 0 && errno == EINTR) {
    }
}

Expected<std::size_t> ChildProcess::read(std::span<std::byte> into, std::chrono::milliseconds patience,
                                         const Cancel& cancel) {
    using Clock = std::chrono::steady_clock;
    constexpr int tick = 50;  // milliseconds between looks at the program
    std::size_t filled = 0;
    auto last = Clock::now();
    while (filled < into.size()) {
        if (cancel.requested()) return canceled();
        pollfd wanted{output_, POLLIN, 0};
        const int ready = ::poll(&wanted, 1, tick);
        if (ready < 0 && errno != EINTR) return fail("can't be read ({})", std::strerror(errno));
        if (ready <= 0) {
            siginfo_t state{};
            if (::waitid(P_PID, static_cast<id_t>(id_), &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 && state.si_pid != 0)
                return fail("was stopped");
            if (Clock::now() - last > patience) return fail("did not answer for {} ms", patience.count());
            continue;
        }
        const ssize_t got = ::read(output_, into.data() + filled, into.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("can't be read ({})", std::strerror(errno));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
        last = Clock::now();
    }
    return filled;
}

std::string ChildProcess::failure() {
    int status = 0;
    while (::waitpid(static_cast<pid_t>(id_), &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return "took too much processor time";
    if (WIFSIGNALED(status))
        return fmt::format("was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status) == 0 ? std::string() : fmt::format("failed with status {}", WEXITSTATUS(status));
}

}  // namespace convlens
