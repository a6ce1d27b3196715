/// app/ui/worker.h: the newest request wins, exceptions become answers.
#include "app/ui/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace convlens {
namespace {

using namespace std::chrono_literals;

/// A job that the test resumes.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    int entered = 0;
    bool open = false;

    void pass() {
        std::unique_lock lock(mutex);
        ++entered;
        changed.notify_all();
        changed.wait(lock, [&] { return open; });
    }
    void wait_for_entry(int count) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return entered >= count; });
    }
    void set_open() {
        const std::scoped_lock lock(mutex);
        open = true;
        changed.notify_all();
    }
};

template <class In, class Out>
Out answer_of(Worker<In, Out>& worker) {
    for (;;) {
        if (auto out = worker.poll()) return std::move(*out);
        std::this_thread::sleep_for(1ms);
    }
}

TEST(Worker, ComputesTheNewestRequestAndSkipsThoseReplacedWhileItWaited) {
    Gate gate;
    std::vector<int> computed;
    Worker<int, int> worker(
        [&] {
            return [&](const int& in, const Cancel&) {
                computed.push_back(in);
                gate.pass();
                return std::optional(in * 10);
            };
        },
        [] {});
    worker.submit(std::make_shared<const int>(1));
    gate.wait_for_entry(1);
    for (const int i : {2, 3, 4}) worker.submit(std::make_shared<const int>(i));
    EXPECT_TRUE(worker.busy());
    gate.set_open();
    while (answer_of(worker) != 40) {
    }
    EXPECT_FALSE(worker.busy());
    EXPECT_EQ(computed, (std::vector{1, 4}));
}

TEST(Worker, TurnsExceptionsIntoErrorsAndGoesOn) {
    Worker<int, Expected<int>> worker(
        [] {
            return [](const int& in, const Cancel&) -> std::optional<Expected<int>> {
                if (in == 1) throw std::bad_alloc();
                if (in == 2) throw std::runtime_error("the disk is on fire");
                return in;
            };
        },
        [] {});
    worker.submit(std::make_shared<const int>(1));
    EXPECT_NE(answer_of(worker).error().message.find("not enough memory"), std::string::npos);
    worker.submit(std::make_shared<const int>(2));
    EXPECT_EQ(answer_of(worker).error().message, "the disk is on fire");
    worker.submit(std::make_shared<const int>(3));
    EXPECT_EQ(answer_of(worker), 3);
}

TEST(Worker, AnswersAnExceptionOfMakeWithAnErrorAndMakesAgain) {
    int made = 0;
    Worker<int, Expected<int>> worker(
        [&]() -> Worker<int, Expected<int>>::Job {
            if (++made == 1) throw std::bad_alloc();
            return [](const int& in, const Cancel&) { return std::optional(Expected<int>(in)); };
        },
        [] {});
    worker.submit(std::make_shared<const int>(1));
    EXPECT_NE(answer_of(worker).error().message.find("not enough memory"), std::string::npos);
    for (const int i : {2, 3}) {
        worker.submit(std::make_shared<const int>(i));
        EXPECT_EQ(answer_of(worker), i);
    }
    EXPECT_EQ(made, 2);
}

TEST(Worker, IsBusyUntilItsAnswerHasBeenTaken) {
    std::atomic<int> ended = 0;
    Worker<int, int> worker([] { return [](const int& in, const Cancel&) { return std::optional(in); }; },
                            [&] { ++ended; });
    worker.submit(std::make_shared<const int>(1));
    while (ended == 0) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(worker.busy());
    EXPECT_EQ(worker.poll(), 1);
    EXPECT_FALSE(worker.busy());
}

TEST(Worker, WithoutErrorsGivesNoAnswerAfterAnException) {
    std::atomic<int> ended = 0;
    Worker<int, int> worker(
        [] { return [](const int&, const Cancel&) -> std::optional<int> { throw std::runtime_error("no"); }; },
        [&] { ++ended; });
    worker.submit(std::make_shared<const int>(1));
    while (ended == 0) std::this_thread::sleep_for(1ms);
    EXPECT_FALSE(worker.busy());
    EXPECT_FALSE(worker.poll());
}

TEST(Worker, AsksTheRunningJobToGiveUpOnlyAfterTheGracePeriod) {
    std::atomic<bool> started = false, gave_up = false, finished_short = false;
    const auto start = Cancel::Clock::now();
    Worker<int, int> worker(
        [&] {
            return [&](const int& in, const Cancel& cancel) -> std::optional<int> {
                if (in != 1) return in;
                started = true;
                while (!cancel.requested())
                    if (Cancel::Clock::now() - start > 20s) return std::nullopt;
                finished_short = Cancel::Clock::now() - start < 60ms;
                gave_up = true;
                return std::nullopt;
            };
        },
        [] {}, 60ms);
    worker.submit(std::make_shared<const int>(1));
    while (!started) std::this_thread::yield();
    worker.submit(std::make_shared<const int>(2));
    EXPECT_EQ(answer_of(worker), 2);
    EXPECT_TRUE(gave_up);
    EXPECT_FALSE(finished_short) << "it was canceled before its grace period was over";
}

TEST(Worker, AnswersWhileRequestsKeepComingAlsoWhereAJobTakesLongerThanTheGracePeriod) {
    std::atomic<int> given_up = 0;
    Worker<int, int> worker(
        [&] {
            return [&](const int& in, const Cancel& cancel) -> std::optional<int> {
                for (const auto start = Cancel::Clock::now(); Cancel::Clock::now() - start < 50ms;)
                    if (cancel.requested()) {
                        ++given_up;
                        return std::nullopt;
                    }
                return in;
            };
        },
        [] {}, 10ms);
    int answers = 0;
    for (int i = 1; answers < 3; ++i) {
        ASSERT_LT(i, 20000);
        worker.submit(std::make_shared<const int>(i));
        std::this_thread::sleep_for(1ms);
        if (worker.poll()) ++answers;
    }
    EXPECT_GT(given_up, 0);
}

TEST(Worker, EndsAtOnceWhenItIsDestroyedWhileAJobRuns) {
    std::atomic<bool> started = false, gave_up = false;
    {
        Worker<int, int> worker(
            [&] {
                return [&](const int&, const Cancel& cancel) -> std::optional<int> {
                    started = true;
                    while (!cancel.requested()) std::this_thread::yield();  // for an hour, if it is not ended at once
                    gave_up = true;
                    return std::nullopt;
                };
            },
            [] {}, 1h);
        worker.submit(std::make_shared<const int>(1));
        while (!started) std::this_thread::yield();
    }
    EXPECT_TRUE(gave_up);
}

}  // namespace
}  // namespace convlens
