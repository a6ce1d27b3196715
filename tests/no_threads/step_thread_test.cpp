/// engine/train/step_thread.h where there are no threads: poll() does the steps.
#include "engine/train/step_thread.h"

#include <gtest/gtest.h>

#include <chrono>

namespace convlens {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

static_assert(!has_threads);

/// A clock that only steps move.
Clock::time_point time_of_steps;
Clock::time_point now_by_steps() { return time_of_steps; }

/// Counts to `last`, one per step.
struct Counter {
    std::chrono::microseconds step_time;
    int last = 1'000'000'000;
    int count = 0;
    std::shared_ptr<int> alive = std::make_shared<int>();  ///< Expires with the Counter.

    bool step() {
        EXPECT_EQ(loop_threads(), 1);
        time_of_steps += step_time;
        return ++count < last;
    }
    int view() const { return count; }
};

using Thread = StepThread<Counter>;

TEST(StepThreadWithoutThreads, StepsOnlyInPollWhileItPlays) {
    int wakes = 0;
    Thread thread(Counter{100us}, 4, [&] { ++wakes; });
    EXPECT_TRUE(thread.idle());
    thread.poll();
    EXPECT_EQ(thread.view(), 0);
    EXPECT_EQ(wakes, 0);
    thread.play();
    EXPECT_EQ(wakes, 1) << "somebody must poll";
    EXPECT_TRUE(thread.playing());
    EXPECT_FALSE(thread.idle());
    EXPECT_EQ(thread.view(), 0);
    const long version = thread.version();
    thread.poll();
    EXPECT_GE(thread.view(), 1);
    EXPECT_NE(thread.version(), version);
    const int count = thread.view();
    thread.pause();
    EXPECT_TRUE(thread.idle());
    thread.poll();
    EXPECT_EQ(thread.view(), count);
    EXPECT_FALSE(thread.playing());
}

TEST(StepThreadWithoutThreads, LeavesTheRestOfTheFrameToItsCaller) {
    Thread thread(Counter{1ms}, 1, {});
    thread.play();
    for (int frame = 1; frame <= 10; ++frame) {
        thread.poll(now_by_steps);
        EXPECT_EQ(thread.view(), 12 * frame);
    }
}

TEST(StepThreadWithoutThreads, DoesOneStepThatTakesLonger) {
    Thread thread(Counter{30ms}, 1, {});
    thread.play();
    for (int frame = 1; frame <= 3; ++frame) {
        thread.poll(now_by_steps);
        EXPECT_EQ(thread.view(), frame);
    }
}

TEST(StepThreadWithoutThreads, DoesSingleStepsAndChangesInTheirOrderBeforeItIsIdle) {
    Thread thread(Counter{0us}, 1, {});
    thread.single_step();
    thread.single_step();
    thread.change([](Counter& c) { c.count = 10; });
    thread.change([](Counter& c) { c.count *= 2; });
    EXPECT_FALSE(thread.idle());
    thread.poll();
    EXPECT_TRUE(thread.idle());
    EXPECT_EQ(thread.view(), 22) << "changes come before steps";
    EXPECT_FALSE(thread.playing());
}

TEST(StepThreadWithoutThreads, PausesWhenNoStepIsLeft) {
    Thread thread(Counter{0us, 7}, 1, {});
    thread.play();
    thread.poll();
    EXPECT_EQ(thread.view(), 7);
    EXPECT_FALSE(thread.playing());
    EXPECT_TRUE(thread.idle());
}

TEST(StepThreadWithoutThreads, EndsAtOnce) {
    Counter counter{0us};
    const std::weak_ptr<int> alive = counter.alive;
    int wakes = 0;
    Thread thread(std::move(counter), 1, [&] { ++wakes; });
    thread.play();
    EXPECT_FALSE(thread.ended());
    EXPECT_FALSE(alive.expired());
    wakes = 0;
    thread.end();
    EXPECT_TRUE(thread.ended());
    EXPECT_TRUE(alive.expired());
    EXPECT_EQ(wakes, 1);
    thread.poll();
    thread.play();
    thread.end();
    EXPECT_EQ(thread.view(), 0);
    EXPECT_EQ(wakes, 1);
}

TEST(StepThreadWithoutThreads, EndsAfterTheChangeThatEndsIt) {
    Counter counter{0us};
    const std::weak_ptr<int> alive = counter.alive;
    Thread thread(std::move(counter), 1, {});
    int after = 0;
    thread.change([&](Counter& c) {
        thread.end();
        EXPECT_FALSE(thread.ended());
        after = ++c.count;
    });
    thread.play();
    thread.poll();
    EXPECT_EQ(after, 1);
    EXPECT_TRUE(thread.ended());
    EXPECT_TRUE(alive.expired());
    EXPECT_EQ(thread.view(), 0) << "no step after the end";
}

}  // namespace
}  // namespace convlens
