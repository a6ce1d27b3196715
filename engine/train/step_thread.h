/// A thread that steps something on while somebody watches.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "engine/core/parallel.h"

namespace convlens {

/// Owns a Job and calls its step() over and over while it plays. Job has `bool step()`, false when there is no next
/// step, and a cheap `View view() const`. Every lesson is such a Job: Trainer, FilterLearner, FeatureLesson.
///
/// The thread steps back behind others where there are not cores enough, so that what watches it stays live.
///
/// All members may be called from any thread, none waits for a step. The Job lives, and dies, on the thread's side
/// only: changes are functions that run between two steps. `wake` is called on the thread whenever there is a new view,
/// at most about 60 times a second while playing. The destructor waits for the step that is running, unless end() was
/// called and ended() is true.
template <class Job>
class StepThread {
  public:
    using View = std::decay_t<decltype(std::declval<const Job&>().view())>;

    /// `threads` of the steps' arena; 0: one a core.
    StepThread(Job job, int threads, std::function<void()> wake)
        : job_(std::make_unique<Job>(std::move(job))),
          view_(job_->view()),
          wake_(std::move(wake)),
          arena_(threads),
          thread_([this] { run(); }) {}

    StepThread(const StepThread&) = delete;
    StepThread& operator=(const StepThread&) = delete;

    ~StepThread() { end(); }  // thread_, the last member, is joined before anything that it uses goes

    void play() {
        tell([this] { playing_ = true; });
    }
    void pause() {
        tell([this] { playing_ = false; });
    }

    /// The step that is running is the last thing that happens; the Job is gone after it.
    void end() {
        tell([this] { quit_ = true; });
    }

    /// Whether the Job is gone after end().
    bool ended() const {
        const std::scoped_lock lock(mutex_);
        return ended_;
    }

    /// One step, then pause.
    void single_step() {
        tell([this] { playing_ = false, ++single_steps_; });
    }

    /// Calls `change` with the Job between two steps.
    void change(std::function<void(Job&)> change) {
        tell([&] { changes_.push_back(std::move(change)); });
    }

    /// The newest view.
    View view() const {
        const std::scoped_lock lock(mutex_);
        return view_;
    }

    /// Counts the views: another number, another view.
    long version() const {
        const std::scoped_lock lock(mutex_);
        return version_;
    }

    /// Whether steps follow one another. Becomes false when a step was the last one.
    bool playing() const {
        const std::scoped_lock lock(mutex_);
        return playing_;
    }

    /// Whether the thread has nothing to do: what was asked for is in view().
    bool idle() const {
        const std::scoped_lock lock(mutex_);
        return idle_ && !playing_ && single_steps_ == 0 && changes_.empty();
    }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds between_views{16};

    template <class Change>
    void tell(const Change& change) {
        {
            const std::scoped_lock lock(mutex_);
            change();
        }
        ready_.notify_one();
    }

    void publish(std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        View now = job_->view();
        lock.lock();
        std::swap(view_, now);
        ++version_;
        published_ = Clock::now();
        lock.unlock();
        if (wake_) wake_();
        lock.lock();
    }

    void run() {
        setpriority(PRIO_PROCESS, 0, 10);  // on Linux of this thread alone; it goes on as it is where that fails
        std::unique_lock lock(mutex_);
        bool fresh = false;  // the view is older than the job
        while (!quit_) {
            if (!changes_.empty()) {
                const auto change = std::move(changes_.front());
                changes_.pop_front();
                idle_ = false;
                lock.unlock();
                change(*job_);
                lock.lock();
                fresh = true;
            } else if (playing_ || single_steps_ > 0) {
                if (single_steps_ > 0) --single_steps_;
                idle_ = false;
                lock.unlock();
                const bool more = arena_.execute([this] { return job_->step(); });
                lock.lock();
                if (!more) playing_ = false, single_steps_ = 0;
                fresh = true;
                if (playing_ && Clock::now() - published_ >= between_views) publish(lock), fresh = false;
            } else if (fresh) {
                publish(lock);
                fresh = false;
            } else {
                idle_ = true;
                ready_.wait(lock, [this] { return quit_ || playing_ || single_steps_ > 0 || !changes_.empty(); });
            }
        }
        lock.unlock();
        job_.reset();  // a large Job takes a while to go
        lock.lock();
        ended_ = true;
        lock.unlock();
        if (wake_) wake_();
    }

    std::unique_ptr<Job> job_;  ///< Of thread_ once that runs.
    View view_;
    const std::function<void()> wake_;
    Arena arena_;
    mutable std::mutex mutex_;  // guards all below and view_
    std::condition_variable ready_;
    std::deque<std::function<void(Job&)>> changes_;
    long version_ = 0;
    int single_steps_ = 0;
    bool playing_ = false, idle_ = true, quit_ = false, ended_ = false;
    Clock::time_point published_;
    std::jthread thread_;
};

}  // namespace convlens
