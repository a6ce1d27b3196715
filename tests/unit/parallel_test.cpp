/// engine/core/parallel.h: every index once, arenas, nesting, canceling, what bodies throw.
#include "engine/core/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/threads.h"

namespace convlens {
namespace {

using namespace std::chrono_literals;

/// The number of threads of an arena that was given `threads`, where there are enough cores.
constexpr int threads_of(int threads) { return has_threads ? threads : 1; }

/// Counts how many threads are in it at the same time.
class Crowd {
  public:
    /// Stays until `wanted` threads are here at once, `patience` at most.
    void enter(int wanted, std::chrono::milliseconds patience) {
        const int now = ++here_;
        for (int most = most_; now > most && !most_.compare_exchange_weak(most, now);) {
        }
        for (const auto end = std::chrono::steady_clock::now() + patience;
             most_ < wanted && std::chrono::steady_clock::now() < end;)
            std::this_thread::yield();
        --here_;
    }
    int most() const { return most_; }

  private:
    std::atomic<int> here_ = 0, most_ = 0;
};

/// Calls call(0) to call(count - 1), each on a thread of its own.
template <class Call>
void on_threads(int count, const Call& call) {
    std::vector<std::thread> threads;
    for (int t = 0; t < count; ++t) threads.emplace_back([&call, t] { call(t); });
    for (std::thread& thread : threads) thread.join();
}

/// A job that is asked to stop by `quit`.
struct Job {
    std::atomic<bool> quit{false}, newer{false};
    std::atomic<float> progress{0.0F};
    Cancel cancel{quit, newer, Cancel::Clock::now(), progress};
};

TEST(Parallel, LoopsVisitEveryIndexOnce) {
    const MoreThreadsThanCores four(4);
    for (const int threads : {1, 2, 4}) {
        Arena arena(threads);
        for (const std::size_t count : {0U, 1U, 7U, 1000U, 12345U}) {
            std::vector<std::atomic<int>> visits(count);
            arena.execute([&] { parallel_for(count, [&](std::size_t i) { ++visits[i]; }); });
            EXPECT_TRUE(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; })) << count;
        }
    }
}

TEST(Parallel, RangesCoverEveryIndexOnceAndAreNotCutBelowTheirGrain) {
    for (const int grain : {1, 3, 64, 5000}) {
        std::vector<std::atomic<int>> visits(1000);
        std::atomic<int> ranges = 0;
        parallel_ranges(1000, grain, [&](int begin, int end) {
            EXPECT_LT(begin, end);
            ++ranges;
            for (int i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
        });
        EXPECT_TRUE(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; })) << grain;
        EXPECT_LE(ranges, std::max(1, 2 * 1000 / grain));
    }
    parallel_ranges(0, 1, [](int, int) { FAIL(); });
}

TEST(Parallel, AnArenaOfOneThreadRunsALoopInOrderOnTheCallersThread) {
    Arena one(1);
    std::vector<int> order;
    std::set<std::thread::id> threads;
    one.execute([&] {
        EXPECT_EQ(loop_threads(), 1);
        parallel_for(500, [&](int i) {
            order.push_back(i);
            threads.insert(std::this_thread::get_id());
        });
    });
    std::vector<int> expected(500);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order, expected);
    EXPECT_EQ(threads, std::set{std::this_thread::get_id()});
}

TEST(Parallel, AnArenaHasNoMoreThreadsThanItWasGiven) {
    const MoreThreadsThanCores four(4);
    Arena arena(3);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    arena.execute([&] {
        EXPECT_EQ(loop_threads(), threads_of(3));
        parallel_for(300, [&](int) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            const std::scoped_lock lock(mutex);
            threads.insert(std::this_thread::get_id());
        });
    });
    EXPECT_GE(threads.size(), 1U);
    EXPECT_LE(threads.size(), static_cast<std::size_t>(threads_of(3)));
}

