/// A background thread that computes the answer to the newest request.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/threads.h"

namespace convlens {

/// Computes Out from an immutable In on a separate thread; the newest request wins.
///
/// A request replaces a request that is still waiting. If a newer request arrives while a job runs, the job is canceled
/// when it has run for `grace`. So short jobs finish, and the picture follows a slider that is dragged; long jobs do
/// not finish obsolete requests. If jobs take somewhat longer than `grace`, as on a slow machine, they get more time,
/// up to longest_grace times `grace`: each canceled job doubles the time of the next one, and a job that finishes gives
/// the next one twice the time that it took. If even the longest time is not enough, the time starts at `grace` again.
///
/// submit(), poll(), busy() and progress() must be called on the owner's thread. `make` runs on the worker thread,
/// before the first job (again before the next one if it throws), and the function that it returns is destroyed there,
/// so that it may own thread-bound objects such as a backend. `wake` is called on the worker thread after each job. The
/// destructor cancels the running job at once and waits for its end.
///
/// Without threads (has_threads is false), submit() only stores the request and calls `wake`; the next poll() runs the
/// job to its end and returns the answer. `make` runs in the first such poll(), and the function that it returns is
/// destroyed with the Worker.
template <class In, class Out>
class Worker {
  public:
    /// Computes the answer to a request. Returns nullopt if it was canceled. If it throws, the answer is an error if
    /// Out is an Expected; otherwise there is no answer.
    using Job = std::function<std::optional<Out>(const In&, const Cancel&)>;

    Worker(std::function<Job()> make, std::function<void()> wake,
           std::chrono::milliseconds grace = std::chrono::milliseconds(100))
        : make_(std::move(make)), wake_(std::move(wake)), grace_(grace) {
        if constexpr (has_threads) thread_ = std::thread([this] { run(); });
    }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    ~Worker() {
        {
            const std::scoped_lock lock(mutex_);
            quit_ = true;
        }
        ready_.notify_one();
        if constexpr (has_threads) thread_.join();
    }

    /// Requests the answer to `in`.
    void submit(std::shared_ptr<const In> in) {
        {
            const std::scoped_lock lock(mutex_);
            next_ = std::move(in);
            newer_ = true;
        }
        ready_.notify_one();
        if constexpr (!has_threads) wake_();
    }

    /// Returns the newest answer, once; nullopt if there is no new answer.
    std::optional<Out> poll() {
        std::unique_lock lock(mutex_);
        if constexpr (!has_threads) {
            if (next_) answer_next(job_, lock);
        }
        return std::exchange(out_, std::nullopt);
    }

    /// Returns true if a request is waiting, a job is running, or poll() has not yet returned its answer.
    bool busy() const {
        const std::scoped_lock lock(mutex_);
        return next_ || running_ || out_;
    }

    /// Returns the completed fraction of the running job, 0..1.
    float progress() const { return progress_; }

  private:
    void run() {
        Job job;
        std::unique_lock lock(mutex_);
        for (;;) {
            ready_.wait(lock, [this] { return quit_ || next_; });
            if (quit_) return;
            answer_next(job, lock);
            lock.unlock();
            wake_();
            lock.lock();
        }
    }

    /// Runs the job for the waiting request. Releases the lock meanwhile.
    void answer_next(Job& job, std::unique_lock<std::mutex>& lock) {
        const auto in = std::exchange(next_, nullptr);
        newer_ = false;
        running_ = true;
        progress_ = 0.0F;
        const auto start = Cancel::Clock::now();
        const Cancel cancel(quit_, newer_, start + patience_, progress_);

        lock.unlock();
        std::optional<Out> out = guarded(job, *in, cancel);
        lock.lock();

        running_ = false;
        const Cancel::Clock::duration longest = longest_grace * grace_;
        if (out)
            patience_ = std::clamp<Cancel::Clock::duration>(2 * (Cancel::Clock::now() - start), grace_, longest);
        else
            patience_ = patience_ < longest ? std::min<Cancel::Clock::duration>(2 * patience_, longest) : grace_;
        if (out) out_ = std::move(out);
    }

    std::optional<Out> guarded(Job& job, const In& in, const Cancel& cancel) {
        try {
            if (!job) job = make_();
            return job(in, cancel);
        } catch (const std::bad_alloc&) {
            return failed("there is not enough memory: use a smaller image, fewer channels or fewer files");
        } catch (const std::exception& error) {
            return failed(error.what());
        }
    }

    static std::optional<Out> failed(const char* why) {
        if constexpr (std::is_constructible_v<Out, tl::unexpected<Error>>) return Out(fail("{}", why));
        return std::nullopt;
    }

    static constexpr int longest_grace = 8;

    const std::function<Job()> make_;
    const std::function<void()> wake_;
    const std::chrono::milliseconds grace_;
    Cancel::Clock::duration patience_ = grace_;  ///< Time after which a job is canceled if there is a newer request.
    Job job_;                                    ///< Used only without threads; otherwise the thread owns the job.

    mutable std::mutex mutex_;  // guards next_, out_, running_
    std::condition_variable ready_;
    std::shared_ptr<const In> next_;
    std::optional<Out> out_;
    bool running_ = false;
    std::atomic<bool> quit_ = false;
    std::atomic<bool> newer_ = false;
    std::atomic<float> progress_ = 0.0F;

    std::thread thread_;
};

}  // namespace convlens
