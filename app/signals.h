/// SIGTERM, SIGINT and SIGHUP as the wish that the window closes.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace convlens {

/// While it lives, the first of these signals sets requested() and calls `wake`, from a thread of its own. From then on
/// there is `patience` to destroy it: then SIGALRM ends the program. Another signal ends it at once, unless it comes
/// within a second: shells and session managers send two for one wish. Signals that were ignored before, as by nohup,
/// stay ignored. There may be one at a time.
class QuitSignals {
  public:
    explicit QuitSignals(std::function<void()> wake, std::chrono::seconds patience = std::chrono::seconds(10));
    ~QuitSignals();
    QuitSignals(const QuitSignals&) = delete;
    QuitSignals& operator=(const QuitSignals&) = delete;

    bool requested() const { return requested_; }

  private:
    static constexpr std::array<int, 3> signals_{SIGTERM, SIGINT, SIGHUP};

    const std::function<void()> wake_;
    std::atomic<bool> requested_ = false;
    std::array<struct sigaction, signals_.size()> before_{};  ///< What the signals did.
    std::thread thread_;
};

}  // namespace convlens
