/// Cancellation and progress of long-running work.
#pragma once

#include <atomic>
#include <chrono>

namespace convlens {

/// Connects a long-running job with the code that waits for it. The job calls requested() about every 5 ms to learn
/// whether to stop, and report() to publish its progress.
///
/// A newer request does not stop the running job at once but at `grace_end`. So short jobs finish and keep the picture
/// up to date while a slider is dragged, and long jobs give up. Copies refer to the same job; the atomics must outlive
/// them. All members may be called from any thread.
class Cancel {
  public:
    using Clock = std::chrono::steady_clock;

    /// Makes a Cancel that never requests cancellation and discards the progress, for tests and the command line.
    Cancel() = default;

    Cancel(const std::atomic<bool>& quit, const std::atomic<bool>& newer, Clock::time_point grace_end,
           std::atomic<float>& progress)
        : quit_(&quit), newer_(&newer), grace_end_(grace_end), progress_(&progress) {}

    /// Returns true if the work should stop.
    bool requested() const { return quit_ && (*quit_ || (*newer_ && Clock::now() >= grace_end_)); }

    /// Reports the completed fraction of the work, 0..1.
    void report(float fraction) const {
        if (progress_) *progress_ = begin_ + fraction * (end_ - begin_);
    }

    /// Returns a Cancel for one step of the work. Its progress 0..1 is reported as `begin`..`end` of this Cancel.
    Cancel part(float begin, float end) const {
        Cancel step = *this;
        step.begin_ = begin_ + begin * (end_ - begin_);
        step.end_ = begin_ + end * (end_ - begin_);
        return step;
    }

  private:
    const std::atomic<bool>* quit_ = nullptr;
    const std::atomic<bool>* newer_ = nullptr;
    Clock::time_point grace_end_;
    std::atomic<float>* progress_ = nullptr;
    float begin_ = 0.0F, end_ = 1.0F;  ///< Fractions that report(0) and report(1) store.
};

}  // namespace convlens
