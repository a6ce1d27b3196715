/// Measures the work of the main thread, and reports work that takes too long in debug builds.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace convlens {

/// Prints the stack of the main thread to stderr when its work takes longer than `limit`, because the window does not
/// react meanwhile. Only measures with NDEBUG, and on systems without execinfo.h. Make at most one object, on the main
/// thread.
class Watchdog {
  public:
    explicit Watchdog(std::chrono::milliseconds limit);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Call them when work begins and ends, which may be several times in a frame. Drawing and waiting for the window
    /// system are not counted as work.
    void begin();
    void end();

    /// Returns the longest time between begin() and end() so far, in milliseconds.
    double longest_ms() const { return std::chrono::duration<double, std::milli>(longest_).count(); }

  private:
    using Clock = std::chrono::steady_clock;
    void watch();

    [[maybe_unused]] const std::chrono::milliseconds limit_;  // as all members below: unused with NDEBUG
    Clock::duration longest_{};
    std::mutex mutex_;  // guards the members below
    std::condition_variable changed_;
    Clock::time_point begun_;
    [[maybe_unused]] bool working_ = false, reported_ = false, quit_ = false;
    std::thread thread_;
};

}  // namespace convlens
