/// engine/core/parallel_pool.cpp: what only it promises: arenas in arenas, values of threads that end, the process's
/// end.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "engine/core/parallel.h"

namespace convlens {
namespace {

TEST(Pool, ThreadsOfTwoArenasDoNotWaitForEachOther) {
    Arena a(1), b(1);
    std::atomic<int> inside = 0, calls = 0;
    const auto cross = [&](Arena& outer, Arena& inner) {
        outer.execute([&] {
            for (++inside; inside < 2;) std::this_thread::yield();
            inner.execute([&] { ++calls; });
        });
    };
    std::thread other(cross, std::ref(b), std::ref(a));
    cross(a, b);
    other.join();
    EXPECT_EQ(calls, 2);
}

TEST(Pool, ManyThreadsMayRunLoopsInLoopsInSeveralArenas) {
    const MoreThreadsThanCores five(5);
    Arena one(1), two(2), four(4);
    std::atomic<int> visits = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            Arena& outer = t % 2 == 0 ? two : one;
            Arena& inner = t % 2 == 0 ? one : two;
            for (int round = 0; round < 30; ++round) {
                outer.execute([&] {
                    parallel_for(10, [&](int) {
                        parallel_for(10, [&](int) { ++visits; });
                        inner.execute([&] {
                            parallel_for(5, [&](int) { ++visits; });
                            outer.execute([&] { parallel_for(5, [&](int) { ++visits; }); });
                        });
                    });
                });
                parallel_for(20, [&](int) { four.execute([&] { parallel_for(10, [&](int) { ++visits; }); }); });
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(visits, 4 * 30 * 400);
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

TEST(Pool, AValueEndsWithItsThread) {
    PerThread<Counted> values;
    values.local().used = 7;
    for (int round = 0; round < 5; ++round)
        std::thread([&] {
            EXPECT_EQ(values.local().used++, 0) << "a new thread has a new value";
            PerThread<Counted> brief;
            ++brief.local().used;
            EXPECT_EQ(Counted::alive, 3);
        }).join();
    EXPECT_EQ(Counted::alive, 1);
    EXPECT_EQ(values.local().used, 7);
}

TEST(Pool, ValuesOfThreadsMayEndWhileTheirOwnerDoes) {
    for (int round = 0; round < 200; ++round) {
        std::thread user;
        {
            PerThread<Counted> values;
            std::atomic<bool> used = false;
            user = std::thread([&] {
                ++values.local().used;
                used = true;
            });
            while (!used) std::this_thread::yield();
        }
        user.join();
    }
    EXPECT_EQ(Counted::alive, 0);
}

/// Runs a loop when it is destroyed.
struct LastLoop {
    ~LastLoop() {
        std::atomic<int> sum = 0;
        PerThread<Counted> values;
        Arena(4).execute([&] { parallel_for(1000, [&](int i) { sum += i + 0 * values.local().used; }); });
        if (sum != 499500) std::_Exit(3);
    }
};

void run_a_loop_and_exit(bool in_a_body) {
    const MoreThreadsThanCores four(4);
    static const LastLoop last;
    std::atomic<int> begun = 0;
    Arena(4).execute([&] {
        parallel_for(4, [&](int) {
            const bool exits = ++begun == 2;
            while (begun < 2) std::this_thread::yield();
            if (in_a_body && exits) std::exit(0);
        });
    });
    std::exit(0);
}

TEST(PoolDeathTest, TheProcessMayExitWhileWorkersAreIdleOrBusyAndRunLoopsMeanwhile) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(run_a_loop_and_exit(false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run_a_loop_and_exit(true), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace convlens
