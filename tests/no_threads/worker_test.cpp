/// app/ui/worker.h where there are no threads: poll() does the work.
#include "app/ui/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace convlens {
namespace {

using namespace std::chrono_literals;

static_assert(!has_threads);

/// A worker that multiplies by ten, and what it did.
struct Tens {
    int made = 0, wakes = 0;
    std::vector<int> computed;
    Worker<int, int> worker{[this] {
                                ++made;
                                return [this](const int& in, const Cancel& cancel) -> std::optional<int> {
                                    computed.push_back(in);
                                    cancel.report(0.5F);
                                    if (in < 0 || cancel.requested()) return std::nullopt;
                                    return in * 10;
                                };
                            },
                            [this] { ++wakes; }, 0ms};

    void submit(int in) { worker.submit(std::make_shared<const int>(in)); }
};

TEST(WorkerWithoutThreads, ComputesInPollAndOnlyTheNewestRequest) {
    Tens tens;
    EXPECT_EQ(tens.worker.poll(), std::nullopt);
    EXPECT_EQ(tens.made, 0) << "nothing was to be made for";
    for (const int i : {1, 2, 3}) tens.submit(i);
    EXPECT_TRUE(tens.worker.busy());
    EXPECT_TRUE(tens.computed.empty());
    EXPECT_EQ(tens.worker.poll(), 30);
    EXPECT_FALSE(tens.worker.busy());
    EXPECT_EQ(tens.worker.progress(), 0.5F);
    EXPECT_EQ(tens.worker.poll(), std::nullopt) << "an answer is returned once";
    tens.submit(4);
    EXPECT_EQ(tens.worker.poll(), 40);
    EXPECT_EQ(tens.computed, (std::vector{3, 4}));
    EXPECT_EQ(tens.made, 1);
}

TEST(WorkerWithoutThreads, WakesItsOwnerToPoll) {
    Tens tens;
    EXPECT_EQ(tens.wakes, 0);
    tens.submit(1);
    EXPECT_EQ(tens.wakes, 1);
}

TEST(WorkerWithoutThreads, GoesOnAfterAJobThatGaveUp) {
    Tens tens;
    tens.submit(-1);
    EXPECT_EQ(tens.worker.poll(), std::nullopt);
    EXPECT_FALSE(tens.worker.busy());
    tens.submit(5);
    EXPECT_EQ(tens.worker.poll(), 50);
}

TEST(WorkerWithoutThreads, DoesNotAskAJobToGiveUpForARequestThatItReplaced) {
    Tens tens;
    for (int i = 1; i <= 100; ++i) {
        tens.submit(-i);
        tens.submit(i);
        EXPECT_EQ(tens.worker.poll(), 10 * i);
    }
}

TEST(WorkerWithoutThreads, DropsARequestThatNobodyPolledFor) {
    std::vector<int> computed;
    {
        Worker<int, int> worker(
            [&] {
                return [&](const int& in, const Cancel&) {
                    computed.push_back(in);
                    return std::optional(in);
                };
            },
            [] {});
        worker.submit(std::make_shared<const int>(1));
    }
    EXPECT_TRUE(computed.empty());
}

}  // namespace
}  // namespace convlens
