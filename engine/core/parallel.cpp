/// Multithreaded loops on oneTBB.
#include "engine/core/parallel.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace convlens {

namespace tbb = oneapi::tbb;

struct Arena::Pool {
    tbb::task_arena arena;
};

Arena::Arena(int threads) : pool_(new Pool{tbb::task_arena(threads > 0 ? threads : tbb::task_arena::automatic)}) {}
Arena::~Arena() = default;

void Arena::run(void* context, void (*call)(void* context)) {
    pool_->arena.execute([&] { call(context); });
}

int loop_threads() { return tbb::this_task_arena::max_concurrency(); }

void run_ranges(std::int64_t count, std::int64_t grain, const void* context,
                void (*call)(const void* context, std::int64_t begin, std::int64_t end)) {
    using Range = tbb::blocked_range<std::int64_t>;
    tbb::parallel_for(Range(0, count, static_cast<std::size_t>(grain)),
                      [&](const Range& range) { call(context, range.begin(), range.end()); });
}

struct ThreadSlots::Slots {
    tbb::enumerable_thread_specific<std::shared_ptr<void>> values;
};

ThreadSlots::ThreadSlots() : slots_(std::make_unique<Slots>()) {}
ThreadSlots::~ThreadSlots() = default;
std::shared_ptr<void>& ThreadSlots::local() { return slots_->values.local(); }

struct MoreThreadsThanCores::Control {
    tbb::global_control most;
};

MoreThreadsThanCores::MoreThreadsThanCores(int threads)
    : control_(new Control{
          tbb::global_control(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads))}) {}
MoreThreadsThanCores::~MoreThreadsThanCores() = default;

}  // namespace convlens
