/// Multithreaded loops on a thread pool of the engine's own, for builds without oneTBB or without threads.
///
/// A loop is a list of chunks and the number of the next one. Its caller takes one chunk after the other, and so does
/// every worker that joins; then the caller waits for the chunks that workers are still running. It waits only for
/// bodies inside its own loop, so loops in loops cannot deadlock.
#include "engine/core/parallel.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/core/threads.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t chunks_per_thread = 4;
constexpr int woken_at_once = 2;  ///< Each woken worker wakes others in turn, so that no thread wakes all of them.
constexpr std::chrono::microseconds spin_time{50};  ///< The loops of a network follow each other faster than that.

int cores() {
    static const int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return count;
}

/// Tells the core that the thread waits in a loop.
void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
    asm volatile("yield");
#endif
}

/// Returns when ready() is true, or after spin_time.
template <class Ready>
void spin(const Ready& ready) {
    constexpr int rounds = 64;  // between two looks at the clock
    const auto end = Clock::now() + spin_time;
    do {
        for (int i = 0; i < rounds; ++i) {
            if (ready()) return;
            relax();
        }
        std::this_thread::yield();
    } while (Clock::now() < end);
}

/// The threads of an arena, or of a loop outside of any arena. The pool's mutex guards what changes.
struct Team {
    const bool arena;  ///< Whether other threads may enter it.
    const int size;    ///< Wanted number of threads; 0 means one per core.
    int active = 0;    ///< Threads in execute(), and workers in the arena's loops.
    int waiting = 0;   ///< Threads that wait in execute() until another one leaves.
    std::condition_variable left = {};
};

/// A team that the thread belongs to, and the one before it.
struct Place {
    Team* team;
    const Place* outer;
};

thread_local const Place* here = nullptr;  ///< The innermost place; null outside of any arena.

/// A place of the calling thread while the object exists.
class Presence {
  public:
    explicit Presence(Team& team) : place_{&team, here} { here = &place_; }
    ~Presence() { here = place_.outer; }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

  private:
    const Place place_;
};

/// Returns whether is(team) is true for a team that the calling thread belongs to.
template <class Is>
bool belongs_to(const Is& is) {
    for (const Place* place = here; place; place = place->outer)
        if (is(*place->team)) return true;
    return false;
}

/// Equal parts of 0 <= i < count, each of `grain` or more indices: a few per thread, for threads of unequal speed.
struct Chunks {
    Chunks(std::int64_t count_, std::int64_t grain, std::int64_t threads)
        : count(count_), number(count / std::max({grain, count / (chunks_per_thread * threads), std::int64_t{1}})) {
        number = std::max<std::int64_t>(1, number);
    }

    /// Returns the first index of chunk i.
    std::int64_t begin(std::int64_t i) const { return i * (count / number) + std::min(i, count % number); }

    std::int64_t count, number;
};

/// A loop in progress, on its caller's stack. The pool's mutex guards what changes, except `next`.
struct Loop {
    const Chunks chunks;
    const void* const context;
    void (*const call)(const void* context, std::int64_t begin, std::int64_t end);
    Team& team;
    std::atomic<std::int64_t> next = 0;  ///< The first chunk that nobody has taken.
    std::atomic<int> helpers = 0;        ///< Workers in the loop.
    std::condition_variable done = {};   ///< No helper is left.
    std::exception_ptr error = nullptr;  ///< The first one thrown.

    std::int64_t chunks_left() const { return std::max<std::int64_t>(0, chunks.number - next); }
};

/// All workers, and the loops that they may join.
///
/// The pool is never destroyed and its threads are never joined: nothing at the process's end waits for them, and
/// destructors of static objects may still run loops.
class ThreadPool {
  public:
    static ThreadPool& instance() {
        static ThreadPool* const pool = new ThreadPool;
        return *pool;
    }

    /// Returns the number of threads that `team` may have now.
    int limit(const Team& team) const {
        return std::min(team.size > 0 ? team.size : cores(), std::max(cores(), allowed_.load()));
    }

    /// Runs `loop`; the calling thread belongs to its team. Returns when no body is running any more.
    void run(Loop& loop) {
        open(loop);
        work_on(loop);
        close(loop);
    }

