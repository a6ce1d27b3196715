/// Child processes by posix_spawn().
#include "engine/core/child_process.h"
#include "engine/core/sentence.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

extern char** environ;  // NOLINT: POSIX requires this declaration

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int tick = 50;  ///< Milliseconds between looks at the program.

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

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
    return start_reading(command, file_of(input), -1);
#endif
}

Expected<ChildProcess> ChildProcess::start_writing(const std::vector<std::string>& command) {
#ifdef __EMSCRIPTEN__
    return fail("{} is not started in a browser", command.front());
#else
    // A socket, because writing to a pipe that nothing reads would end this program.
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return fail("{} can't be started ({})", command.front(), std::strerror(errno));
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    return start_reading(command, ends[0], ends[1]);
#endif
}

/// Starts a program that reads the descriptor `from`, which is closed here. `input` is the other end, or -1.
Expected<ChildProcess> ChildProcess::start_reading([[maybe_unused]] const std::vector<std::string>& command,
                                                   [[maybe_unused]] int from, [[maybe_unused]] int input) {
#ifdef __EMSCRIPTEN__
    return fail("{} is not started in a browser", command.front());
#else
    int ends[2] = {-1, -1};
    if (from < 0 || ::pipe(ends) != 0) {
        const int reason = errno;
        if (from >= 0) ::close(from);
        if (input >= 0) ::close(input);
        return fail("{} can't be started ({})", command.front(), std::strerror(reason));
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
        if (input >= 0) ::close(input);
        return fail("{} can't be started ({})", command.front(), std::strerror(error));
    }
    return ChildProcess(child, input, ends[0]);
#endif
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, 0)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(input_, other.input_);
    std::swap(output_, other.output_);
    return *this;
}

ChildProcess::~ChildProcess() {
    if (input_ >= 0) ::close(input_);
    if (output_ >= 0) ::close(output_);
    if (id_ == 0) return;
    ::kill(static_cast<pid_t>(id_), SIGKILL);
    while (::waitpid(static_cast<pid_t>(id_), nullptr, 0) < 0 && errno == EINTR) {
    }
}

/// Returns true if a signal has stopped the program, which then neither reads nor writes.
bool ChildProcess::stopped() const {
    siginfo_t state{};
    return ::waitid(P_PID, static_cast<id_t>(id_), &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 && state.si_pid != 0;
}

Expected<std::size_t> ChildProcess::read(std::span<std::byte> into, std::chrono::milliseconds patience,
                                         const Cancel& cancel) {
    std::size_t filled = 0;
    auto last = Clock::now();
    while (filled < into.size()) {
        if (cancel.requested()) return canceled();
        pollfd wanted{output_, POLLIN, 0};
        const int ready = ::poll(&wanted, 1, tick);
        if (ready < 0 && errno != EINTR) return fail("can't be read ({})", std::strerror(errno));
        if (ready <= 0) {
            if (stopped()) return fail("was stopped");
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

Expected<void> ChildProcess::write(std::span<const std::byte> bytes, std::chrono::milliseconds patience,
                                   const Cancel& cancel) {
    auto last = Clock::now();
    while (!bytes.empty()) {
        if (cancel.requested()) return canceled();
        pollfd wanted{input_, POLLOUT, 0};
        const int ready = ::poll(&wanted, 1, tick);
        if (ready < 0 && errno != EINTR) return fail("can't be written to ({})", std::strerror(errno));
        if (ready <= 0) {
            if (stopped()) return fail("was stopped");
            if (Clock::now() - last > patience) return fail("read nothing for {} ms", patience.count());
            continue;
        }
        const ssize_t sent = ::send(input_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
        if (sent < 0) {
            const std::string how = failure();
            return fail("{}", how.empty() ? sentence("ended before its input did") : how);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
        last = Clock::now();
    }
    return {};
}

Expected<void> ChildProcess::finish(std::chrono::milliseconds patience, const Cancel& cancel) {
    if (id_ == 0) return fail("has ended");
    ::close(std::exchange(input_, -1));
    std::byte rest[256];
    for (;;) {
        const auto count = read(rest, patience, cancel);
        if (!count) return tl::unexpected(count.error());
        if (*count < std::size(rest)) break;
    }
    const std::string how = failure();
    if (!how.empty()) return fail("{}", how);
    return {};
}

std::string ChildProcess::failure() {
    int status = 0;
    while (::waitpid(static_cast<pid_t>(id_), &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return sentence("took too much processor time");
    if (WIFSIGNALED(status))
        return sentence("was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status) == 0 ? std::string() : sentence("failed with status {}", WEXITSTATUS(status));
}

}  // namespace convlens
