/// Loops on several threads. parallel.cpp alone knows which pool of threads runs them: another host brings another one.
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

/// Some threads that loops run on. Loops outside of any arena have a thread for each core.
class Arena {
  public:
    /// With the one that calls execute() it has `threads`, fewer where the machine has fewer cores; 0: one a core.
    explicit Arena(int threads);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// f(), whose loops run on the arena's threads. Any thread may call this at any time; where all threads of the
    /// arena are taken, one of them runs f. What f throws is thrown here.
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

/// How many threads a loop has that begins here.
int loop_threads();

/// Calls call(context, begin, end) for ranges that cover 0 <= i < count: what parallel_ranges() is made of.
void run_ranges(std::int64_t count, std::int64_t grain, const void* context,
                void (*call)(const void* context, std::int64_t begin, std::int64_t end));

/// Calls body(begin, end), on several threads at once, for ranges that cover each 0 <= i < count once. A range of
/// `grain` or less is not cut further. Bodies may have loops of their own; a thread that waits for one may run another
/// body meanwhile. What a body throws is thrown here, once all that are running have ended; others are left out then.
template <std::integral Index, class Body>
void parallel_ranges(Index count, Index grain, const Body& body) {
    run_ranges(static_cast<std::int64_t>(count), static_cast<std::int64_t>(grain), &body,
               [](const void* it, std::int64_t begin, std::int64_t end) {
                   (*static_cast<const Body*>(it))(static_cast<Index>(begin), static_cast<Index>(end));
               });
}

/// Calls body(i) for each 0 <= i < count, as parallel_ranges() does.
template <std::integral Index, class Body>
void parallel_for(Index count, const Body& body) {
    parallel_ranges(count, Index{1}, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) body(i);
    });
}

/// parallel_for() that asks `cancel` before each tile and tells it what is done. False when it was asked to stop; some
/// tiles have not been run then. A body whose tile may take milliseconds asks by itself and returns false when it gave
/// up.
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

/// A pointer for each thread: what PerThread is made of.
class ThreadSlots {
  public:
    ThreadSlots();
    ~ThreadSlots();
    ThreadSlots(const ThreadSlots&) = delete;
    ThreadSlots& operator=(const ThreadSlots&) = delete;

    /// This thread's, null at first.
    std::shared_ptr<void>& local();

  private:
    struct Slots;
    std::unique_ptr<Slots> slots_;
};

/// A value for each thread that asks, kept from loop to loop.
template <class T>
class PerThread {
  public:
    /// This thread's, T() at first; stays where it is.
    T& local() {
        std::shared_ptr<void>& mine = slots_.local();
        if (!mine) mine = std::make_shared<T>();
        return *static_cast<T*>(mine.get());
    }

  private:
    ThreadSlots slots_;
};

/// While it lives arenas may have up to `threads` threads on a machine of fewer cores: for tests of what must not
/// depend on their number.
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
