/// What long work asks, and tells, once a tile.
#pragma once

#include <atomic>
#include <chrono>

namespace convlens {

/// "Is anybody still waiting for this?", asked about every 5 ms, and "this much is done" the other way.
///
/// A newer request does not stop the running job at once but at `grace_end`: short jobs finish and keep the
/// picture moving while a slider is dragged, long ones give up. Copies refer to the same job; the atomics
/// must outlive them. All members may be called from any thread.
class Cancel {
  public:
    using Clock = std::chrono::steady_clock;

    /// Never asks to stop, reports to nobody: for tests and the command line.
    Cancel() = default;

    Cancel(const std::atomic<bool>& quit, const std::atomic<bool>& newer, Clock::time_point grace_end,
           std::atomic<float>& progress)
        : quit_(&quit), newer_(&newer), grace_end_(grace_end), progress_(&progress) {}

    bool requested() const { return quit_ && (*quit_ || (*newer_ && Clock::now() >= grace_end_)); }

    /// The part of the work that is done, 0..1.
    void report(float fraction) const {
        if (progress_) *progress_ = begin_ + fraction * (end_ - begin_);
    }

    /// For a step of the work: its report(0) and report(1) are `begin` and `end` of this one's.
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
    float begin_ = 0.0F, end_ = 1.0F;  ///< What report(0) and report(1) write.
};

}  // namespace convlens
