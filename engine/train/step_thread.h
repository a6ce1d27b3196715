/// A background thread that advances a job step by step.
#pragma once

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
#include "engine/core/threads.h"

namespace convlens {

/// Owns a Job and calls its step() repeatedly while it plays. Job has `bool step()`, which returns false when there is
/// no next step, and a cheap `View view() const`. The classes of the lessons are such Jobs: Trainer, FilterLearner,
/// FeatureLesson.
///
/// The thread runs at a lower priority than others, so that the user interface stays responsive where there are too few
/// cores.
///
/// All members may be called from any thread; none waits for a step. The Job lives, and is destroyed, only on this
/// thread: changes are functions that run between two steps. `wake` is called on the thread whenever there is a new
/// view, at most about 60 times per second while playing. The destructor waits for the running step, unless end() was
/// called and ended() is true.
///
/// Without threads (has_threads is false) everything runs on the caller: steps and changes in poll(), which waits for
/// them, and the destruction of the Job in end(). `wake` is then also called when poll() has something to do.
template <class Job>
class StepThread {
  public:
    using View = std::decay_t<decltype(std::declval<const Job&>().view())>;

    /// `threads` is the number of threads of the arena that runs the steps; 0 means one per core.
    StepThread(Job job, int threads, std::function<void()> wake)
        : job_(std::make_unique<Job>(std::move(job))), view_(job_->view()), wake_(std::move(wake)), arena_(threads) {
        if constexpr (has_threads) thread_ = std::thread([this] { run(); });
    }

    StepThread(const StepThread&) = delete;
    StepThread& operator=(const StepThread&) = delete;

    ~StepThread() {
        end();
        if constexpr (has_threads) thread_.join();
    }

    void play() {
        tell([this] { playing_ = true; });
    }
    void pause() {
        tell([this] { playing_ = false; });
    }

    /// Ends the thread: the Job is destroyed after the running step.
    void end() {
        tell([this] { quit_ = true; });
        if constexpr (!has_threads)
            if (!polling_) destroy_job();
    }

    /// Without threads: runs waiting changes and steps, for about 12 ms or one step, and publishes a view. To be
    /// called once per frame. Does nothing where there are threads.
    void poll() {
        if constexpr (!has_threads) {
            std::unique_lock lock(mutex_);
            polling_ = true;
            const auto end = Clock::now() + poll_time;
            while (!quit_ && advance(lock) && Clock::now() < end) {
            }
            if (fresh_ && !quit_) publish(lock);
            idle_ = true;
            polling_ = false;
            lock.unlock();
            if (quit_) destroy_job();
        }
    }

    /// Returns true once the Job has been destroyed after end().
    bool ended() const {
        const std::scoped_lock lock(mutex_);
        return ended_;
    }

    /// Does one step, then pauses.
    void single_step() {
        tell([this] { playing_ = false, ++single_steps_; });
    }

    /// Calls `change` with the Job between two steps.
    void change(std::function<void(Job&)> change) {
        tell([&] { changes_.push_back(std::move(change)); });
    }

    /// Returns the newest view.
    View view() const {
        const std::scoped_lock lock(mutex_);
        return view_;
    }

    /// Returns the number of the newest view, which changes whenever the view changes.
    long version() const {
        const std::scoped_lock lock(mutex_);
        return version_;
    }

    /// Returns true while steps run continuously; false while paused and when no step is left.
    bool playing() const {
        const std::scoped_lock lock(mutex_);
        return playing_;
    }

    /// Returns true if the thread has nothing to do, so that view() reflects all previous calls.
    bool idle() const {
        const std::scoped_lock lock(mutex_);
        return idle_ && !playing_ && single_steps_ == 0 && changes_.empty();
    }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds between_views{16}, poll_time{12};

    template <class Change>
    void tell(const Change& change) {
        {
            const std::scoped_lock lock(mutex_);
            change();
        }
        ready_.notify_one();
        if constexpr (!has_threads)
            if (wake_ && !quit_) wake_();
    }

    void publish(std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        View now = job_->view();
        lock.lock();
        std::swap(view_, now);
        fresh_ = false;
        ++version_;
        published_ = Clock::now();
        lock.unlock();
        if (wake_) wake_();
        lock.lock();
    }

    /// Runs the next change or step without the lock. Returns false if there is none.
    bool advance(std::unique_lock<std::mutex>& lock) {
        if (!changes_.empty()) {
            const auto change = std::move(changes_.front());
            changes_.pop_front();
            idle_ = false;
            lock.unlock();
            change(*job_);
            lock.lock();
            fresh_ = true;
        } else if (playing_ || single_steps_ > 0) {
            if (single_steps_ > 0) --single_steps_;
            idle_ = false;
            lock.unlock();
            const bool more = arena_.execute([this] { return job_->step(); });
            lock.lock();
            if (!more) playing_ = false, single_steps_ = 0;
            fresh_ = true;
        } else {
            return false;
        }
        return true;
    }

    void run() {
        lower_thread_priority();
        std::unique_lock lock(mutex_);
        while (!quit_) {
            if (advance(lock)) {
                if (playing_ && fresh_ && Clock::now() - published_ >= between_views) publish(lock);
            } else if (fresh_) {
                publish(lock);
            } else {
                idle_ = true;
                ready_.wait(lock, [this] { return quit_ || playing_ || single_steps_ > 0 || !changes_.empty(); });
            }
        }
        lock.unlock();
        destroy_job();
    }

    void destroy_job() {
        if (!job_) return;
        job_.reset();  // destroying a large Job takes a while
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
        }
        if (wake_) wake_();
    }

    std::unique_ptr<Job> job_;  ///< Used only by thread_ once it runs. Null when it has ended.
    View view_;
    const std::function<void()> wake_;
    Arena arena_;
    mutable std::mutex mutex_;  // guards everything below and view_
    std::condition_variable ready_;
    std::deque<std::function<void(Job&)>> changes_;
    long version_ = 0;
    int single_steps_ = 0;
    bool playing_ = false, idle_ = true, quit_ = false, ended_ = false;
    bool fresh_ = false;    ///< Whether the Job is newer than the view.
    bool polling_ = false;  ///< Whether poll() is running.
    Clock::time_point published_;
    std::thread thread_;
};

}  // namespace convlens