TEST(Parallel, AnArenaHasAsManyThreadsAsItWasGivenAlsoOnFewerCores) {
    const MoreThreadsThanCores nine(9);
    for (const int threads : {9, 4}) {
        Crowd crowd;
        Arena(threads).execute([&] { parallel_for(200, [&](int) { crowd.enter(threads_of(threads), 50ms); }); });
        EXPECT_EQ(crowd.most(), threads_of(threads));
    }
}

TEST(Parallel, AnArenaHasNoMoreThreadsThanTheMachineHasCores) {
    const int cores = threads_of(std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
    EXPECT_EQ(loop_threads(), cores);
    Arena all(0), many(cores + 5);
    EXPECT_EQ(all.execute(&loop_threads), cores);
    Crowd crowd;
    many.execute([&] { parallel_for(20, [&](int) { crowd.enter(cores + 1, 5ms); }); });
    EXPECT_LE(crowd.most(), cores);
}

TEST(Parallel, LoopsInBodiesBelongToTheArenaOfTheirLoop) {
    const MoreThreadsThanCores nine(9);
    Arena three(3), two(2);
    std::atomic<int> wrong = 0;
    three.execute([&] {
        parallel_for(100, [&](int) {
            if (loop_threads() != threads_of(3)) ++wrong;
            two.execute([&] { parallel_for(4, [&](int) { wrong += loop_threads() == threads_of(2) ? 0 : 1; }); });
            if (loop_threads() != threads_of(3)) ++wrong;
        });
    });
    EXPECT_EQ(wrong, 0);
}

TEST(Parallel, AnArenaInItselfIsTheSame) {
    const MoreThreadsThanCores four(4);
    Arena two(2);
    Crowd crowd;
    two.execute([&] {
        two.execute([&] { parallel_for(100, [&](int) { crowd.enter(threads_of(2), 50ms); }); });
        EXPECT_EQ(crowd.most(), threads_of(2));
        two.execute([&] { parallel_for(20, [&](int) { crowd.enter(3, 1ms); }); });
    });
    EXPECT_EQ(crowd.most(), threads_of(2));
}

TEST(Parallel, ExecuteReturnsWhatItsFunctionReturns) {
    Arena arena(2);
    EXPECT_EQ(arena.execute([] { return std::string("text"); }), "text");
    EXPECT_EQ(*arena.execute([] { return std::make_unique<int>(5); }), 5);
    int calls = 0;
    arena.execute([&] { ++calls; });
    EXPECT_EQ(calls, 1);
}

TEST(Parallel, LoopsMayHaveLoops) {
    const MoreThreadsThanCores four(4);
    for (const int threads : {1, 4}) {
        Arena arena(threads);
        std::vector<std::atomic<int>> visits(40 * 50);
        arena.execute([&] {
            parallel_for(
                40, [&](int y) { parallel_for(50, [&](int x) { ++visits[static_cast<std::size_t>(y * 50 + x)]; }); });
        });
        EXPECT_TRUE(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; }));
    }
}

TEST(Parallel, SeveralThreadsMayUseOneArenaAtTheSameTime) {
    if (!has_threads) GTEST_SKIP() << "there is one thread";
    const MoreThreadsThanCores nine(9);
    Arena arena(2);
    std::atomic<int> sum = 0;
    Crowd crowd;
    on_threads(4, [&](int) {
        arena.execute([&] {
            parallel_for(100, [&](int i) {
                if (i % 10 == 0) crowd.enter(3, 1ms);
                sum += i;
            });
        });
    });
    EXPECT_EQ(sum, 4 * 4950);
    EXPECT_LE(crowd.most(), 2) << "they are its threads, or wait for one";
}

TEST(Parallel, TilesTellWhatIsDoneAndStopWhenAsked) {
    Job job;
    std::atomic<int> tiles = 0;
    EXPECT_TRUE(for_each_tile(100, job.cancel, [&](std::ptrdiff_t) { ++tiles; }));
    EXPECT_EQ(tiles, 100);
    EXPECT_EQ(job.progress, 1.0F);

    Arena one(1);
    tiles = 0;
    EXPECT_FALSE(one.execute([&] {
        return for_each_tile(100, job.cancel, [&](std::ptrdiff_t) {
            if (++tiles == 10) job.quit = true;
        });
    }));
    EXPECT_EQ(tiles, 10);

    tiles = 0;
    EXPECT_FALSE(for_each_tile(100, job.cancel, [&](std::ptrdiff_t) { ++tiles; }));
    EXPECT_EQ(tiles, 0);
}

