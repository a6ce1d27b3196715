/// Multithreaded loops. Builds with oneTBB run them with parallel.cpp. Other builds run them with parallel_pool.cpp, on
/// its own threads or, in a build without threads, on the calling thread.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/core/cancel.h"

namespace convlens {

/// A set of threads that loops run on. Loops outside of any arena use one thread per core.
class Arena {
  public:
    /// Creates an arena of `threads` threads, including the thread that calls execute(). The arena has at most one
    /// thread per core; 0 means one thread per core.
    explicit Arena(int threads);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Calls f() and returns its result. Loops inside f run on the arena's threads. Any thread may call execute() at
    /// any time. If all threads of the arena are busy, the call waits for one of them, and f may run on that thread; a
    /// caller inside another arena may instead run f at once, as an additional thread. An exception from f is rethrown.
    template <class F>
    std::invoke_result_t<F&> execute(F&& f) {
        using Result = std::invoke_result_t<F&>;
        if constexpr (std::is_void_v<Result>) {
            auto call = [&] { f(); };
            run(&call, [](void* it) { (*static_cast<decltype(call)*>(it))(); });
        } else {
            std::optional<Result> result;
            auto call = [&] { result.emplace(f()); };
            run(&call, [](void* it) { (*static_cast<decltype(call)*>(it))(); });
            return std::move(*result);
        }
    }

  private:
    void run(void* context, void (*call)(void* context));

    struct Pool;
    std::unique_ptr<Pool> pool_;
};

/// Returns the number of threads that a loop started by the calling thread would run on.
int loop_threads();

/// Implements parallel_ranges(): calls call(context, begin, end) for ranges that cover 0 <= i < count.
void run_ranges(std::int64_t count, std::int64_t grain, const void* context,
                void (*call)(const void* context, std::int64_t begin, std::int64_t end));

/// Calls body(begin, end) on several threads at once, for ranges that cover each 0 <= i < count exactly once. Ranges of
/// `grain` or fewer indices are not split further. Bodies may contain loops of their own; a thread that waits for such
/// a loop may run another body in the meantime. If a body throws, the exception is rethrown here after all running
/// bodies have ended; the remaining ranges are skipped.
template <std::integral Index, class Body>
void parallel_ranges(Index count, Index grain, const Body& body) {
    run_ranges(static_cast<std::int64_t>(count), static_cast<std::int64_t>(grain), &body,
               [](const void* it, std::int64_t begin, std::int64_t end) {
                   (*static_cast<const Body*>(it))(static_cast<Index>(begin), static_cast<Index>(end));
               });
}

/// Calls body(i) for each 0 <= i < count, on several threads like parallel_ranges().
template <std::integral Index, class Body>
void parallel_for(Index count, const Body& body) {
    parallel_ranges(count, Index{1}, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) body(i);
    });
}

/// Calls body(i) for each tile 0 <= i < count (a tile is one part of the work), on several threads like parallel_for().
/// Checks `cancel` before each tile and reports the completed fraction to it. Returns false if cancellation was
/// requested; some tiles have then not run. A body whose tiles may take milliseconds returns bool: it checks `cancel`
/// itself, and returns false if it stopped early.
template <class Body>
bool for_each_tile(std::ptrdiff_t count, const Cancel& cancel, const Body& body) {
    std::atomic<std::ptrdiff_t> done = 0;
    std::atomic<bool> stopped = false;
    parallel_for(count, [&](std::ptrdiff_t i) {
        if (stopped) return;
        if (cancel.requested()) {
            stopped = true;
            return;
        }
        if constexpr (std::is_same_v<decltype(body(i)), bool>) {
            if (!body(i)) stopped = true;
        } else {
            body(i);
        }
        cancel.report(static_cast<float>(++done) / static_cast<float>(count));
    });
    return !stopped;
}

/// Implements PerThread: one pointer for each thread.
class ThreadSlots {
  public:
    ThreadSlots();
    ~ThreadSlots();
    ThreadSlots(const ThreadSlots&) = delete;
    ThreadSlots& operator=(const ThreadSlots&) = delete;

    /// Returns the calling thread's pointer, which is null at first.
    std::shared_ptr<void>& local();

  private:
    struct Slots;
    std::unique_ptr<Slots> slots_;
};

/// A thread-local value: one T for each thread that calls local(). The values are kept from loop to loop, at most until
/// the PerThread is destroyed.
template <class T>
class PerThread {
  public:
    /// Returns the calling thread's value, which is T() at first. The address of the value does not change.
    T& local() {
        std::shared_ptr<void>& mine = slots_.local();
        if (!mine) mine = std::make_shared<T>();
        return *static_cast<T*>(mine.get());
    }

  private:
    ThreadSlots slots_;
};

/// While an instance exists, arenas may have up to `threads` threads even on a machine with fewer cores. This is for
/// tests that results do not depend on the number of threads.
class MoreThreadsThanCores {
  public:
    explicit MoreThreadsThanCores(int threads);
    ~MoreThreadsThanCores();
    MoreThreadsThanCores(const MoreThreadsThanCores&) = delete;
    MoreThreadsThanCores& operator=(const MoreThreadsThanCores&) = delete;

  private:
    struct Control;
    std::unique_ptr<Control> control_;
};

}  // namespace convlens
