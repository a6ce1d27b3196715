/// app/signals.h. What ends a process runs in one of its own.
#include "app/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

namespace convlens {
namespace {

using namespace std::chrono_literals;

/// Counts how often it is called, from whichever thread.
class Wakes {
  public:
    std::function<void()> counter() {
        return [this] {
            const std::scoped_lock lock(mutex_);
            ++count_;
            changed_.notify_all();
        };
    }
    int after(std::chrono::milliseconds patience, int wanted) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, patience, [&] { return count_ >= wanted; });
        return count_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

TEST(QuitSignals, WakesItsOwnerOnceForEachOfTheThreeSignals) {
    for (const int which : {SIGTERM, SIGINT, SIGHUP}) {
        ::signal(which, SIG_DFL);  // a shell's background job ignores some
        Wakes wakes;
        const QuitSignals signals(wakes.counter());
        EXPECT_FALSE(signals.requested());
        ::kill(::getpid(), which);
        EXPECT_EQ(wakes.after(10s, 1), 1) << which;
        EXPECT_TRUE(signals.requested()) << which;
        ::kill(::getpid(), SIGHUP);  // a terminal that closes sends more than one
        EXPECT_EQ(wakes.after(50ms, 2), 1) << which;
    }
}

TEST(QuitSignals, EndsWithoutASignalAndLeavesWhatWasThereBefore) {
    Wakes wakes;
    struct sigaction before {
    }, after{};
    ::sigaction(SIGTERM, nullptr, &before);
    { const QuitSignals signals(wakes.counter()); }
    ::sigaction(SIGTERM, nullptr, &after);
    EXPECT_EQ(before.sa_handler, after.sa_handler);
    EXPECT_EQ(wakes.after(0ms, 1), 0);
}

TEST(QuitSignals, LeavesAnIgnoredSignalIgnored) {
    ::signal(SIGHUP, SIG_IGN);
    {
        Wakes wakes;
        const QuitSignals signals(wakes.counter());
        ::kill(::getpid(), SIGHUP);
        EXPECT_EQ(wakes.after(50ms, 1), 0);
        EXPECT_FALSE(signals.requested());
    }
    EXPECT_EQ(::signal(SIGHUP, SIG_DFL), SIG_IGN);
}

TEST(QuitSignalsDeathTest, EndTheProgramAtOnceByASecondOne) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto insist = [] {
        ::signal(SIGINT, SIG_DFL);
        const QuitSignals signals([] {}, 30s, 0s);
        ::kill(::getpid(), SIGTERM);
        while (!signals.requested()) std::this_thread::yield();
        ::kill(::getpid(), SIGINT);
        std::this_thread::sleep_for(30s);
    };
    EXPECT_EXIT(insist(), ::testing::KilledBySignal(SIGINT), "");
}

TEST(QuitSignalsDeathTest, EndAProgramThatHangs) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto hang = [] {
        const QuitSignals signals([] { std::this_thread::sleep_for(30s); }, 1s);
        ::kill(::getpid(), SIGTERM);
        std::this_thread::sleep_for(30s);
    };
    EXPECT_EXIT(hang(), ::testing::KilledBySignal(SIGALRM), "");
}

}  // namespace
}  // namespace convlens