TEST(Parallel, TilesStopWhenOneGivesUp) {
    Arena one(1);
    int tiles = 0;
    EXPECT_FALSE(
        one.execute([&] { return for_each_tile(100, Cancel(), [&](std::ptrdiff_t) { return ++tiles < 7; }); }));
    EXPECT_EQ(tiles, 7);
}

TEST(Parallel, WhatABodyThrowsIsThrownByTheLoopAndByItsArena) {
    const MoreThreadsThanCores four(4);
    for (const int threads : {1, 4}) {
        Arena arena(threads);
        const auto loop = [&] {
            parallel_for(20, [](int y) {
                parallel_for(20, [&](int x) {
                    if (y == 7 && x == 11) throw std::runtime_error("seven, eleven");
                });
            });
        };
        try {
            arena.execute(loop);
            FAIL() << "nothing was thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "seven, eleven");
        }
        std::atomic<int> visits = 0;
        arena.execute([&] { parallel_for(50, [&](int) { ++visits; }); });
        EXPECT_EQ(visits, 50) << "the arena goes on";
    }
}

TEST(Parallel, ALoopThatFailsEndsWhenNoBodyRunsAnyMoreAndSkipsTheOthers) {
    const MoreThreadsThanCores four(4);
    Arena arena(4);
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> running = 0, begun = 0;
        const auto loop = [&] {
            parallel_for(2000, [&](int) {
                const bool first = begun++ == 0;
                ++running;
                std::this_thread::sleep_for(100us);
                --running;
                if (first) throw std::runtime_error("the first body");
            });
        };
        EXPECT_THROW(arena.execute(loop), std::runtime_error);
        EXPECT_EQ(running, 0);
        EXPECT_LT(begun, 1000);
    }
}

TEST(Parallel, EachThreadHasAValueOfItsOwn) {
    const MoreThreadsThanCores four(4);
    struct Counter {
        int count = 0;
        std::thread::id owner = std::this_thread::get_id();
    };
    PerThread<Counter> counters;
    std::atomic<int> strangers = 0;
    std::mutex mutex;
    std::set<Counter*> all;
    Arena arena(4);
    for (int round = 0; round < 3; ++round)
        arena.execute([&] {
            parallel_for(1000, [&](int) {
                Counter& mine = counters.local();
                if (mine.owner != std::this_thread::get_id()) ++strangers;
                ++mine.count;
                const std::scoped_lock lock(mutex);
                all.insert(&mine);
            });
        });
    EXPECT_EQ(strangers, 0);
    EXPECT_EQ(std::accumulate(all.begin(), all.end(), 0, [](int sum, const Counter* c) { return sum + c->count; }),
              3000);
}

/// Counts its instances.
struct Counted {
    static inline std::atomic<int> alive = 0;
    Counted() { ++alive; }
    ~Counted() { --alive; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    int used = 0;
};

TEST(Parallel, ValuesAreKeptAndEndWithTheirOwner) {
    {
        PerThread<Counted> first, second;
        Counted& mine = first.local();
        for (int round = 0; round < 100; ++round) {
            PerThread<Counted> brief;
            ++brief.local().used;
            EXPECT_EQ(++first.local().used, round + 1);
            EXPECT_EQ(Counted::alive, round == 0 ? 2 : 3);
            EXPECT_EQ(++second.local().used, round + 1);
        }
        EXPECT_EQ(&first.local(), &mine);
        EXPECT_EQ(Counted::alive, 2);
    }
    EXPECT_EQ(Counted::alive, 0);
}

}  // namespace
}  // namespace convlens
