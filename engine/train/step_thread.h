/// A background thread that runs a training or another stepwise job.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "engine/core/parallel.h"
#include "engine/core/threads.h"

namespace convlens {

/// Owns a Job and calls its step() repeatedly between play() and pause(). Job has `bool step()`, which returns false
/// when there is no next step, and `View view() const`, which returns a copy of its state and is fast. The classes of
/// the lessons are such Jobs: Trainer, FilterLearner, FeatureLesson.
///
/// The background thread has a lower priority than others, so that the user interface stays responsive on a machine
/// with few cores.
///
/// All members may be called from any thread, and none but the destructor waits for a step. Only the background thread
/// uses and destroys the Job; to change the Job, pass a function to change(). The background thread calls `wake`
/// whenever there is a new view, at most about 60 times per second while steps run. The destructor waits for the
/// running step, unless end() was called and ended() is true.
///
/// If the Job throws an exception, for example because the machine is out of memory, its thread pauses, drops the
/// waiting changes, and take_failure() returns the reason. The Job stays as the exception has left it.
///
/// In a build without threads (has_threads is false), poll() runs the steps and changes on its caller, and end()
/// destroys the Job. `wake` is then also called when poll() has something to do.
template <class Job>
class StepThread {
  public:
    using View = std::decay_t<decltype(std::declval<const Job&>().view())>;
    using Clock = std::chrono::steady_clock;

    /// Starts the background thread, paused. `threads` is the number of threads that the loops of a step run on; 0
    /// means one per core. `wake` may be empty.
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

    /// Runs steps until pause() is called or no step is left.
    void play() {
        tell([this] { playing_ = true; });
    }
    /// Stops running steps after the current one.
    void pause() {
        tell([this] { playing_ = false; });
    }

    /// Ends the background thread after the running step and destroys the Job there. Does not wait for that.
    void end() {
        tell([this] { quit_ = true; });
        if constexpr (!has_threads)
            if (!polling_) destroy_job();
    }

    /// In a build without threads: runs waiting changes and steps, for about 12 ms by `now` but at least one, and
    /// publishes a view. To be called once per frame. Does nothing in a build with threads.
    void poll([[maybe_unused]] Clock::time_point (*now)() = Clock::now) {
        if constexpr (!has_threads) {
            std::unique_lock lock(mutex_);
            polling_ = true;
            const auto end = now() + poll_time;
            while (!quit_ && advance(lock) && now() < end) {
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

    /// Makes the background thread do one step and then pause.
    void single_step() {
        tell([this] { playing_ = false, ++single_steps_; });
    }

    /// Makes the background thread call `change` with the Job before the next step.
    void change(std::function<void(Job&)> change) {
        tell([&] { changes_.push_back(std::move(change)); });
    }

    /// Returns a copy of the newest view of the Job.
    View view() const {
        const std::scoped_lock lock(mutex_);
        return view_;
    }

    /// Returns the number of the newest view: it increases whenever there is a new one.
    long version() const {
        const std::scoped_lock lock(mutex_);
        return version_;
    }

    /// Returns the reason of the last exception of the Job, once; empty if there was none.
    std::string take_failure() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(failure_, {});
    }

    /// Returns true while steps run continuously; false while paused and when no step is left.
    bool playing() const {
        const std::scoped_lock lock(mutex_);
        return playing_;
    }

    /// Returns true if there is nothing to do, so that view() reflects all previous calls.
    bool idle() const {
        const std::scoped_lock lock(mutex_);
        return idle_ && !playing_ && single_steps_ == 0 && changes_.empty();
    }

  private:
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
        std::optional<View> now;
        guarded(lock, [&] { now = job_->view(); });
        if (now) std::swap(view_, *now);
        fresh_ = false;
        ++version_;
        published_ = Clock::now();
        lock.unlock();
        if (wake_) wake_();
        lock.lock();
    }

    /// Runs `work` with the mutex unlocked. After an exception, nothing more is left to do.
    template <class Work>
    void guarded(std::unique_lock<std::mutex>& lock, const Work& work) {
        const auto stop = [&](const char* why) {
            lock.lock();
            playing_ = false;
            single_steps_ = 0;
            changes_.clear();
            failure_ = why;
        };
        lock.unlock();
        try {
            work();
        } catch (const std::bad_alloc&) {
            return stop("there is not enough memory");
        } catch (const std::exception& error) {
            return stop(error.what());
        }
        lock.lock();
    }

    /// Runs the next change or step; the mutex is unlocked meanwhile. Returns false if there is none.
    bool advance(std::unique_lock<std::mutex>& lock) {
        if (!changes_.empty()) {
            const auto change = std::move(changes_.front());
            changes_.pop_front();
            idle_ = false;
            guarded(lock, [&] { change(*job_); });
            fresh_ = true;
        } else if (playing_ || single_steps_ > 0) {
            if (single_steps_ > 0) --single_steps_;
            idle_ = false;
            bool more = false;
            guarded(lock, [&] { more = arena_.execute([this] { return job_->step(); }); });
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

    std::unique_ptr<Job> job_;  ///< Once thread_ runs, only thread_ uses it. Null after it has been destroyed.
    View view_;
    const std::function<void()> wake_;
    Arena arena_;
    mutable std::mutex mutex_;  // guards everything below and view_
    std::condition_variable ready_;
    std::deque<std::function<void(Job&)>> changes_;
    std::string failure_;
    long version_ = 0;
    int single_steps_ = 0;
    bool playing_ = false, idle_ = true, quit_ = false, ended_ = false;
    bool fresh_ = false;    ///< Whether the Job has changed since view_ was published.
    bool polling_ = false;  ///< Whether poll() is running.
    Clock::time_point published_;
    std::thread thread_;
};

}  // namespace convlens
