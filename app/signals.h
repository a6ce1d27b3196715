/// Turns SIGTERM, SIGINT and SIGHUP, and on Windows the events of a console, into a request to close the window.
#pragma once

#ifndef _WIN32
#include <signal.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace convlens {

/// While an object exists, the first signal sets requested() and calls `wake` on a separate thread. The object must
/// then be destroyed within `patience`, otherwise the program is ended (by SIGALRM; on Windows by TerminateProcess). A
/// further signal ends the program at once, unless it arrives within `one_wish` of the first: shells and session
/// managers send two signals for one request. Signals that were ignored before, as by nohup, stay ignored.
///
/// On Windows the events are Ctrl+C, Ctrl+Break and the closing of the console; Windows ends a program about five
/// seconds after its console was closed. In a build without threads (has_threads is false, for browsers) an object does
/// nothing. Only one object may exist at a time.
class QuitSignals {
  public:
    explicit QuitSignals(std::function<void()> wake, std::chrono::seconds patience = std::chrono::seconds(10),
                         std::chrono::seconds one_wish = std::chrono::seconds(1));
    ~QuitSignals();
    QuitSignals(const QuitSignals&) = delete;
    QuitSignals& operator=(const QuitSignals&) = delete;

    /// Returns true after the first signal. May be called on any thread.
    bool requested() const { return requested_; }

  private:
#ifndef _WIN32
    static constexpr std::array<int, 3> signals_{SIGTERM, SIGINT, SIGHUP};
    std::array<struct sigaction, signals_.size()> before_{};  ///< Previous actions of the signals.
#endif

    const std::function<void()> wake_;
    std::atomic<bool> requested_ = false;
    std::thread thread_;
};

}  // namespace convlens
