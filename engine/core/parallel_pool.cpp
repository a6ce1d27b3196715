/// Multithreaded loops on a thread pool, for builds without oneTBB or without threads.
///
/// A loop is divided into chunks of indices, and a counter holds the number of the next chunk. The loop's caller runs
/// one chunk after the other, and so does every worker thread that joins. Then the caller waits for the chunks that
/// workers are still running. It waits only for bodies of its own loop, so nested loops can't deadlock.
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
/// Maximum number of workers that one thread wakes. Each of them wakes others in turn, so that no thread has to wake
/// all of them.
constexpr int woken_at_once = 2;
/// How long a thread polls before it sleeps: longer than the usual pause between the loops of two layers.
constexpr std::chrono::microseconds spin_time{50};

int cores() {
    static const int count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return count;
}

/// Tells the core that the thread polls in a loop, so that the core saves power and the other hyper-thread runs faster.
void relax() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
    asm volatile("yield");
#endif
}

/// Polls ready() until it is true or spin_time has passed.
template <class Ready>
void spin(const Ready& ready) {
    constexpr int rounds = 64;  // polls between two readings of the clock
    const auto end = Clock::now() + spin_time;
    do {
        for (int i = 0; i < rounds; ++i) {
            if (ready()) return;
            relax();
        }
        std::this_thread::yield();
    } while (Clock::now() < end);
}

/// The threads of an arena, or of a loop outside of any arena. The pool's mutex guards the members that change.
struct Team {
    const bool arena;  ///< Whether this is an Arena, which several threads may enter.
    const int size;    ///< Requested number of threads; 0 means one per core.
    int active = 0;    ///< Number of threads in Arena::execute() and of workers in the team's loops.
    int waiting = 0;   ///< Number of threads that wait in Arena::execute() until another thread leaves.
    std::condition_variable left = {};  ///< Notified when a thread leaves.
};

/// Entry of the list of teams that a thread belongs to: nested calls of Arena::execute() make nested places.
struct Place {
    Team* team;
    const Place* outer;  ///< The next outer place; null for the outermost one.
};

thread_local const Place* here = nullptr;  ///< The thread's innermost place; null if it belongs to no team.

/// While the object exists, `team` is the calling thread's innermost team.
class Presence {
  public:
    explicit Presence(Team& team) : place_{&team, here} { here = &place_; }
    ~Presence() { here = place_.outer; }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

  private:
    const Place place_;
};

/// Returns true if the calling thread belongs to a team for which is(team) is true.
template <class Is>
bool belongs_to(const Is& is) {
    for (const Place* place = here; place; place = place->outer)
        if (is(*place->team)) return true;
    return false;
}

/// Parts of 0 <= i < count, equal up to one index and each of `grain` or more indices if count >= grain. There are a
/// few chunks per thread, so that slower threads can run fewer of them.
struct Chunks {
    Chunks(std::int64_t count_, std::int64_t grain, std::int64_t threads)
        : count(count_), number(count / std::max({grain, count / (chunks_per_thread * threads), std::int64_t{1}})) {
        number = std::max<std::int64_t>(1, number);
    }

    /// Returns the first index of chunk i.
    std::int64_t begin(std::int64_t i) const { return i * (count / number) + std::min(i, count % number); }

    std::int64_t count, number;  ///< Number of indices, number of chunks.
};

/// A loop in progress, on its caller's stack. The pool's mutex guards the members that change, except `next`.
struct Loop {
    const Chunks chunks;
    const void* const context;
    void (*const call)(const void* context, std::int64_t begin, std::int64_t end);
    Team& team;
    std::atomic<std::int64_t> next = 0;  ///< Number of the first chunk that no thread has taken.
    std::atomic<int> helpers = 0;        ///< Number of workers in the loop.
    std::condition_variable done = {};   ///< Notified when the last worker has left.
    std::exception_ptr error = nullptr;  ///< The first exception that a body has thrown.

    std::int64_t chunks_left() const { return std::max<std::int64_t>(0, chunks.number - next); }
};

/// The worker threads, and the loops that they may join.
///
/// The pool is never destroyed and its threads are never joined. So the end of the process does not wait for the
/// workers, and destructors of static objects may still run loops.
class ThreadPool {
  public:
    static ThreadPool& instance() {
        static ThreadPool* const pool = new ThreadPool;
        return *pool;
    }

    /// Returns the number of threads that `team` may have: the requested number, but at most one per core unless
    /// allow() permits more.
    int limit(const Team& team) const {
        return std::min(team.size > 0 ? team.size : cores(), std::max(cores(), allowed_.load()));
    }

    /// Runs `loop`, to whose team the calling thread must belong. Returns when all bodies have ended.
    void run(Loop& loop) {
        open(loop);
        work_on(loop);
        close(loop);
    }

    /// Adds the calling thread to `team`. Waits while the team has all its threads. A thread that belongs to another
    /// arena does not wait, because threads of two arenas could wait for each other; the team then has an additional
    /// thread.
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

    /// Permits teams of up to `threads` threads until forbid(threads) is called, even on a machine with fewer cores.
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

    /// Starts the missing workers. If the system refuses to start a thread, loops run on the existing threads.
    void start_workers() {
        const int wanted = std::max(cores(), allowed_.load()) - 1;
        try {
            for (; workers_ < wanted && !refused_; ++workers_) std::thread([this] { work(); }).detach();
        } catch (const std::system_error&) {
            refused_ = true;
        }
    }

    /// Returns the number of workers that may still join the team.
    int room(const Team& team) const { return limit(team) - team.active - team.waiting; }

    /// Returns the loop that a worker should join: of those with chunks and room left, the one with the fewest helpers.
    /// Returns null if there is none.
    Loop* find_loop() const {
        Loop* best = nullptr;
        for (Loop* loop : loops_)
            if (loop->chunks_left() > 0 && room(loop->team) > 0 && (!best || loop->helpers < best->helpers))
                best = loop;
        return best;
    }

    /// Makes polling workers look for a loop if there is one to join. Returns the number of sleeping workers to wake.
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

    /// The function of a worker thread, which never returns: runs loops, and polls and then sleeps between them.
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

    /// Makes the calling worker run chunks of `loop`. Releases `lock` in the meantime.
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
        // The loop's caller can't destroy the loop before this thread releases the mutex.
        if (--loop.helpers == 0) loop.done.notify_one();
    }

    std::mutex mutex_;
    std::vector<Loop*> loops_;                       ///< Loops that may have chunks left.
    std::condition_variable wake_;                   ///< Notified for each sleeping worker that should look for a loop.
    std::atomic<std::uint64_t> news_ = 0;            ///< Increases when idle workers should look for a loop.
    int workers_ = 0, spinning_ = 0, sleeping_ = 0;  ///< Numbers of all workers, of polling and of sleeping ones.
    bool refused_ = false;                           ///< Whether the system has refused to start a thread.
    std::multiset<int> more_;                        ///< Number of threads of each existing MoreThreadsThanCores.
    std::atomic<int> allowed_ = 0;                   ///< Largest number in more_; 0 if there is none.
};

/// The values of one PerThread, by the address of `thread_key` of their thread.
struct Values {
    std::mutex mutex;
    std::unordered_map<const void*, std::shared_ptr<void>> by_thread;
};

thread_local char thread_key = 0;         ///< Its address identifies the thread.
thread_local bool thread_ending = false;  ///< Whether `visited` is being or has been destroyed.

/// Lists the PerThreads that may have a value of this thread. When the thread ends, the destructor destroys those
/// values.
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
