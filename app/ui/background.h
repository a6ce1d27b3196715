/// A tool's job in the background that starts again when its task changes.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/ui/wake.h"
#include "engine/core/cancel.h"
#include "engine/train/step_thread.h"

namespace convlens {

/// Asks a job to leave its running step. Copies ask the same job.
class Stop {
  public:
    void request() const { state_->quit = true; }
    /// Returns what the functions of the job get. Valid as long as a copy of this object exists.
    Cancel cancel() const { return {state_->quit, state_->newer, {}, state_->progress}; }

  private:
    struct State {
        std::atomic<bool> quit = false, newer = false;
        std::atomic<float> progress = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Runs a Job (see StepThread) for the newest Task, one job at a time. The job before ends after its running step,
/// which it leaves early if it has a member stop_by(Stop).
template <class Task, class Job>
class Background {
  public:
    using View = typename StepThread<Job>::View;

    /// Makes `task` the task. If it is another one, starts a job that `make` returns; or, if `change` returns true,
    /// leaves the running job, which `change` has adapted. Returns false if the task has to wait for the job before.
    template <class Make, class Change>
    bool want(const Task& task, const Make& make, const Change& change) {
        if (thread_ && task == task_) return true;
        if (thread_ && change(task_, *thread_)) {
            task_ = task;
            thread_->play();
            return true;
        }
        end();
        if (!leaving_.empty()) return false;
        task_ = task;
        view_ = {};
        version_ = -1;
        const int cores = static_cast<int>(std::thread::hardware_concurrency());
        Job job = make();
        stop_ = Stop();
        if constexpr (requires { job.stop_by(stop_); }) job.stop_by(stop_);
        thread_ = std::make_shared<StepThread<Job>>(std::move(job), std::max(1, cores - 1), wake_window);
        thread_->play();
        return true;
    }

    /// Takes the newest view. Returns true if there is a new one; sets `failure` if the job has failed.
    bool poll(std::string& failure) {
        std::erase_if(leaving_, [](const auto& ended) { return ended(); });
        if (!thread_) return false;
        thread_->poll();
        failure = thread_->take_failure();
        const long version = thread_->version();
        if (version == version_) return false;
        version_ = version;
        view_ = thread_->view();
        return true;
    }

    /// Lets the job run, or stops it after its running step.
    void run(bool on) {
        if (thread_ && on) thread_->play();
        if (thread_ && !on) thread_->pause();
    }
    bool running() const { return !leaving_.empty() || (thread_ && thread_->playing()); }
    const View& view() const { return view_; }
    const Task& task() const { return task_; }

    /// Ends the job after its running step, without waiting for that.
    void end() {
        if (!thread_) return;
        stop_.request();
        thread_->end();
        leaving_.push_back([thread = std::move(thread_)] { return thread->ended(); });
        thread_ = nullptr;
    }
    /// Ends the job and waits for its running step.
    void close() {
        stop_.request();
        thread_.reset();
        leaving_.clear();
    }

  private:
    Task task_;
    Stop stop_;  ///< Of the running job.
    std::shared_ptr<StepThread<Job>> thread_;
    long version_ = -1;
    View view_;
    std::vector<std::function<bool()>> leaving_;  ///< Threads that are ending; each returns true when it has ended.
};

}  // namespace convlens