    /// Adds the calling thread to `team`; waits while the team is complete. A thread of another arena does not
    /// wait, because threads of two arenas could wait for each other: then the team has one thread more.
    void enter(Team& team) {
        const bool may_wait = !belongs_to([](const Team& other) { return other.arena; });
        std::unique_lock lock(mutex_);
        if (may_wait && team.active + team.waiting >= limit(team)) {
            ++team.waiting;
            team.left.wait(lock, [&] { return team.active < limit(team); });
            --team.waiting;
        }
        ++team.active;
    }

    void leave(Team& team) {
        int woken = 0;
        {
            const std::scoped_lock lock(mutex_);
            release(team);
            woken = announce();
        }
        wake(woken);
    }

    /// Allows arenas of `threads` threads until forbid().
    void allow(int threads) {
        const std::scoped_lock lock(mutex_);
        more_.insert(threads);
        allowed_ = *more_.rbegin();
    }
    void forbid(int threads) {
        const std::scoped_lock lock(mutex_);
        more_.erase(more_.find(threads));
        allowed_ = more_.empty() ? 0 : *more_.rbegin();
    }

  private:
    ThreadPool() = default;

    /// Runs chunks of `loop` until none is left.
    void work_on(Loop& loop) noexcept {
        for (;;) {
            const std::int64_t i = loop.next.fetch_add(1, std::memory_order_relaxed);
            if (i >= loop.chunks.number) return;
            try {
                loop.call(loop.context, loop.chunks.begin(i), loop.chunks.begin(i + 1));
            } catch (...) {
                loop.next = loop.chunks.number;
                const std::scoped_lock lock(mutex_);
                if (!loop.error) loop.error = std::current_exception();
            }
        }
    }

    void open(Loop& loop) {
        int woken = 0;
        {
            const std::scoped_lock lock(mutex_);
            start_workers();
            loops_.push_back(&loop);
            woken = announce();
        }
        wake(woken);
    }

    void close(Loop& loop) {
        std::unique_lock lock(mutex_);
        std::erase(loops_, &loop);
        if (loop.helpers == 0) return;
        lock.unlock();
        spin([&] { return loop.helpers == 0; });
        lock.lock();  // also after the spin: the last helper still holds the mutex when it has left
        loop.done.wait(lock, [&] { return loop.helpers == 0; });
    }

    // The functions below need the mutex, except wake() and work().

    /// If the system refuses to start a thread, loops run on those that there are.
    void start_workers() {
        const int wanted = std::max(cores(), allowed_.load()) - 1;
        try {
            for (; workers_ < wanted && !refused_; ++workers_) std::thread([this] { work(); }).detach();
        } catch (const std::system_error&) {
            refused_ = true;
        }
    }

    int room(const Team& team) const { return limit(team) - team.active - team.waiting; }

    /// Returns the loop that a worker should join, the one with the fewest helpers; null if there is none.
    Loop* find_loop() const {
        Loop* best = nullptr;
        for (Loop* loop : loops_)
            if (loop->chunks_left() > 0 && room(loop->team) > 0 && (!best || loop->helpers < best->helpers))
                best = loop;
        return best;
    }

    /// Makes idle workers look for a loop if there is one to join. Returns the number of sleeping ones to wake.
    int announce() {
        const Loop* const loop = find_loop();
        if (!loop) return 0;
        ++news_;
        const std::int64_t wanted = std::min<std::int64_t>(loop->chunks_left(), room(loop->team)) - spinning_;
        return static_cast<int>(std::clamp<std::int64_t>(std::min<std::int64_t>(wanted, sleeping_), 0, woken_at_once));
    }

    void wake(int workers) {
        for (; workers > 0; --workers) wake_.notify_one();
    }

    void release(Team& team) {
        --team.active;
        if (team.waiting > 0) team.left.notify_one();
    }

    /// What a worker does, forever.
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (Loop* const loop = find_loop()) {
                help(*loop, lock);
            } else {
                const std::uint64_t seen = news_;
                ++spinning_;
                lock.unlock();
                spin([&] { return news_ != seen; });
                lock.lock();
                --spinning_;
                ++sleeping_;
                wake_.wait(lock, [&] { return news_ != seen; });
                --sleeping_;
            }
        }
    }

    void help(Loop& loop, std::unique_lock<std::mutex>& lock) {
        ++loop.helpers;
        ++loop.team.active;
        const int woken = announce();
        lock.unlock();
        wake(woken);
        {
            const Presence presence(loop.team);
            work_on(loop);
        }
        lock.lock();
        release(loop.team);
        if (--loop.helpers == 0) loop.done.notify_one();  // its caller cannot destroy it before the mutex is free
    }

    std::mutex mutex_;
    std::vector<Loop*> loops_;  ///< Loops that may have chunks left.
    std::condition_variable wake_;
    std::atomic<std::uint64_t> news_ = 0;  ///< Changes when idle workers should look for a loop.
    int workers_ = 0, spinning_ = 0, sleeping_ = 0;
    bool refused_ = false;
    std::multiset<int> more_;  ///< Threads of each MoreThreadsThanCores.
    std::atomic<int> allowed_ = 0;
};

