/// Reports frames that take too long, in debug builds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace convlens {

/// Prints the stack of the main thread to stderr when the work on a frame takes longer than `limit`, because the window
/// does not react meanwhile. Does nothing with NDEBUG, and on systems without execinfo.h. Make at most one object, on
/// the main thread.
class Watchdog {
  public:
    explicit Watchdog(std::chrono::milliseconds limit);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Call them when the work on a frame begins and ends.
    void begin();
    void end();

  private:
    using Clock = std::chrono::steady_clock;
    void watch();

    const std::chrono::milliseconds limit_;
    std::mutex mutex_;  // guards the members below
    std::condition_variable changed_;
    Clock::time_point begun_;
    bool working_ = false, reported_ = false, quit_ = false;
    std::thread thread_;
};

}  // namespace convlens
