/// The thread that watches the main thread.
#include "app/ui/watchdog.h"

#include <algorithm>

#if !defined(NDEBUG) && __has_include(<execinfo.h>)
#define CONVLENS_WATCHDOG
#include <execinfo.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>
#endif

namespace convlens {

#ifdef CONVLENS_WATCHDOG
namespace {

pthread_t watched;  ///< The main thread.

/// Prints the stack. Runs on the main thread, as a signal handler.
void print_stack(int /*signal*/) {
    constexpr std::string_view title = "convlens: a frame takes too long:\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, title.data(), title.size());
    std::array<void*, 64> frames{};
    ::backtrace_symbols_fd(frames.data(), ::backtrace(frames.data(), static_cast<int>(frames.size())), STDERR_FILENO);
}

}  // namespace

Watchdog::Watchdog(std::chrono::milliseconds limit) : limit_(limit) {
    watched = ::pthread_self();
    std::array<void*, 1> frame{};
    ::backtrace(frame.data(), 1);  // loads what the handler must not load
    std::signal(SIGUSR2, print_stack);
    thread_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
    {
        const std::scoped_lock lock(mutex_);
        quit_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Watchdog::begin() {
    {
        const std::scoped_lock lock(mutex_);
        begun_ = Clock::now();
        working_ = true;
        reported_ = false;
    }
    changed_.notify_one();
}

void Watchdog::end() {
    const std::scoped_lock lock(mutex_);
    working_ = false;
    longest_ = std::max(longest_, Clock::now() - begun_);
}

void Watchdog::watch() {
    std::unique_lock lock(mutex_);
    while (!quit_) {
        if (!working_ || reported_) {
            changed_.wait(lock);
        } else if (changed_.wait_until(lock, begun_ + limit_) == std::cv_status::timeout && working_ &&
                   Clock::now() >= begun_ + limit_) {
            reported_ = true;
            ::pthread_kill(watched, SIGUSR2);
        }
    }
}
#else
Watchdog::Watchdog(std::chrono::milliseconds limit) : limit_(limit) {}
Watchdog::~Watchdog() = default;
void Watchdog::begin() { begun_ = Clock::now(); }
void Watchdog::end() { longest_ = std::max(longest_, Clock::now() - begun_); }
void Watchdog::watch() {}
#endif

}  // namespace convlens