/// The values of one PerThread.
struct Values {
    std::mutex mutex;
    std::unordered_map<const void*, std::shared_ptr<void>> by_thread;
};

thread_local char thread_key = 0;         ///< Its address stands for the thread.
thread_local bool thread_ending = false;  ///< `visited` is being or has been destroyed.

/// The PerThreads that may have a value of this thread.
struct Visited {
    std::vector<std::weak_ptr<Values>> values;

    ~Visited() {
        thread_ending = true;
        for (const auto& weak : values)
            if (const auto still_there = weak.lock()) {
                std::unique_lock lock(still_there->mutex);
                const auto mine = still_there->by_thread.extract(&thread_key);
                lock.unlock();  // the value is destroyed without the lock
            }
    }

    void add(const std::shared_ptr<Values>& visited) {
        if (values.size() == values.capacity()) std::erase_if(values, [](const auto& weak) { return weak.expired(); });
        values.push_back(visited);
    }
};

thread_local Visited visited;

}  // namespace

struct Arena::Pool {
    Team team;
};

Arena::Arena(int threads) : pool_(new Pool{Team{true, threads}}) {}
Arena::~Arena() = default;

void Arena::run(void* context, void (*call)(void* context)) {
    Team& team = pool_->team;
    if (!has_threads || belongs_to([&](const Team& other) { return &other == &team; })) {
        const Presence presence(team);
        return call(context);
    }
    ThreadPool::instance().enter(team);
    struct Leave {
        Team& team;
        ~Leave() { ThreadPool::instance().leave(team); }
    } const leave{team};
    const Presence presence(team);
    call(context);
}

int loop_threads() {
    if (!has_threads) return 1;
    return here ? ThreadPool::instance().limit(*here->team) : cores();
}

void run_ranges(std::int64_t count, std::int64_t grain, const void* context,
                void (*call)(const void* context, std::int64_t begin, std::int64_t end)) {
    if (count <= 0) return;
    const int threads = loop_threads();
    const Chunks chunks(count, grain, threads);
    if (threads == 1 || chunks.number == 1) {
        for (std::int64_t i = 0; i < chunks.number; ++i) call(context, chunks.begin(i), chunks.begin(i + 1));
        return;
    }
    const auto run = [&](Team& team) {
        Loop loop{chunks, context, call, team};
        ThreadPool::instance().run(loop);
        if (loop.error) std::rethrow_exception(loop.error);
    };
    if (here) return run(*here->team);
    Team outside{false, 0};
    outside.active = 1;
    const Presence presence(outside);
    run(outside);
}

struct ThreadSlots::Slots {
    std::shared_ptr<Values> values = std::make_shared<Values>();
};

ThreadSlots::ThreadSlots() : slots_(std::make_unique<Slots>()) {}

ThreadSlots::~ThreadSlots() {
    decltype(Values::by_thread) last;
    const std::scoped_lock lock(slots_->values->mutex);  // a thread that ends may hold the values for a moment longer
    last.swap(slots_->values->by_thread);
}

std::shared_ptr<void>& ThreadSlots::local() {
    const std::scoped_lock lock(slots_->values->mutex);
    const auto [mine, is_new] = slots_->values->by_thread.try_emplace(&thread_key);
    if (is_new && !thread_ending) visited.add(slots_->values);
    return mine->second;
}

struct MoreThreadsThanCores::Control {
    int threads;
};

MoreThreadsThanCores::MoreThreadsThanCores(int threads) : control_(new Control{threads}) {
    ThreadPool::instance().allow(threads);
}
MoreThreadsThanCores::~MoreThreadsThanCores() { ThreadPool::instance().forbid(control_->threads); }

}  // namespace convlens
