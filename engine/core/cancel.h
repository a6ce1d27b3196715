/// Cancellation and progress of long-running work.
#pragma once

#include <atomic>
#include <chrono>

namespace convlens {

/// Lets the code that waits for a long-running job stop that job and read its progress. The job calls requested() every
/// few milliseconds to learn whether to stop, and report() to publish its progress.
///
/// A newer request does not stop the running job before the time `grace_end`. So while a slider is dragged, short jobs
/// finish and keep the picture up to date, and long jobs stop. All copies of a Cancel belong to the same job. Any
/// thread may call any member.
class Cancel {
  public:
    using Clock = std::chrono::steady_clock;

    /// Makes a Cancel that never requests cancellation and discards the progress, for tests and the command line.
    Cancel() = default;

    /// Makes a Cancel for one job. The job should stop at once when `quit` becomes true; when `newer` becomes true, it
    /// should stop at `grace_end`, or at once if that time has passed. `progress` receives the completed fraction,
    /// 0..1. The three atomics must outlive the Cancel and all its copies.
    Cancel(const std::atomic<bool>& quit, const std::atomic<bool>& newer, Clock::time_point grace_end,
           std::atomic<float>& progress)
        : quit_(&quit), newer_(&newer), grace_end_(grace_end), progress_(&progress) {}

    /// Returns true if the job should stop.
    bool requested() const { return quit_ && (*quit_ || (*newer_ && Clock::now() >= grace_end_)); }

    /// Publishes the completed fraction of the work, 0..1.
    void report(float fraction) const {
        if (progress_) *progress_ = begin_ + fraction * (end_ - begin_);
    }

    /// Returns a Cancel for one step of the work: its progress 0..1 becomes the progress `begin`..`end` of this Cancel.
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
    float begin_ = 0.0F, end_ = 1.0F;  ///< Fractions that report(0) and report(1) publish.
};

}  // namespace convlens
